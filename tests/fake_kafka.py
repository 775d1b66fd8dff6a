"""Kafka's clients in memory, for what a broker cannot be made to do: hang in a commit, or hand out odd records."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from aiokafka import TopicPartition
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

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Remember."""
        self.is_stopped = True

    async def begin_transaction(self) -> None:
        """A new one."""
        self.open = []

    async def send(self, topic: str, value: bytes | None, **_: Any) -> "asyncio.Future[None]":
        """Acked at once."""
        self.open.append((topic, value))
        acked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        acked.set_result(None)
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
        found: dict[TopicPartition, list[Any]] = {}
        left = max_records
        for each in set(self._kafka.logs) - self._paused:
            if partitions and each not in partitions:
                continue
            at = self._positions.get(each, 0)
            taken = [one for one in self._kafka.logs[each] if one.offset >= at][:left]
            if taken:
                found[each], left = taken, left - len(taken)
                self._positions[each] = taken[-1].offset + 1
            if not left:
                break
        return found


class FakeKafka:
    """One group's view of the logs it is given; `kafka` is what the product is handed."""

    def __init__(self, *logs: Sequence[Any]) -> None:
        self.logs = {TopicPartition(log[0].topic, log[0].partition): deque(log) for log in logs}
        self.begins: dict[TopicPartition, int] = {}
        self.committed: dict[TopicPartition, int] = {}
        self.sent: list[tuple[str, bytes | None]] = []
        self.producers: list[FakeProducer] = []
        self.consumers: list[FakeConsumer] = []
        self.on_commit: Callable[[FakeProducer], Awaitable[None]] = _nothing

    @property
    def kafka(self) -> Kafka:
        """This, where a `Kafka` is asked for."""
        return cast("Kafka", self)

    def member(self, group: str, **_: Any) -> Any:
        """A consumer."""
        assert group
        self.consumers.append(FakeConsumer(self))
        return self.consumers[-1]

    def producer(self, **options: Any) -> Any:
        """A producer."""
        assert options["transactional_id"]
        self.producers.append(FakeProducer(self))
        return self.producers[-1]


async def _nothing(_: FakeProducer) -> None:
    """A commit goes through."""
