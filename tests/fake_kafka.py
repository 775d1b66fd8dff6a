"""Kafka's clients in memory, for what a broker cannot be made to do: hang in a commit, or hand out odd records."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from aiokafka import TopicPartition
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord

from services.runtime.kafka_clients import Kafka

BEGUN_MS = 1_795_500_000_000


def record(topic: str, offset: int, value: bytes | None, *, partition: int = 0,
           at_ms: int = BEGUN_MS) -> Any:  # fmt: skip
    """A record as the client hands it out."""
    return ConsumerRecord(topic, partition, offset, at_ms, 0, None, value, None, 0, 0, ())


class FakeProducer:
    """Keeps what each transaction held; `on_commit` is what a commit does first."""

    def __init__(self, kafka: "FakeKafka") -> None:
        self._kafka, self.is_stopped = kafka, False
        self.open: list[tuple[str, bytes | None]] = []
        self._placed: list[Any] = []

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Remember."""
        self.is_stopped = True

    async def begin_transaction(self) -> None:
        """A new one."""
        self.open, self._placed = [], []

    async def send(
        self, topic: str, value: bytes | None, *, key: bytes | None, partition: int | None, headers: Any
    ) -> "asyncio.Future[Any]":
        """Acked at once, dated by the writer."""
        assert isinstance(headers, list)
        self.open.append((topic, value))
        if partition is not None:
            self._placed.append((TopicPartition(topic, partition), key, value))
        acked: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        acked.set_result(SimpleNamespace(timestamp=BEGUN_MS, timestamp_type=0))
        return acked

    async def send_offsets_to_transaction(self, offsets: Any, group: str) -> None:
        """Move with the commit."""
        assert group
        self._offsets = {each: value.offset for each, value in offsets.items()}

    async def commit_transaction(self) -> None:
        """All or nothing."""
        await self._kafka.on_commit(self)
        self._kafka.sent += self.open
        self._kafka.committed |= self._offsets
        for where, key, value in self._placed:
            log = self._kafka.written.setdefault(where, [])
            log.append(ConsumerRecord(*where, len(log), BEGUN_MS, 0, key, value, None, 0, 0, ()))


class FakeConsumer:
    """Hands out what waits at its partitions from where it stands."""

    def __init__(self, kafka: "FakeKafka") -> None:
        self._kafka = kafka
        self._paused: set[TopicPartition] = set()
        self._positions: dict[TopicPartition, int] = {}
        self.listener: Any = None

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to leave."""

    def subscribe(self, topics: Sequence[str], listener: Any) -> None:
        """Remember the listener; the test calls it."""
        assert topics
        self.listener = listener

    def assignment(self) -> set[TopicPartition]:
        """All there is."""
        return set(self._kafka.logs)

    def pause(self, *partitions: TopicPartition) -> None:
        """Hand out nothing of these."""
        self._paused |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        """Hand out again."""
        self._paused -= set(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Stand there."""
        self._positions[partition] = offset

    async def position(self, partition: TopicPartition) -> int:
        """The next offset."""
        return self._positions[partition]

    async def committed(self, partition: TopicPartition) -> int | None:
        """What the last transaction left."""
        return self._kafka.committed.get(partition)

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Where the log begins."""
        return {each: self._kafka.begins.get(each, 0) for each in partitions}

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Where the log ends."""
        return {each: self._kafka.begins.get(each, 0) + len(self._kafka.logs[each]) for each in partitions}

    async def getmany(self, *partitions: TopicPartition, timeout_ms: int, max_records: int = 500) -> Any:
        """The next records, in order, of one partition after the other."""
        assert timeout_ms >= 0
        await asyncio.sleep(0)
        if self._kafka.fault is not None:
            raise self._kafka.fault
        found: dict[TopicPartition, list[Any]] = {}
        left = max_records
        for each in set(self._kafka.logs) - self._paused:
            if partitions and each not in partitions:
                continue
            at = self._positions.get(each, 0)
            begin = self._kafka.begins.get(each, 0)
            if each in self._positions and not begin <= at <= begin + len(self._kafka.logs[each]):
                raise OffsetOutOfRangeError({each: at})
            taken = [one for one in self._kafka.logs[each] if one.offset >= at][:left]
            if taken:
                found[each], left = taken, left - len(taken)
                self._positions[each] = taken[-1].offset + 1
            if not left:
                break
        return found


class FakeReader:
    """Reads one partition from a place: of the logs, or of what was written with a partition of its own."""

    def __init__(self, kafka: "FakeKafka") -> None:
        self._kafka = kafka
        self._at: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to leave."""

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        """These alone."""
        self._at = dict.fromkeys(partitions, 0)

    def seek(self, where: TopicPartition, offset: int) -> None:
        """Stand there."""
        self._at[where] = offset

    async def seek_to_beginning(self, where: TopicPartition) -> None:
        """Stand at the first record."""
        self._at[where] = self._kafka.begins.get(where, 0)

    async def position(self, where: TopicPartition) -> int:
        """The next offset."""
        return self._at[where]

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Where the log begins."""
        return {each: self._kafka.begins.get(each, 0) for each in partitions}

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Where the log ends."""
        if self._kafka.reader_fault is not None:
            raise self._kafka.reader_fault
        return {each: self._end(each) for each in partitions}

    async def getmany(self, where: TopicPartition, *, timeout_ms: int, max_records: int = 500) -> Any:
        """The next records."""
        assert timeout_ms
        await asyncio.sleep(0)
        if where in self._kafka.logs:
            await self._kafka.on_look()
        begin = self._kafka.begins.get(where, 0)
        if not begin <= self._at[where] <= self._end(where):  # as `auto_offset_reset` says
            self._at[where] = begin
        found = [each for each in self._log(where) if each.offset >= self._at[where]][:max_records]
        if found:
            self._at[where] = found[-1].offset + 1
        return {where: found} if found else {}

    def _log(self, where: TopicPartition) -> list[Any]:
        return list(self._kafka.logs.get(where) or self._kafka.written.get(where, []))

    def _end(self, where: TopicPartition) -> int:
        return max((each.offset + 1 for each in self._log(where)), default=0)


class FakeKafka:
    """One group's view of the logs it is given; `kafka` is what the product is handed.

    `on_look` is what comes before a record that was set aside is handed out.
    `fault` is what a member is told instead of records, `reader_fault` what a reader is.
    """

    def __init__(self, *logs: Sequence[Any]) -> None:
        self.logs = {TopicPartition(log[0].topic, log[0].partition): deque(log) for log in logs}
        self.begins: dict[TopicPartition, int] = {}
        self.committed: dict[TopicPartition, int] = {}
        self.sent: list[tuple[str, bytes | None]] = []
        self.written: dict[TopicPartition, list[Any]] = {}
        self.producers: list[FakeProducer] = []
        self.consumers: list[FakeConsumer] = []
        self.fault: Exception | None = None
        self.reader_fault: Exception | None = None
        self.on_commit: Callable[[FakeProducer], Awaitable[None]] = _nothing
        self.on_look: Callable[[], Awaitable[object]] = _at_once

    @property
    def kafka(self) -> Kafka:
        """This, where a `Kafka` is asked for."""
        return cast("Kafka", self)

    def member(self, group: str, **_: Any) -> Any:
        """A consumer."""
        assert group
        self.consumers.append(FakeConsumer(self))
        return self.consumers[-1]

    def reader(self, **_: Any) -> Any:
        """A consumer of its own."""
        return FakeReader(self)

    def producer(self, **options: Any) -> Any:
        """A producer."""
        assert options["transactional_id"]
        self.producers.append(FakeProducer(self))
        return self.producers[-1]


async def _nothing(_: FakeProducer) -> None:
    """A commit goes through."""


async def _at_once() -> None:
    """A record is there."""
