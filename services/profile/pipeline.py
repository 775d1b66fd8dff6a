"""The profile on one screen: records in, one step out; and a due trigger, decided. Pure and synchronous."""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from schemas.clean import Absorb, Rekey
from schemas.codec import decode as decode_event
from schemas.errors import DecodeError
from schemas.topics import EVENTS_CLEAN, PROFILE_SELF
from services.profile.core.decide import day_of, day_spent
from services.profile.core.packs import Unread, conversions_in, events_of
from services.profile.core.person import Person, decode, encode
from services.profile.core.reasons import Became, Count, Refusal
from services.profile.core.rules import Rules, compiled
from services.profile.core.step import Input, Read, Rejected, Step
from services.profile.core.take import broken, broken_record, if_conversion, look, take_absorb, take_event, take_rekey
from services.profile.core.timers import dues, is_due
from services.profile.core.work import Work, begun

__all__ = ["Input", "Read", "Rejected", "Rules", "Step", "advance", "compiled", "decode", "dues", "encode", "fire"]


def advance(inputs: Sequence[Input], position: Mapping[str, Any], read: Read, rules: Rules, now_ms: int) -> Step:
    """What the records lead to. An input at or below its offset is skipped whole; any bytes give a step.

    What cannot be read is rejected: of a pack each bad event, of which its dead letter holds the whole.

    Law: one call over many records equals one call after another over each, in values, sends and position.
    """
    work = begun(position, read, rules, now_ms)
    for each in inputs:
        if work.is_repeat(each):
            work.count(Count.REPEAT_RECORD)
            continue
        work.pass_to(each)
        try:
            _take(work, each)
        except DecodeError as error:
            work.reject(each, Refusal.UNDECODABLE, str(error))
            work.count(*[Became.REJECTED] * conversions_in(each.raw))
    return work.step()


def fire(person: str, value: Person, position: Mapping[str, Any], rules: Rules, now_ms: int) -> Step | None:
    """What a person's due triggers and mails that had their time lead to, or None where none is due; the state decides.

    `position` holds the day's count of asks, which the step's position continues.
    Law: firing the state it gives, at the same `now`, gives None.
    """
    if not is_due(value, now_ms):
        return None
    work = begun(position, {person: value}.get, rules, now_ms)
    state = work.state_of(person)
    due = state.triggers.due(state.identity.awaited_until_ms(), now_ms)
    work.tell(state.touches.end(now_ms))
    spent = day_spent(work.rest, now_ms)
    for purpose in due:
        spent = look(work, person, purpose, spent)
    work.rest["spent"] = {"day": day_of(now_ms), "decisions": spent}
    return work.step()


def _take(work: Work, each: Input) -> None:
    match each.topic:
        case EVENTS_CLEAN.short:
            for event in events_of(each.raw):
                if isinstance(event, Unread):
                    work.reject(each, Refusal.UNDECODABLE, event.detail)
                    work.count(*[Became.REJECTED] * event.is_conversion)
                elif (rule := broken(event)) is None:
                    take_event(work, event)
                else:
                    work.reject(each, Refusal.BROKEN_EVENT, rule)
                    work.count(*if_conversion(event, Became.REJECTED))
        case PROFILE_SELF.short:
            _take_own(work, each, decode_event(PROFILE_SELF, each.raw))
        case _:
            work.reject(each, Refusal.UNKNOWN_TOPIC, "expected events.clean or profile.self; came " + each.topic)


def _take_own(work: Work, each: Input, record: Absorb | Rekey) -> None:
    if (rule := broken_record(record)) is not None:
        work.reject(each, Refusal.BROKEN_EVENT, rule)
        work.count(*(if_conversion(record.event, Became.REJECTED) if isinstance(record, Rekey) else ()))
        return
    match record:
        case Absorb():
            take_absorb(work, record)
        case Rekey():
            take_rekey(work, record)
        case never:
            assert_never(never)
