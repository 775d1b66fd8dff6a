"""A consumer that is told to stop stops whole, whatever it is about: it raises nothing and leaves no connection open.

aiokafka 0.14.0 calls off its pending fetches one by one and waits for each. One that pauses after a broker has gone, or
a routine that had no turn yet, ends with CancelledError, which passes through `stop`: as if the caller had been called
off, with the other fetches still pending and the client open, and a second `stop` does nothing.
"""

import asyncio
from typing import Any

from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import NoGroupCoordinator


def close_whole() -> None:
    """Let every consumer close all it has. Idempotent."""
    if getattr(Fetcher.close, "is_whole", False):
        return
    close, close_groupless = Fetcher.close, NoGroupCoordinator.close

    async def whole(self: Any) -> None:
        self._fetch_task.cancel()  # first: it begins fetches
        pending = {*self._pending_tasks}
        for each in pending:
            each.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        self._pending_tasks -= pending
        await close(self)

    async def begun(self: Any) -> None:
        await asyncio.sleep(0)  # its routine has a turn; one called off before it ends with the error
        await close_groupless(self)

    whole.is_whole = True  # type: ignore[attr-defined]
    Fetcher.close, NoGroupCoordinator.close = whole, begun
