"""A part of a person for somebody to read: rows by the names of their fields, times as instants."""

from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from services.profile.core.times import at

_MS = "_ms"


def readable(value: Any, *, are_times: bool = False) -> Any:
    """The value in dictionaries, lists and scalars, without what is empty; `are_times`: its numbers are times."""
    match value:
        case Struct():
            parts = asdict(value).items()
            return {
                name.removesuffix(_MS): readable(part, are_times=name.endswith(_MS))
                for name, part in parts
                if part or part == 0
            }
        case dict():
            return {key: readable(part, are_times=are_times) for key, part in value.items()}
        case list() | tuple():
            return [readable(part, are_times=are_times) for part in value]
        case int() if are_times:
            return moment(value)
        case _:
            return value


def moment(time_ms: int) -> str:
    """The time as a reader has it, to the second in UTC."""
    return f"{at(time_ms):%Y-%m-%d %H:%M:%S} UTC"
