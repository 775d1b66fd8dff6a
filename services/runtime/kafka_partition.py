"""One owned input partition: its records in flight, its order per key, its transactional producer.

Law: what is committed is always a contiguous prefix of what was taken, and the outputs of that prefix exactly.
"""

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from aiokafka.structs import TopicPartition

from schemas.aside import Aside
from services.runtime import metrics
from services.runtime.clock import now
from services.runtime.errors import Ended, Status
from services.runtime.kafka_aside import Pointers, Shelf
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_ends import Handled
from services.runtime.kafka_owned import Share
from services.runtime.kafka_records import RawRecord
from services.runtime.kafka_told import tell
from services.runtime.kafka_transaction import Transactor, owner_of_input
from services.runtime.outcome import Unavailable

log = logging.getLogger(__name__)

LINGER_S = 0.005  # how long a finished prefix waits for company: a transaction costs 1.4 to 4 ms
MAX_PREFIX = 100
LOOK_S = 0.5  # how often is looked for what was set aside and is due: its time is no finer


class Handle(Protocol):
    """Turns a record into its end; it may take long, and it never raises for the record's fault."""

    async def __call__(self, record: RawRecord, pointer: Aside | None) -> Handled | None:
        """The end of this record; `pointer` is what it was found by where it was set aside.

        None where it was given up unhandled, since the process stops in a pause: it belongs to the next owner.
        """
        ...

    def lost(self, pointer: Aside) -> Handled:
        """The end of a record that was set aside and is gone."""
        ...


@dataclass(slots=True)
class Entry:
    """A record in flight; with a pointer where it was set aside before."""

    record: "RawRecord | None"
    taken_s: float
    pointer: Aside | None = None
    task: "asyncio.Task[None] | None" = None
    handled: Handled | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Partition:
    """Takes records, runs their handlers in order per key, publishes finished prefixes.

    What was set aside is handled again when its time comes, beside the others.
    """

    def __init__(self, partition: TopicPartition, stage: str, group: str, handle: Handle, share: Share) -> None:
        self.partition = partition
        self.committed = 0
        self.position = 0
        self._passed = 0
        self.is_open = False
        self._is_draining = False
        self._stage, self._handle, self._tasks, self._room = stage, handle, share.tasks, share.room
        self._shelf, self._hold = share.shelf, share.hold
        self._transactor = Transactor(owner_of_input(partition, stage, group))
        self._entries: deque[Entry] = deque()
        self._again: list[Entry] = []
        self._pointers = Pointers()
        self._last_of_key: dict[bytes, Entry] = {}
        self._news = asyncio.Event()
        self._lock = asyncio.Lock()
        self._background: list[asyncio.Task[None]] = []

    @property
    def in_flight(self) -> int:
        """Records taken and not yet committed."""
        return len(self._entries) + len(self._again)

    @property
    def aside_since(self) -> datetime | None:
        """When what waits longest was set aside; None where nothing waits."""
        return self._pointers.since

    @property
    def is_whole(self) -> bool:
        """True unless a transaction was called off: what it held may be committed or not."""
        return self._transactor.is_whole

    async def fence(self, kafka: Kafka) -> None:
        """Refuse the former owner from now on."""
        await self._transactor.fence(kafka)

    async def read(self) -> None:
        """Read what a former owner set aside.

        Raises:
            Unavailable: Kafka is away.
        """
        if self._shelf is not None:
            self._pointers = await self._shelf.pointers(self.partition.partition)

    def open(self, committed: int) -> None:
        """Begin, or go on, at the committed offset."""
        if not self._entries:
            self.position = committed
        self.committed = committed
        self.is_open = True
        self._news.set()
        if not self._background:
            self._background = [self._tasks.start(f"publish {self._stage}", self._publish_for_ever())]
            if self._shelf is not None:
                act = self._look_for_ever(self._shelf)
                self._background.append(self._tasks.start(f"look aside {self._stage}", act))

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
        self._begin(entry, before)

    def pass_to(self, position: int) -> None:
        """Commit this position in time, though no record stands before it: a transaction's marker does."""
        if position > max(self.committed, self._passed):
            self._passed = position
            self._news.set()

    async def settle(self, within_s: float) -> None:
        """Begin nothing, publish what is finished, then nothing until opened again; running handlers go on."""
        if self.is_open:
            self.is_open = False
            await self._publish_finished(within_s)

    async def drain(self, within_s: float) -> None:
        """Begin nothing, wait for the running handlers, at most that long, and publish what is finished.

        What would begin now might be cut off in its middle: a mail that was handed over and is never reported. It stays
        open, where it was, for the markers behind; `settle` is the end.
        """
        self._is_draining = True
        tasks = [each.task for each in self._all if each.task is not None and not each.done.is_set()]
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)
        if self.is_open:
            await self._publish_finished(within_s)

    async def close(self) -> None:
        """Stop handlers, publisher and producer; what is unfinished belongs to the next owner."""
        self.is_open = False
        await self._tasks.stop(*self._background, *(entry.task for entry in self._all))
        self._room.give(self.in_flight)
        self._entries.clear()
        self._again.clear()
        self._last_of_key.clear()
        await self._transactor.close()

    @property
    def _all(self) -> list[Entry]:
        return [*self._entries, *self._again]

    def _begin(self, entry: Entry, before: Entry | None) -> None:
        self._room.take()
        entry.task = self._tasks.start(f"handle {self._stage}", self._run(entry, before))

    async def _run(self, entry: Entry, before: Entry | None) -> None:
        if before is not None:
            await before.done.wait()
            if self._is_draining or before.handled is None:  # it is the next owner's, and so are those behind it
                entry.done.set()
                return
        if entry.record is not None:
            entry.handled = await self._handle(entry.record, entry.pointer)
            if entry.handled is None:
                entry.done.set()
                return
            if entry.record.key is not None and self._last_of_key.get(entry.record.key) is entry:
                del self._last_of_key[entry.record.key]
        elif entry.pointer is not None:
            entry.handled = self._handle.lost(entry.pointer)
        entry.done.set()
        self._news.set()

    async def _publish_for_ever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if self.in_flight > 1:
                await asyncio.sleep(LINGER_S)
            async with self._lock:
                while self.is_open and self._is_due:
                    await self._transaction(self._finished())

    async def _publish_finished(self, within_s: float) -> None:
        try:
            async with asyncio.timeout(within_s), self._lock:
                while self._is_due:
                    await self._transaction(self._finished())
        except TimeoutError:  # the transaction was called off, or goes on: none may follow it
            self.is_open = False

    async def _look_for_ever(self, shelf: Shelf) -> None:
        """Take what was set aside when its time comes, one after another, as there is room and nothing is held."""
        while True:
            due = self._pointers.due(now(), 1) if self._may_take else []
            if not due:
                await asyncio.sleep(LOOK_S)
            for pointer in due:
                try:
                    record = await shelf.record(pointer)
                except Unavailable as error:
                    log.warning("kafka_away", extra={"reason": str(error)})
                    self._pointers.put(pointer)
                    await asyncio.sleep(LOOK_S)
                else:
                    self._begin_again(pointer, record)

    def _begin_again(self, pointer: Aside, record: "RawRecord | None") -> None:
        if not self._may_begin:  # the partition was taken away while the record was looked up
            self._pointers.put(pointer)
            return
        entry = Entry(record, time.perf_counter(), pointer)
        self._again.append(entry)
        self._begin(entry, None)

    @property
    def _may_begin(self) -> bool:
        return self.is_open and not self._is_draining

    @property
    def _may_take(self) -> bool:
        return self._may_begin and self._room.left > 0 and not self._hold.is_on

    @property
    def _is_due(self) -> bool:
        return bool(self._finished()) or (not self._entries and self._passed > self.committed)

    def _finished(self) -> list[Entry]:
        """The finished prefix, and what was set aside and is finished."""
        prefix: list[Entry] = []
        for entry in self._entries:
            if entry.handled is None or len(prefix) == MAX_PREFIX:
                break
            prefix.append(entry)
        return prefix + [each for each in self._again if each.handled is not None][:MAX_PREFIX]

    async def _transaction(self, finished: list[Entry]) -> None:
        """One transaction for all outputs and the offset behind the prefix; then the entries are forgotten."""
        offsets = [each.record.offset for each in finished if each.pointer is None and each.record is not None]
        following = max(offsets, default=self.committed - 1) + 1
        if len(offsets) == len(self._entries):
            following = max(following, self._passed)
        await self._transactor.commit([record for each in finished for record in _handled(each).records], following)
        self.committed = following
        for entry in finished:
            self._forget(entry)
            self._tell(entry)
        self._room.give(len(finished))

    def _forget(self, entry: Entry) -> None:
        waits = _handled(entry).pointer
        if entry.pointer is None:
            self._entries.popleft()
        else:
            self._again.remove(entry)
            self._pointers.drop(entry.pointer.key)
        if waits is not None:
            self._pointers.put(waits)

    def _tell(self, entry: Entry) -> None:
        handled, duration = _handled(entry), time.perf_counter() - entry.taken_s
        if (place := entry.record or entry.pointer) is None:
            return
        if self._shelf is not None:
            metrics.ASIDE.labels(self._stage, str(self.partition.partition)).set(len(self._pointers))
        tell(self._stage, place, handled, duration, is_again=entry.pointer is not None)


def _handled(entry: Entry) -> Handled:
    if entry.handled is None:
        raise Ended(Status.BUG, "an unfinished record in a prefix")
    return entry.handled
