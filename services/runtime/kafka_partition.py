"""One owned input partition: its records in flight, its order per key, its transactional producer.

Law: what is committed is always a contiguous prefix of what was taken, and the outputs of that prefix exactly.
"""

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from aiokafka.structs import TopicPartition

from services.runtime import metrics
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_owned import Share
from services.runtime.kafka_records import RawRecord, Record
from services.runtime.kafka_transaction import Transactor

log = logging.getLogger(__name__)

LINGER_S = 0.005  # how long a finished prefix waits for company: a transaction costs 1.4 to 4 ms
MAX_PREFIX = 100


@dataclass(frozen=True, slots=True)
class Handled:
    """A record's end: the records it leads to, and the words for log and metrics."""

    records: tuple[Record, ...]
    outcome: str
    reason: str = ""


class Handle(Protocol):
    """Turns a record into its end; it may take long, and it never raises for the record's fault."""

    async def __call__(self, record: RawRecord) -> Handled:
        """The end of this record."""
        ...


@dataclass(slots=True)
class Entry:
    """A record in flight."""

    record: RawRecord
    taken_s: float
    task: "asyncio.Task[None] | None" = None
    handled: Handled | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Partition:
    """Takes records, runs their handlers in order per key, publishes finished prefixes."""

    def __init__(self, partition: TopicPartition, stage: str, group: str, handle: Handle, share: Share) -> None:
        self.partition = partition
        self.committed = 0
        self.position = 0
        self.is_open = False
        self._stage, self._handle, self._tasks, self._room = stage, handle, share.tasks, share.room
        self._transactor = Transactor(partition, stage, group)
        self._entries: deque[Entry] = deque()
        self._last_of_key: dict[bytes, Entry] = {}
        self._news = asyncio.Event()
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def in_flight(self) -> int:
        """Records taken and not yet committed."""
        return len(self._entries)

    @property
    def is_whole(self) -> bool:
        """True unless a transaction was called off: what it held may be committed or not."""
        return self._transactor.is_whole

    async def fence(self, kafka: Kafka) -> None:
        """Refuse the former owner from now on."""
        await self._transactor.fence(kafka)

    def open(self, committed: int) -> None:
        """Begin, or go on, at the committed offset."""
        if not self._entries:
            self.position = committed
        self.committed = committed
        self.is_open = True
        self._news.set()
        if self._task is None:
            self._task = self._tasks.start(f"publish {self._stage}", self._publish_for_ever())

    def take(self, record: RawRecord) -> None:
        """Start the record's handler behind the earlier one of its key; what was taken before is left aside."""
        if not self.is_open or record.offset < self.position:
            return
        self.position = record.offset + 1
        entry = Entry(record, time.perf_counter())
        before = None
        if record.key is not None:
            before = self._last_of_key.get(record.key)
            self._last_of_key[record.key] = entry
        self._entries.append(entry)
        self._room.take()
        entry.task = self._tasks.start(f"handle {self._stage}", self._run(entry, before))

    async def settle(self, within_s: float) -> None:
        """Publish what is finished, then publish nothing until opened again; running handlers go on."""
        try:
            async with asyncio.timeout(within_s):
                async with self._lock:
                    while prefix := self._finished():
                        await self._transaction(prefix)
                    self.is_open = False
        except TimeoutError:
            self.is_open = False

    async def drain(self, within_s: float) -> None:
        """Wait for the running handlers, at most that long, and publish what is finished."""
        tasks = [entry.task for entry in self._entries if entry.task is not None and not entry.done.is_set()]
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)
        await self.settle(within_s)

    async def close(self) -> None:
        """Stop handlers, publisher and producer; what is unfinished belongs to the next owner."""
        self.is_open = False
        await self._tasks.stop(self._task, *(entry.task for entry in self._entries))
        self._room.give(len(self._entries))
        self._entries.clear()
        self._last_of_key.clear()
        await self._transactor.close()

    async def _run(self, entry: Entry, before: Entry | None) -> None:
        if before is not None:
            await before.done.wait()
        entry.handled = await self._handle(entry.record)
        entry.done.set()
        if entry.record.key is not None and self._last_of_key.get(entry.record.key) is entry:
            del self._last_of_key[entry.record.key]
        self._news.set()

    async def _publish_for_ever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if self.in_flight > 1:
                await asyncio.sleep(LINGER_S)
            async with self._lock:
                while self.is_open and (prefix := self._finished()):
                    await self._transaction(prefix)

    def _finished(self) -> list[Entry]:
        prefix: list[Entry] = []
        for entry in self._entries:
            if entry.handled is None or len(prefix) == MAX_PREFIX:
                break
            prefix.append(entry)
        return prefix

    async def _transaction(self, prefix: list[Entry]) -> None:
        """One transaction for the outputs of the prefix and the offset behind it; then the entries are forgotten."""
        following = prefix[-1].record.offset + 1
        await self._transactor.commit([record for entry in prefix for record in _handled(entry).records], following)
        self.committed = following
        for entry in prefix:
            self._entries.popleft()
            self._tell(entry)
        self._room.give(len(prefix))

    def _tell(self, entry: Entry) -> None:
        record, handled, duration = entry.record, _handled(entry), time.perf_counter() - entry.taken_s
        metrics.RECORDS.labels(self._stage, record.topic, handled.outcome, handled.reason).inc()
        metrics.RECORD_SECONDS.labels(self._stage, record.topic).observe(duration)
        words = {
            "topic": record.topic, "partition": record.partition, "offset": record.offset,
            "outcome": handled.outcome, "reason": handled.reason, "duration_s": round(duration, 4),
        }  # fmt: skip
        log.info("handled", extra=words)


def _handled(entry: Entry) -> Handled:
    if entry.handled is None:
        raise Ended(Status.BUG, "an unfinished record in a prefix")
    return entry.handled
