"""Milliseconds since 1970, in which a person's times are kept: by name the first or the last, and as an instant."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(time_ms: int) -> datetime:
    """The instant as aware UTC."""
    return EPOCH + timedelta(milliseconds=time_ms)


def keep_first(times: dict[str, int], name: str, time_ms: int) -> None:
    """Note a time; the earliest stays. Law: any order and any repeats give one answer."""
    times[name] = min(time_ms, times.get(name, time_ms))


def keep_last(times: dict[str, int], name: str, time_ms: int) -> None:
    """Note a time; the latest stays. Law: any order and any repeats give one answer."""
    times[name] = max(time_ms, times.get(name, 0))
