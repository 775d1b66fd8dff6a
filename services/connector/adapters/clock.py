"""The machine's clock."""

import asyncio
from datetime import datetime

from services.runtime.clock import now


class MachineClock:
    """The time as the runtime tells it."""

    def now(self) -> datetime:
        """Aware UTC."""
        return now()

    async def sleep(self, seconds: float) -> None:
        """Let other mails go on meanwhile."""
        await asyncio.sleep(seconds)
