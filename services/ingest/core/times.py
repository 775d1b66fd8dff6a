"""When an event happened, by a clock that may be wrong. Law: the same call and receive time give the same time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FUTURE_MS = 5 * 60_000  # a browser's clock may be this far ahead after the correction; more is a broken clock
PAST_MS = 30 * 86_400_000  # what a browser may have kept offline
EPOCH_MS_FROM = 1e11  # a number from here on counts milliseconds: as seconds it would be the year 5138


def event_time_ms(call: Mapping[str, Any], received_ms: int, *, is_trusted: bool) -> tuple[int, bool]:
    """When the call says it happened, in milliseconds, corrected by the sender's own clock; and whether it was clamped.

    `received - (sent - original)`: only the difference between two times of one clock is believed. A time more than
    5 minutes ahead is the receive time; a browser's is at most 30 days old. Source: Segment's specification, "Common
    fields", timestamps.
    """
    original = said_time(call)
    if original is None:
        return received_ms, False
    happened = instant_ms(original)
    if happened is None:
        return received_ms, True
    sent = instant_ms(call.get("sentAt"))
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
    """Milliseconds since 1970 of RFC 3339 text or of epoch seconds or milliseconds; None where it is neither."""
    if isinstance(value, str):
        if value.isascii() and value.isdigit():
            return _epoch_ms(int(value[:16]))
        try:
            moment = datetime.fromisoformat(value)
            return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000)
        except (ValueError, OverflowError):
            return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _epoch_ms(value)
    return None


def _epoch_ms(number: float) -> int:
    return int(number if abs(number) >= EPOCH_MS_FROM else number * 1_000)
