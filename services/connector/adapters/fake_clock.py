"""A clock that a test sets."""

from datetime import datetime


class FakeClock:
    """Starts where it is told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Where it stands."""
        return self.at
