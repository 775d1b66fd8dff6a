"""A pack taken apart where it does not decode as a whole, so that a bad event costs itself and not its neighbours."""

from dataclasses import dataclass
from typing import Any

import orjson

from schemas.clean import CleanEvent
from schemas.codec import decode, unframed
from schemas.errors import DecodeError
from schemas.topics import EVENTS_CLEAN

VERSION = 1  # of packs; another one is another format


@dataclass(frozen=True, slots=True)
class Unread:
    """An event of a pack that does not decode, and why."""

    detail: str
    is_conversion: bool


def events_of(raw: bytes | None) -> list[CleanEvent | Unread]:
    """The events of a pack in their order. Law: what decodes as a whole gives the same as its events one by one.

    Raises:
        DecodeError: it is no JSON, no pack of this version, or an empty one; nothing of it is folded.
    """
    try:
        events: list[CleanEvent | Unread] = decode(EVENTS_CLEAN, raw)["events"]
    except DecodeError:
        pack = _json(raw)
        parts = pack.get("events") if isinstance(pack, dict) and pack.get("v") == VERSION else None
        if not isinstance(parts, list) or not parts:
            raise
        return [_event(number, part) for number, part in enumerate(parts)]
    return events


def conversions_in(raw: bytes | None) -> int:
    """How many events of a pack or record that does not decode say that they are conversions; 0 of what is no JSON."""
    record = _json(raw)
    if not isinstance(record, dict):
        return 0
    events = record.get("events")
    return sum(_is_conversion(each) for each in (*(events if isinstance(events, list) else ()), record.get("event")))


def _event(number: int, part: Any) -> CleanEvent | Unread:
    try:
        event: CleanEvent = decode(EVENTS_CLEAN, orjson.dumps({"v": VERSION, "events": [part]}))["events"][0]
    except (DecodeError, orjson.JSONEncodeError) as error:  # it reads deeper nesting than it writes
        return Unread(f"event {number}: {error}", _is_conversion(part))
    return event


def _json(raw: bytes | None) -> Any:
    try:
        return orjson.loads(unframed(raw or b""))
    except orjson.JSONDecodeError:
        return None


def _is_conversion(part: Any) -> bool:
    return isinstance(part, dict) and part.get("kind") == "conversion"
