"""An address or a folder that is in use is tried again for a while: who had it may be about to end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from services.runtime.outcome import AddressInUse, FolderInUse
from services.runtime.retry import Backoff

PATIENCE_S = 15.0  # longer than a process that drains (10 s) holds its port
WAITS = Backoff(first_s=0.1, longest_s=2.0)
T = TypeVar("T")

log = logging.getLogger(__name__)


async def until_free(
    listen: Callable[[], Awaitable[T]], stop: asyncio.Event, patience_s: float = PATIENCE_S
) -> T | None:
    """What `listen` gives as soon as the address, or the folder, is free; None where told to stop before.

    Raises:
        AddressInUse, FolderInUse: it was not free in all that time.
    """
    loop = asyncio.get_running_loop()
    until, tries = loop.time() + patience_s, 0
    while not stop.is_set():
        try:
            return await listen()
        except (AddressInUse, FolderInUse) as error:
            left_s = until - loop.time()
            if left_s <= 0:
                raise
            wait_s = min(left_s, WAITS.wait_s(tries))
            action = "address in use" if isinstance(error, AddressInUse) else "folder in use"
            log.warning(action, extra={"reason": str(error), "tries": tries, "wait_s": round(wait_s, 3)})
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait_s)
        tries += 1
    return None
