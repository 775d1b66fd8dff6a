"""The machine's clock."""

import time
from datetime import datetime

from services.runtime import clock


class MachineClock:
    """The time as the runtime tells it."""

    def now(self) -> datetime:
        """Aware UTC."""
        return clock.now()

    def seconds(self) -> float:
        """Seconds of the machine's performance counter."""
        return time.perf_counter()
