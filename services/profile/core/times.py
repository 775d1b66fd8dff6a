"""Milliseconds since 1970, in which a person's times are kept, as the field's own values."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(time_ms: int) -> datetime:
    """The instant as aware UTC."""
    return EPOCH + timedelta(milliseconds=time_ms)
