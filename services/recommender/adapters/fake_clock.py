"""A clock that stands still until it is told: for tests."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class FakeClock:
    """A verified fake of the clock; each look at `seconds` moves it by `step_s`."""

    at: datetime
    step_s: float = 0.0
    passed_s: float = 0.0

    def now(self) -> datetime:
        """The instant it was set to, plus what has passed."""
        return self.at + timedelta(seconds=self.passed_s)

    def seconds(self) -> float:
        """What has passed."""
        self.passed_s += self.step_s
        return self.passed_s
