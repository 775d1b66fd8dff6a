"""A clock that a test sets; sleeping moves it on at once."""

import asyncio
from datetime import datetime, timedelta


class FakeClock:
    """Starts where it is told; `naps_s` are the sleeps asked of it."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.naps_s: list[float] = []

    def now(self) -> datetime:
        """Where it stands."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Move on by so much, once the other tasks had their turn."""
        self.naps_s.append(seconds)
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)
