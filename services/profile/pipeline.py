"""The profile on one screen: records in, one step out; and a due trigger, decided. Pure and synchronous."""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from schemas.clean import Absorb, Rekey
from services.profile.core.apply import applying
from services.profile.core.decide import day_of, day_spent, decide_due
from services.profile.core.packs import Unsound, held
from services.profile.core.person import Person, decode, encode
from services.profile.core.rules import Rules, compiled
from services.profile.core.timers import dues, is_due
from services.profile.core.transition import Input, Read, Rejected, Transition

__all__ = [
    "Input",
    "Read",
    "Rejected",
    "Rules",
    "Transition",
    "advance",
    "compiled",
    "decode",
    "dues",
    "encode",
    "fire",
]


def advance(inputs: Sequence[Input], position: Mapping[str, Any], read: Read, rules: Rules, now_ms: int) -> Transition:
    """What the records lead to. An input at or below its offset is skipped whole; any bytes give a step.

    What cannot be read is rejected: of a pack each bad event, of which its dead letter holds the whole.

    Law: one call over many records equals one call after another over each, in values, sends and position.
    """
    step = applying(position, read, rules, now_ms)
    for each in inputs:
        if step.passes_to(each):
            record = held(each.topic, each.raw)
            for item in record.items:
                match item:
                    case dict():
                        step.event(item, record.whole)
                    case Unsound():
                        step.reject(each, item)
                    case Absorb():
                        step.absorb(item)
                    case Rekey():
                        step.rekey(item)
                    case never:
                        assert_never(never)
    return step.transition()


def fire(person: str, value: Person, position: Mapping[str, Any], rules: Rules, now_ms: int) -> Transition | None:
    """What a person's due triggers and mails that had their time lead to, or None where none is due; the state decides.

    `position` holds the day's count of asks, which the step's position continues.
    Law: firing the state it gives, at the same `now`, gives None.
    """
    if not is_due(value, now_ms):
        return None
    step = applying(position, {person: value}.get, rules, now_ms)
    state = step.person_of(person)
    due = state.triggers.due(state.identity.awaited_until_ms(), now_ms)
    step.end_mails(person)
    spent = day_spent(step.rest, now_ms)
    for purpose in due:
        spent = decide_due(step, person, purpose, spent)
    step.rest["spent"] = {"day": day_of(now_ms), "decisions": spent}
    return step.transition()
