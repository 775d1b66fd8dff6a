"""A record as what it holds: each event sound, or refused by itself, so that a bad one costs itself alone.

The usual pack is decoded in one pass, by shapes made of the topic's own (a third of the cost). They refuse more than
the topic's adapter and never less: what they refuse, and what they do not keep, is asked of the adapter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypeAlias, get_args, get_origin

import orjson
from msgspec import MsgspecError
from msgspec.json import Decoder
from pydantic import JsonValue
from typing_extensions import TypedDict, get_type_hints, is_typeddict

from schemas import clean as ingested
from schemas.clean import Absorb, CleanEvent, Rekey
from schemas.codec import decode, unframed
from schemas.errors import DecodeError
from schemas.topics import EVENTS_CLEAN, PROFILE_SELF
from services.profile.core.facet import KINDS
from services.profile.core.reasons import Refusal

VERSION = 1  # of packs; another one is another format
MOST = 200  # events of a pack
MAX_ID = 100  # characters
MAX_PERSON = 300  # characters: of every later event
MAX_PLACE = 2**53
LAST_MS = 253_402_300_800_000  # the year 10000, which no date can hold
PREFIXES = frozenset({"u:", "e:", "a:"})
Said: TypeAlias = str | bool | int | float | None  # in properties and traits, alone or in a list
USUAL = KINDS - {"linked", "feedback", "privacy"}  # kinds that need no part of their own


@dataclass(frozen=True, slots=True)
class Unsound:
    """An event or a record that is not folded, why, and how many conversions are lost with it."""

    reason: Refusal
    detail: str
    conversions: int


@dataclass(slots=True)
class Held:
    """What a record holds, in its order, without the parts of events that this version does not know."""

    raw: bytes | None
    items: Sequence[CleanEvent | Absorb | Rekey | Unsound]
    _wholes: Sequence[CleanEvent | Unsound] = field(default=())

    def whole(self, event: CleanEvent) -> CleanEvent:
        """An event of a pack with the parts that only a later version knows; without, if they nest too deep to read."""
        self._wholes = self._wholes or _one_by_one(self.raw)
        place = next(place for place, each in enumerate(self.items) if each is event)
        whole = self._wholes[place]
        return event if isinstance(whole, Unsound) else whole


def held(topic: str, raw: bytes | None) -> Held:
    """What a record of the topic with this short name holds. Any bytes give something: at worst why they are refused.

    Law: a pack that decodes in one pass gives the same as its events one by one, but for an event of which a part that
    nobody knows nests deeper than the adapter reads: in one pass that part alone is lost.
    """
    try:
        if topic == EVENTS_CLEAN.short:
            return _pack(raw)
        if topic == PROFILE_SELF.short:
            return Held(raw, [_own(raw)])
    except DecodeError as error:
        return Held(raw, [Unsound(Refusal.UNDECODABLE, str(error), _conversions_in(raw))])
    return Held(raw, [Unsound(Refusal.UNKNOWN_TOPIC, f"expected events.clean or profile.self; came {topic}", 0)])


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


def _pack(raw: bytes | None) -> Held:
    events = _at_once(raw) if raw else None
    if events is not None and all(map(_is_usual, events)):
        return Held(raw, events)
    if events is None or not all(map(_is_plain, events)):
        return Held(raw, [each if isinstance(each, Unsound) else _sound(each) for each in _one_by_one(raw)])
    return Held(raw, [_sound(each) for each in events])


def _own(raw: bytes | None) -> Absorb | Rekey | Unsound:
    record: Absorb | Rekey = decode(PROFILE_SELF, raw)
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


def _at_once(raw: bytes) -> list[CleanEvent] | None:
    """The events, or None where the adapter has to be asked."""
    try:
        body = unframed(raw)
        pack = _decode(body)
        str(body, "utf-8")  # also what is passed over has to be text
    except (MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    events: list[CleanEvent] = pack["events"]
    return events if 0 < len(events) <= MOST else None


def _is_usual(event: CleanEvent) -> bool:
    """True if the event keeps all that its shape does not say, as nearly all do: one look for what is asked apart."""
    person, (_, partition, offset, place) = event["person"], event["at"]
    return (
        event["kind"] in USUAL
        and "links" not in event
        and "privacy" not in event
        and 0 < len(event["id"]) <= MAX_ID
        and person[:2] in PREFIXES
        and len(person) <= MAX_PERSON
        and 0 <= event["time_ms"] < LAST_MS
        and 0 <= event["received_ms"] < LAST_MS
        and 0 <= partition < MAX_PLACE
        and 0 <= offset < MAX_PLACE
        and 0 <= place < MAX_PLACE
    )


def _is_plain(event: CleanEvent) -> bool:
    """True if the event keeps what its shape does not say."""
    return (
        0 < len(event["id"]) <= MAX_ID
        and event["person"][:2] in PREFIXES
        and ("links" not in event or all(each[:2] in PREFIXES and len(each) <= MAX_PERSON for each in event["links"]))
    )


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


def _sound(event: CleanEvent) -> CleanEvent | Unsound:
    why = broken(event)
    return event if why is None else Unsound(Refusal.BROKEN_EVENT, why, _is_conversion(event))


def _unfinished(event: CleanEvent) -> str | None:
    kind = event["kind"]
    if kind == "linked":
        known = event.get("link", "")
        is_sound = known[:2] in PREFIXES and len(known) <= MAX_PERSON
        return None if is_sound else "an event of kind linked needs link, a person"
    if kind in {"feedback", "privacy"} and kind not in event:
        return f"an event of kind {kind} needs {kind}"
    is_of_kind = kind == "privacy" or kind not in KINDS  # a later version's kind may be one of privacy
    if "privacy" in event and not (is_of_kind and event["trusted"]):
        return "privacy needs an event of kind privacy that is trusted"
    return None


def _json(raw: bytes | None) -> Any:
    try:
        return orjson.loads(unframed(raw or b""))
    except orjson.JSONDecodeError:
        return None


def _is_conversion(part: Any) -> bool:
    return isinstance(part, dict) and part.get("kind") == "conversion"


def _shape(of: Any) -> Any:
    """The type as msgspec takes it: without pydantic's marks, and of any JSON what properties hold."""
    if is_typeddict(of):
        parts = {name: _shape(each) for name, each in get_type_hints(of).items()}
        named = {name: each if name in of.__required_keys__ else NotRequired[each] for name, each in parts.items()}
        return TypedDict(of.__name__, named)  # type: ignore[operator] # made of another one
    if get_origin(of) in {list, dict}:
        return get_origin(of)[tuple(map(_shape, get_args(of)))]
    return Said | list[Said] if of is JsonValue else of


_decode = Decoder(_shape(ingested.Pack)).decode
