"""The only place that looks at the wall clock: everything else is told `now`."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def now_ns() -> int:
    """The present instant in nanoseconds since the epoch, as spans have it."""
    return time.time_ns()


def now_ms() -> int:
    """The present instant in milliseconds since the epoch."""
    return int(now().timestamp() * 1000)
