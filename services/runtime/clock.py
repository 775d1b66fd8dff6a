"""The only place that looks at the wall clock: everything else is told `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def now_ms() -> int:
    """The present instant in milliseconds since the epoch."""
    return int(now().timestamp() * 1000)
