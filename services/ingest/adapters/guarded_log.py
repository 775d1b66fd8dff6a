"""A log that says at once what it cannot keep: a bounded queue before it, and no waiting for a Kafka that is away."""

from collections.abc import Callable, Sequence

from services.ingest.core.breaker import Breaker
from services.ingest.core.load import Load
from services.ingest.core.records import Batch, Outgoing
from services.ingest.ports import Log, QueueFull
from services.runtime.outcome import Unavailable

RECORD_BYTES = 1_000  # of a record beside its own bytes: its objects here and in the producer (measured November 2026)


class GuardedLog:
    """Another log, `most_bytes` of whose records may wait for their acks; `now_s` is a clock that only grows."""

    def __init__(self, log: Log, most_bytes: int, now_s: Callable[[], float]) -> None:
        self._log = log
        self._queue = Load(most_bytes)
        self._breaker = Breaker()
        self._now_s = now_s

    async def append(self, records: Sequence[Outgoing]) -> None:
        """Keep the records, or say at once that they are not kept."""
        size = sum(map(_size, records))
        if not self._queue.take(size):
            raise QueueFull(f"{self._queue.held} bytes wait for Kafka already")
        try:
            if not self._breaker.lets(self._now_s()):
                raise Unavailable("Kafka did not answer a moment ago")
            await self._kept(records)
        finally:
            self._queue.give(size)

    async def append_batch(self, batch: Batch) -> None:
        """Keep a batch as the other log does."""
        await self._log.append_batch(batch)

    async def _kept(self, records: Sequence[Outgoing]) -> None:
        try:
            await self._log.append(records)
        except Unavailable:
            self._breaker.failed(self._now_s())
            raise
        self._breaker.succeeded()


def _size(record: Outgoing) -> int:
    return RECORD_BYTES + len(record.value or b"") + len(record.key or b"")
