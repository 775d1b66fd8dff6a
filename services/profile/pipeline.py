"""The profile on one screen: records in, one step out; and a due trigger, decided. Pure and synchronous."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.clean import Absorb, Rekey
from schemas.codec import decode as decode_event
from schemas.errors import DecodeError
from schemas.topics import EVENTS_CLEAN, PROFILE_SELF
from services.profile.core.apply import Applying, applying
from services.profile.core.decide import day_of, day_spent, decide_due
from services.profile.core.packs import Unsound, broken_record, conversions_in, pack_of
from services.profile.core.person import Person, decode, encode
from services.profile.core.reasons import Refusal
from services.profile.core.rules import Rules, compiled
from services.profile.core.step import Input, Read, Rejected, Step
from services.profile.core.timers import dues, is_due

__all__ = ["Input", "Read", "Rejected", "Rules", "Step", "advance", "compiled", "decode", "dues", "encode", "fire"]


def advance(inputs: Sequence[Input], position: Mapping[str, Any], read: Read, rules: Rules, now_ms: int) -> Step:
    """What the records lead to. An input at or below its offset is skipped whole; any bytes give a step.

    What cannot be read is rejected: of a pack each bad event, of which its dead letter holds the whole.

    Law: one call over many records equals one call after another over each, in values, sends and position.
    """
    step = applying(position, read, rules, now_ms)
    for each in inputs:
        if step.passes_to(each):
            try:
                _apply(step, each)
            except DecodeError as error:
                step.reject(each, Refusal.UNDECODABLE, str(error), conversions_in(each.raw))
    return step.step()


def fire(person: str, value: Person, position: Mapping[str, Any], rules: Rules, now_ms: int) -> Step | None:
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
    return step.step()


def _apply(step: Applying, each: Input) -> None:
    match each.topic:
        case EVENTS_CLEAN.short:
            pack = pack_of(each.raw)
            for event in pack.events:
                if isinstance(event, Unsound):
                    step.reject(each, event.reason, event.detail, event.is_conversion)
                else:
                    step.event(event, pack.whole)
        case PROFILE_SELF.short:
            record: Absorb | Rekey = decode_event(PROFILE_SELF, each.raw)
            if (rule := broken_record(record)) is not None:
                step.reject(each, Refusal.BROKEN_EVENT, rule, conversions_in(each.raw))
            elif isinstance(record, Absorb):
                step.absorb(record)
            else:
                step.rekey(record)
        case _:
            step.reject(each, Refusal.UNKNOWN_TOPIC, "expected events.clean or profile.self; came " + each.topic, 0)
