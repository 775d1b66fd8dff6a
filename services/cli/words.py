"""Words that several verbs take, read from what was typed; one that is none is a usage error."""

from dataclasses import dataclass
from datetime import datetime

import typer


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies in a topic."""

    partition: int
    offset: int


def instant(text: str) -> datetime:
    """A date or an instant; without a zone it is UTC."""
    from services.runtime.typed import instant_of

    try:
        return instant_of(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def place(text: str) -> Place:
    """A place in a topic, as `list` shows it."""
    partition, slash, offset = text.partition("/")
    if not slash or not all(each.isascii() and each.isdecimal() for each in (partition, offset)):
        raise typer.BadParameter(f"expected PARTITION/OFFSET, as 2/1042; came {text}")
    return Place(int(partition), int(offset))
