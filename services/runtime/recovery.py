"""How long a stage takes until it stands where it was: what it reads before it works, and what is still to be read."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.runtime.metrics import RECOVERING_RECORDS, RECOVERY_SECONDS


@contextmanager
def recovering(stage: str) -> Iterator[Callable[[float], None]]:
    """Measure a recovery; the block is given what to tell of records that are still to be read.

    What ends in an error leaves the time of the last one that ended well, and what was left to read stands.
    """
    began = time.perf_counter()
    left = RECOVERING_RECORDS.labels(stage)
    yield left.set
    left.set(0)
    RECOVERY_SECONDS.labels(stage).set(time.perf_counter() - began)
