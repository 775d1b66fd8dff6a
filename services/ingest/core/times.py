"""When an event happened, by a clock that may be wrong. Law: the same call and receive time give the same time."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

FUTURE_MS = 5 * 60_000  # a browser's clock may be this far ahead after the correction; more is a broken clock
PAST_MS = 30 * 86_400_000  # what a browser may have kept offline
MAX_TEXT = 100  # characters of a time
_SECONDS_BELOW = 1e11  # a greater number counts smaller units: as seconds it would be the year 5138
_NOTHING_FROM = 1e20
_UNITS = ((1e17, 1_000_000), (1e14, 1_000), (_SECONDS_BELOW, 1))  # from how many on: nano-, micro-, milliseconds
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_JAVASCRIPT = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2} \d{2} \d{4} \d{2}:\d{2}:\d{2}) (?:GMT|UTC)([+-]\d{4})(?: \(.*\))?"
)
_GO = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?) ([+-]\d{4})(?: \S+)?(?: m=\S+)?")


def event_time_ms(call: Mapping[str, Any], received_ms: int, *, is_trusted: bool) -> tuple[int, bool]:
    """When the call says it happened, in milliseconds, corrected by the sender's own clock; and whether it was clamped.

    `received - (sent - original)`: only the difference between two times of one clock is believed. A `timestamp` that
    stands beside another `originalTimestamp` is corrected already, or is what a caller knows of another time: it is
    taken as it is. A time more than 5 minutes ahead is the receive time; a browser's is at most 30 days old. Sources:
    Segment's specification, "Common fields", timestamps; rudder-server, `enhanceWithTimeFields`.
    """
    original = said_time(call)
    if original is None:
        return received_ms, False
    happened, sent, stated = instant_ms(original), instant_ms(call.get("sentAt")), call.get("timestamp")
    if stated != original and (stated_ms := instant_ms(stated)) not in {None, happened}:
        happened, sent = stated_ms, None
    if happened is None:
        return received_ms, True
    time_ms = happened if sent is None else received_ms - (sent - happened)
    earliest = 0 if is_trusted else max(0, received_ms - PAST_MS)
    if time_ms > received_ms + FUTURE_MS:
        return received_ms, True
    if time_ms < earliest:
        return earliest, True
    return time_ms, False


def said_time(call: Mapping[str, Any]) -> Any:
    """When the call says it happened, as it stands; the same at each try of a client."""
    original = call.get("originalTimestamp")
    return call.get("timestamp") if original is None else original


def instant_ms(value: object) -> int | None:
    """Milliseconds since 1970 of a time as trackers write it; None where it is none.

    RFC 3339 and ISO 8601, RFC 2822, what JavaScript's `Date` and Go's `Time` print, and numbers since 1970, whose size
    tells seconds, milli-, micro- or nanoseconds. What names no zone is UTC.
    """
    if isinstance(value, str):
        said = value.strip()[:MAX_TEXT]
        if said[4:5] == "-":  # as nearly all: a year, and so no number
            return _of_text(said)
        return _epoch_ms(_number(said)) if _NUMBER.fullmatch(said) else _of_text(said)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _epoch_ms(value)
    return None


def _of_text(said: str) -> int | None:
    for read in (datetime.fromisoformat, _javascript, _go, parsedate_to_datetime):
        try:
            moment = read(said)
            return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000)
        except (ValueError, OverflowError, TypeError):
            continue
    return None


def _javascript(said: str) -> datetime:
    """`Fri Nov 27 2026 18:44:43 GMT+0100 (Central European Standard Time)`."""
    found = _JAVASCRIPT.fullmatch(said)
    return datetime.strptime(" ".join(found.groups()) if found else "", "%b %d %Y %H:%M:%S %z")


def _go(said: str) -> datetime:
    """`2026-11-27 18:44:43.123456789 +0100 CET m=+0.01`."""
    found = _GO.fullmatch(said)
    return datetime.fromisoformat("{}T{}{}".format(*found.groups()) if found else "")


def _number(said: str) -> float:
    return float(said) if "." in said else int(said)


def _epoch_ms(number: float) -> int | None:
    size = abs(number)
    if not size < _NOTHING_FROM:
        return None
    for above, a_millisecond in _UNITS:
        if size >= above:
            return int(number // a_millisecond)
    return int(number * 1_000)
