"""A record as what it holds: each event sound, or refused by itself, so that a bad one costs itself alone.

The usual pack is decoded in one pass, into bounded events. That refuses more than the topic's adapter and never less:
what it refuses, and what it does not keep, is asked of the adapter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import orjson
from msgspec import UNSET, Meta, MsgspecError, Struct
from msgspec.json import Decoder

from schemas.clean import KINDS, Absorb, CleanEvent, Rekey
from schemas.codec import decode, unframed
from schemas.errors import DecodeError
from schemas.mailbox import Answer, Heard, Reserve, Tell
from schemas.topics import EVENTS_CLEAN, PROFILE_SELF
from services.profile.core.event import LAST_MS, MAX_PERSON, MAX_PLACE, Event, clean, event_of
from services.profile.core.hearing import hears, privacy_claim
from services.profile.core.reasons import Refusal

VERSION = 1  # of packs; another one is another format
MOST = 200  # events of a pack
PREFIXES = frozenset({"u:", "e:", "a:"})
USUAL = KINDS - {"linked", "feedback", "privacy"}  # kinds that need no part of their own


class Pack(Struct):
    """A pack whose events are within their bounds."""

    v: Literal[1]
    events: Annotated[list[Event], Meta(min_length=1, max_length=MOST)]


@dataclass(frozen=True, slots=True)
class Unsound:
    """An event or a record that is not folded, why, and how many conversions are lost with it."""

    reason: Refusal
    detail: str
    conversions: int


Own: TypeAlias = Absorb | Rekey | Reserve | Tell | Answer | Heard
"""What profiles send each other, and the homes of mailboxes."""
Item: TypeAlias = Event | Own | Unsound
"""One thing a record holds, without the parts of events that this version does not know."""


def held(topic: str, raw: bytes | None) -> Sequence[Item]:
    """What a record of the topic with this short name holds. Any bytes give something: at worst why they are refused.

    Law: a pack that decodes in one pass gives the same as its events one by one, but for an event of which a part that
    nobody knows nests deeper than the adapter reads: in one pass that part alone is lost.
    """
    try:
        if topic == EVENTS_CLEAN.short:
            return _pack(raw)
        if topic == PROFILE_SELF.short:
            return [_own(raw)]
    except DecodeError as error:
        return [Unsound(Refusal.UNDECODABLE, str(error), _conversions_in(raw))]
    return [Unsound(Refusal.UNKNOWN_TOPIC, f"expected events.clean or profile.self; came {topic}", 0)]


def wholes(pack: bytes) -> dict[int, CleanEvent]:
    """The sound events of a pack by their places, with the parts that only a later version knows.

    One of which such a part nests too deep to be read is there without.
    """
    at_once = dict(enumerate(map(clean, _at_once(pack) or ())))
    try:
        alone = _one_by_one(pack)
    except DecodeError:  # the one pass goes through more levels than they who read each by itself
        return at_once
    return at_once | {place: each for place, each in enumerate(alone) if not isinstance(each, Unsound)}


def broken(event: CleanEvent) -> str | None:
    """Which rule the event breaks, or None: what its shape alone cannot say."""
    if not (0 <= event["time_ms"] < LAST_MS and 0 <= event["received_ms"] < LAST_MS):
        return "time_ms and received_ms must be milliseconds since 1970, before the year 10000"
    if len(event["person"]) > MAX_PERSON:
        return f"person must have at most {MAX_PERSON} characters"
    _, partition, offset, place = event["at"]
    if not (0 <= partition < MAX_PLACE and 0 <= offset < MAX_PLACE and 0 <= place < MAX_PLACE):
        return "at must hold whole numbers from 0"
    return _unfinished(event)


def _pack(raw: bytes | None) -> Sequence[Item]:
    events = _at_once(raw) if raw else None
    if events is not None and all(map(_is_sound, events)):
        return events
    return [each if isinstance(each, Unsound) else _sound(each) for each in _one_by_one(raw)]


def _own(raw: bytes | None) -> Own | Unsound:
    record: Own = decode(PROFILE_SELF, raw)
    if not isinstance(record, Absorb | Rekey):
        return record
    persons = (record.person, record.from_person)
    if any(len(each) > MAX_PERSON or each[:2] not in PREFIXES for each in persons):
        rule: str | None = f"both persons must begin with u:, e: or a: and have at most {MAX_PERSON} characters"
    else:
        rule = broken(record.event) if isinstance(record, Rekey) else None
    return record if rule is None else Unsound(Refusal.BROKEN_EVENT, rule, _conversions_in(raw))


def _conversions_in(raw: bytes | None) -> int:
    """How many events of what is refused whole say that they are conversions; 0 of what is no JSON."""
    record = _json(raw)
    if not isinstance(record, dict):
        return 0
    events = record.get("events")
    return sum(_is_conversion(each) for each in (*(events if isinstance(events, list) else ()), record.get("event")))


def _at_once(raw: bytes) -> list[Event] | None:
    """The events, or None where the adapter has to be asked."""
    try:
        body = unframed(raw)
        events = _decode(body).events
        str(body, "utf-8")  # also what is passed over has to be text
    except (MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return events


def _is_sound(event: Event) -> bool:
    """True if the event keeps what its bounds do not say."""
    if event.person[:2] not in PREFIXES:
        return False
    if event.kind in USUAL and event.links is UNSET and event.privacy is UNSET:
        return True
    links = event.links or ()
    return all(each[:2] in PREFIXES and len(each) <= MAX_PERSON for each in links) and _unfinished(clean(event)) is None


def _one_by_one(raw: bytes | None) -> list[CleanEvent | Unsound]:
    try:
        events: list[CleanEvent | Unsound] = decode(EVENTS_CLEAN, raw)["events"]
    except DecodeError:
        pack = _json(raw)
        parts = pack.get("events") if isinstance(pack, dict) and pack.get("v") == VERSION else None
        if not isinstance(parts, list) or not parts:
            raise
        return [_event(number, part) for number, part in enumerate(parts)]
    return events


def _event(number: int, part: Any) -> CleanEvent | Unsound:
    try:
        event: CleanEvent = decode(EVENTS_CLEAN, orjson.dumps({"v": VERSION, "events": [part]}))["events"][0]
    except (DecodeError, orjson.JSONEncodeError) as error:  # it reads deeper nesting than it writes
        return Unsound(Refusal.UNDECODABLE, f"event {number}: {error}", _is_conversion(part))
    return event


def _sound(event: CleanEvent) -> Event | Unsound:
    why = broken(event)
    return event_of(event) if why is None else Unsound(Refusal.BROKEN_EVENT, why, _is_conversion(event))


def _unfinished(event: CleanEvent) -> str | None:
    kind = event["kind"]
    if kind == "linked":
        known = event.get("link", "")
        is_sound = known[:2] in PREFIXES and len(known) <= MAX_PERSON
        return None if is_sound else "an event of kind linked needs link, a person"
    if kind in {"feedback", "privacy"} and kind not in event:
        return f"an event of kind {kind} needs {kind}"
    is_of_kind = kind == "privacy" or kind not in KINDS  # a later version's kind may be one of privacy
    if "privacy" in event and not (is_of_kind and hears(privacy_claim(event["privacy"]), event)):
        return "privacy needs an event of kind privacy, of somebody who may say it"
    return None


def _json(raw: bytes | None) -> Any:
    try:
        return orjson.loads(unframed(raw or b""))
    except orjson.JSONDecodeError:
        return None


def _is_conversion(part: Any) -> bool:
    return isinstance(part, dict) and part.get("kind") == "conversion"


_decode = Decoder(Pack).decode
