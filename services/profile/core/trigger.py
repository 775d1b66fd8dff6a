"""A trigger that waits: opened by a conversion, looked at when it is due and no state is on its way.

A state that a link sends comes by `profile.self`, from a partition that may lag: without the wait a trigger that is due
already, as after a backlog, is decided on half a profile. A link that is refused brings nothing, and costs the wait.
"""

from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from schemas.recommendation import SendTimeReason, ZoneSource
from services.profile.core.reasons import Reason

WAIT_MS = 60_000  # of the clock: no mail is worse for being a minute late, and a refused link costs as much
HELD_BYTES = 30  # what a trigger's `held_ms` adds
ANSWER_MS = 60_000  # of the clock: after so long the home of the mailbox is asked again, and what it answered is stale
ASKED_BYTES = 450  # what a trigger's `asked` adds


class Asked(Struct, array_like=True, frozen=True, gc=False):
    """When the home of a mailbox was asked to reserve the mail, which, and whether it has."""

    time_ms: int
    mailbox: str
    is_reserved: bool


class SendTime(Struct, frozen=True, omit_defaults=True, gc=False):
    """How the trigger's hour was looked for: once. `schemas.recommendation.SendTime` says what each part is."""

    reason: SendTimeReason
    was_due_ms: int
    evidence: float
    score_due: float
    zone_source: ZoneSource
    zone: str | None = None
    experiment: str = ""
    best_ms: int | None = None
    score_best: float | None = None


class Trigger(Struct, frozen=True, omit_defaults=True, gc=False):
    """What opened it, since when and until when it waits, which try.

    `held_ms`: since when, though due, it waits for the state that a link sends. `speaker` told of it, else a server.
    `trace`: the `traceparent` that came with what opened it, for the decision that a timer makes of it. `send_time`:
    what was found out of the hour in which it is best sent. `asked`: of which mailbox's home it was asked whether the
    mail may go.
    """

    purpose: str
    playbook: str
    event: str
    name: str
    time_ms: int
    opened_ms: int
    due_ms: int
    tries: int
    item: str | None = None
    title: str | None = None
    speaker: str | None = None
    held_ms: int | None = None
    trace: str | None = None
    asked: Asked | None = None
    send_time: SendTime | None = None


Ended: TypeAlias = tuple[Trigger, Reason]


def is_to_wait(trigger: Trigger, awaited_until_ms: int, now_ms: int) -> bool:
    """True for a due trigger that begins to wait; once it has, it does so until `free_ms` and not again."""
    return trigger.held_ms is None and awaited_until_ms > now_ms


def free_ms(trigger: Trigger, awaited_until_ms: int) -> int:
    """When the trigger is looked at: when due, or when what it waits for has come or had its time."""
    free_ms, asked = trigger.due_ms, trigger.asked
    if trigger.held_ms is not None:
        free_ms = max(free_ms, min(awaited_until_ms, trigger.held_ms + WAIT_MS))
    if asked is not None and not asked.is_reserved:
        free_ms = max(free_ms, asked.time_ms + ANSWER_MS)
    return free_ms


def was_in_vain(trigger: Trigger, awaited_until_ms: int) -> bool:
    """True if a trigger that is looked at has waited for a state that did not come."""
    return trigger.held_ms is not None and awaited_until_ms > trigger.held_ms


def unheld(trigger: Trigger) -> Trigger:
    """The trigger as it is without its waiting, for a state or for an answer."""
    if trigger.held_ms is None and trigger.asked is None:
        return trigger
    return replace(trigger, held_ms=None, asked=None)
