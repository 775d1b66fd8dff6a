"""A trigger that waits: opened by a conversion, looked at when it is due and no state is on its way.

A state that a link sends comes by `profile.self`, from a partition that may lag: without the wait a trigger that is due
already, as after a backlog, is decided on half a profile. A link that is refused brings nothing, and costs the wait.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from services.profile.core.reasons import Reason

WAIT_MS = 60_000  # of the clock: no mail is worse for being a minute late, and a refused link costs as much
HELD_BYTES = 30  # what a trigger's `held` adds


class Trigger(NamedTuple):
    """What opened it, since when and until when it waits, which try.

    `held_ms`: since when, though due, it waits for the state that a link sends. `speaker` told of it, else a server.
    `rest`: what a later version wrote of it, kept.
    """

    purpose: str
    playbook: str
    event: str
    name: str
    item: str | None
    title: str | None
    time_ms: int
    opened_ms: int
    due_ms: int
    tries: int
    speaker: str | None = None
    held_ms: int | None = None
    rest: Mapping[str, Any] | None = None


Ended: TypeAlias = tuple[Trigger, Reason]


def decoded(stored: Mapping[str, Any]) -> Trigger:
    """The trigger that was stored."""
    rest = dict(stored)
    take = rest.pop
    return Trigger(
        take("purpose"), take("playbook"), take("event"), take("name"), take("item"), take("title"),
        take("time"), take("opened"), take("due"), take("tries"),
        take("speaker", None), take("held", None), rest or None,
    )  # fmt: skip


def encoded(trigger: Trigger) -> dict[str, Any]:
    """The trigger as it is stored."""
    stored: dict[str, Any] = {
        "purpose": trigger.purpose, "playbook": trigger.playbook, "event": trigger.event, "name": trigger.name,
        "item": trigger.item, "title": trigger.title, "time": trigger.time_ms, "opened": trigger.opened_ms,
        "due": trigger.due_ms, "tries": trigger.tries,
    }  # fmt: skip
    if trigger.speaker is not None:
        stored["speaker"] = trigger.speaker
    if trigger.held_ms is not None:
        stored["held"] = trigger.held_ms
    return {**stored, **(trigger.rest or {})}


def is_to_wait(trigger: Trigger, awaited_until_ms: int, now_ms: int) -> bool:
    """True for a due trigger that begins to wait; once it has, it does so until `free_ms` and not again."""
    return trigger.held_ms is None and awaited_until_ms > now_ms


def free_ms(trigger: Trigger, awaited_until_ms: int) -> int:
    """When the trigger is looked at: when due, or when what it waits for has come or had its time."""
    if trigger.held_ms is None:
        return trigger.due_ms
    return max(trigger.due_ms, min(awaited_until_ms, trigger.held_ms + WAIT_MS))


def was_in_vain(trigger: Trigger, awaited_until_ms: int) -> bool:
    """True if a trigger that is looked at has waited for a state that did not come."""
    return trigger.held_ms is not None and awaited_until_ms > trigger.held_ms


def unheld(trigger: Trigger) -> Trigger:
    """The trigger as it is without its waiting."""
    return trigger._replace(held_ms=None)
