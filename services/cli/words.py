"""Words that several verbs take, read from what was typed; one that is none is a usage error."""

from dataclasses import dataclass
from datetime import UTC, datetime

import typer


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies in a topic."""

    partition: int
    offset: int


def instant(text: str) -> datetime:
    """A date or an instant; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"expected a date or an instant, as 2026-11-03T09:30; came {text}") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def place(text: str) -> Place:
    """A place in a topic, as `list` shows it."""
    partition, slash, offset = text.partition("/")
    if not slash or not all(each.isascii() and each.isdecimal() for each in (partition, offset)):
        raise typer.BadParameter(f"expected PARTITION/OFFSET, as 2/1042; came {text}")
    return Place(int(partition), int(offset))
