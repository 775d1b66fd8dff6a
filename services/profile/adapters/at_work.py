"""Work on a partition that nobody else may do at once, and that is seen not to end."""

import contextlib
from collections.abc import AsyncIterator

from services.profile.adapters.faust_partition import Partition
from services.runtime.watch import Progress


@contextlib.asynccontextmanager
async def at_work(partition: Partition, part: Progress) -> AsyncIterator[None]:
    """The partition's lock; who waits for it is at work too, and so is who waits for the broker behind it.

    Else a commit that never ends would be waited for by all, alive. Packs and timers are two parts: the timers of other
    partitions get on, and must not speak for the packs.
    """
    part.take()
    try:
        async with partition.lock:
            yield
    finally:
        part.give()
