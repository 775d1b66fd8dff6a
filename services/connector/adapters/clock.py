"""The machine's clock."""

from datetime import datetime

from services.runtime.clock import now


class MachineClock:
    """The time as the runtime tells it."""

    def now(self) -> datetime:
        """Aware UTC."""
        return now()
