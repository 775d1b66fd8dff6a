"""Topics read whole from their beginning, then followed: suppressions, the catalogue, the console's records."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.errors import DecodeError
from schemas.topics import BY_NAME, Topic
from services.runtime import metrics
from services.runtime.kafka_clients import POLL_MS, Kafka, assign_whole
from services.runtime.kafka_records import RawRecord, to_view_message
from services.runtime.outcome import Message, Unavailable
from services.runtime.process import Process
from services.runtime.retry import Backoff
from services.runtime.tasks import Tasks

log = logging.getLogger(__name__)

CONNECT = Backoff(first_s=0.2, longest_s=5.0)
CONNECT_TRIES = 30  # a minute or so: then the supervisor starts the process anew


def _pass_over(record: RawRecord, error: DecodeError) -> None:
    where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    log.warning("undecodable", extra={**where, "reason": str(error)})


class View:
    """Applies every record of the topics in order; `read` returns at the end offsets noted at its start.

    `undecodable` is told of what nobody can read; by default it is logged and passed over.
    """

    def __init__(
        self,
        kafka: Kafka,
        topics: tuple[Topic, ...],
        apply: Callable[[Message], None],
        undecodable: Callable[[RawRecord, DecodeError], None] = _pass_over,
    ) -> None:
        self._kafka, self._topics, self._apply, self._undecodable = kafka, topics, apply, undecodable
        self._consumer = kafka.reader()
        self._partitions: tuple[TopicPartition, ...] = ()
        self._polls = asyncio.Event()
        self._tasks: Tasks | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, tasks: Tasks) -> None:
        """Read everything there is, however long the broker is away; go on in a task."""
        while True:
            try:
                await self.read()
                break
            except Unavailable as error:
                log.warning("kafka_away", extra={"reason": str(error)})
        self._tasks = tasks
        self._task = tasks.start(f"follow {self._topics[0].short}", self._follow())

    async def read(self) -> None:
        """Read everything there is.

        Raises:
            Unavailable: no broker answers, or a topic does not exist.
        """
        await self._connect()
        try:
            ends = await self._consumer.end_offsets(self._partitions)
            while await self.is_behind(ends):
                await self._poll()
        except KafkaError as error:
            raise Unavailable(f"Kafka went away while {self._topics[0].short} was read: {error!r}") from error

    async def positions(self) -> Mapping[TopicPartition, int]:
        """How far each partition has been applied; of all that are followed.

        Raises:
            Unavailable: nobody knows.
        """
        try:
            return {each: await self._consumer.position(each) for each in self._partitions}
        except KafkaError as error:
            raise Unavailable(f"{self._topics[0].short} is not followed: {error!r}") from error

    async def is_behind(self, ends: Mapping[TopicPartition, int]) -> bool:
        """True while one of the partitions has not been applied up to its end.

        Raises:
            Unavailable: nobody knows.
        """
        positions = await self.positions()
        return any(positions.get(each, -1) < end for each, end in ends.items())

    async def polled(self) -> None:
        """Return when the broker was asked for more and what came has been applied."""
        await self._polls.wait()

    async def stop(self) -> None:
        """Stop following."""
        if self._tasks is not None:
            await self._tasks.stop(self._task)
        await asyncio.gather(self._consumer.stop(), return_exceptions=True)

    @contextlib.asynccontextmanager
    async def followed(self, part: str, process: Process) -> AsyncIterator[None]:
        """Whole when the block begins, followed until it ends; the process is not ready at `part` before that."""
        process.health.set_ready(part, is_ready=False)
        try:
            await self.start(process.tasks)
            process.health.set_ready(part, is_ready=True)
            yield
        finally:
            await self.stop()

    async def _follow(self) -> None:
        while True:
            try:
                await self._widen()
                await self._poll()
            except (KafkaError, Unavailable) as error:
                log.warning("kafka_away", extra={"reason": repr(error)})
                await asyncio.sleep(CONNECT.first_s)

    async def _widen(self) -> None:
        """Follow the partitions that a topic was given since, from their beginning; the others stay where they are."""
        there = {(each.name, number) for each in self._topics for number in self._numbers(each)}
        if not (new := sorted(there - set(self._partitions))):
            return
        positions = await self.positions()
        self._partitions += tuple(TopicPartition(*each) for each in new)
        self._consumer.assign(self._partitions)
        for each, position in positions.items():
            self._consumer.seek(each, position)

    def _numbers(self, topic: Topic) -> Iterable[int]:
        return self._consumer.partitions_for_topic(topic.name) or ()

    async def _poll(self) -> None:
        for records in (await self._consumer.getmany(timeout_ms=POLL_MS)).values():
            for record in records:
                topic = BY_NAME[record.topic].short
                try:
                    message = to_view_message(record)
                except DecodeError as error:
                    metrics.VIEW_RECORDS.labels(topic, "undecodable").inc()
                    self._undecodable(record, error)
                    continue
                self._apply(message)
                metrics.VIEW_RECORDS.labels(topic, "applied").inc()
        self._polls.set()
        self._polls = asyncio.Event()

    async def _connect(self) -> None:
        reason = ""
        for tries in range(CONNECT_TRIES):
            await asyncio.gather(self._consumer.stop(), return_exceptions=True)
            self._consumer = self._kafka.reader()
            try:
                await self._consumer.start()
                self._partitions = await assign_whole(self._consumer, *(topic.name for topic in self._topics))
            except KafkaError as error:
                reason = repr(error)
            else:
                return
            await asyncio.sleep(CONNECT.wait_s(tries))
        raise Unavailable(f"Kafka at {self._kafka.bootstrap} hands out no {self._topics[0].short}: {reason}")
