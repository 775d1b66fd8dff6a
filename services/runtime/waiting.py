"""What a service needs at its start and is away is waited for: said so, not ready, for as long as it takes."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.runtime.outcome import Unavailable
from services.runtime.process import Process
from services.runtime.retry import Backoff

AGAIN = Backoff(first_s=0.5, longest_s=5.0)
T = TypeVar("T")

log = logging.getLogger(__name__)


async def until_there(part: str, start: Callable[[], Awaitable[T]], process: Process) -> T | None:
    """What `start` gives once it does not raise `Unavailable`; None where told to stop first.

    `part`: of the process, as its health names it: not ready until then.
    """
    process.health.set_ready(part, is_ready=False)
    for tries in itertools.count():
        if process.stop.is_set():
            break
        try:
            given = await start()
        except Unavailable as error:
            process.watch.set_away(part, is_away=True)
            log.warning("away", extra={"part": part, "reason": str(error), "tries": tries})
        else:
            process.watch.set_away(part, is_away=False)
            process.health.set_ready(part, is_ready=True)
            return given
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.stop.wait(), AGAIN.wait_s(tries))
    return None


async def until_started(part: str, start: Callable[[], Awaitable[object]], process: Process) -> bool:
    """True once `start` does not raise `Unavailable`, as `until_there`; False where told to stop first."""

    async def started() -> bool:
        await start()
        return True

    return await until_there(part, started, process) is not None
