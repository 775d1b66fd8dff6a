"""States on their way: a call that links a person to this one says so here, and what is due waits for the state.

The state comes by `profile.self`, from a partition that may lag: without the wait a trigger that is due already, as
after a backlog, is decided on half a profile. A link that is refused brings nothing, and costs the wait.
"""

from collections.abc import Mapping
from typing import Any

from schemas.clean import CleanEvent
from services.profile.core.state import MAX_AWAITED, State, keep_newest

WAIT_MS = 60_000  # of the clock: no mail is worse for being a minute late, and a refused link costs as much
HELD_BYTES = 30  # what a trigger's `held` adds
_ROW_BYTES = 20  # of a person awaited, beside the person
_CHARACTER_BYTES = 4  # UTF-8

Entry = Mapping[str, Any]


def hear(state: State, event: CleanEvent, person: str, now_ms: int) -> int:
    """Note whose states the event's call has linked to this person; gives the bytes this adds at most.

    The clock says since when, since after a backlog the event is old already. Who was absorbed is not awaited, and
    the first hearing stands: a link that is refused, and so brings nothing, makes nobody wait again.
    """
    awaited, known = state["wait"], {person, *state["past"]}
    others = [each for each in event["links"] if each not in known]
    for other in others:
        awaited.setdefault(other, now_ms)
    keep_newest(awaited, MAX_AWAITED)
    return sum(_ROW_BYTES + _CHARACTER_BYTES * len(each) for each in others)


def arrived(state: State) -> None:
    """Await nobody who was absorbed: here, or before by whom one absorbs."""
    for person in state["past"]:
        state["wait"].pop(person, None)


def ends_ms(value: Mapping[str, Any]) -> int:
    """When each state that is awaited has had its time, in milliseconds; 0 where none is."""
    return max(value.get("wait", {}).values(), default=-WAIT_MS) + WAIT_MS


def is_to_wait(entry: Entry, value: Mapping[str, Any], now_ms: int) -> bool:
    """True for a due trigger that begins to wait; once it has, it does so until `free_ms` and not again."""
    return "held" not in entry and ends_ms(value) > now_ms


def free_ms(entry: Entry, value: Mapping[str, Any]) -> int:
    """When the trigger is looked at: when due, or when what it waits for has come or had its time."""
    due: int = entry["due"]
    held: int | None = entry.get("held")
    return due if held is None else max(due, min(ends_ms(value), held + WAIT_MS))


def was_in_vain(entry: Entry, value: Mapping[str, Any]) -> bool:
    """True if a trigger that is looked at has waited for a state that did not come."""
    return "held" in entry and ends_ms(value) > entry["held"]


def unheld(entry: Entry) -> dict[str, Any]:
    """The trigger as it is without its waiting."""
    return {key: part for key, part in entry.items() if key != "held"}
