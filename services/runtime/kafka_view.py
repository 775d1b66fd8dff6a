"""Topics read whole from their beginning, then followed: suppressions, the catalogue, the console's records."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import product

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.errors import DecodeError
from schemas.topics import BY_NAME, Topic
from services.runtime import metrics
from services.runtime.kafka_clients import POLL_MS, Kafka, assign_whole
from services.runtime.kafka_records import RawRecord, to_view_message
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.kafka_trouble import FORBIDDEN, Trouble
from services.runtime.outcome import Message, Misconfigured, Unavailable
from services.runtime.process import Process
from services.runtime.recovery import recovering
from services.runtime.retry import Backoff
from services.runtime.tasks import Tasks

log = logging.getLogger(__name__)

CONNECT = Backoff(first_s=0.2, longest_s=5.0)
BATCH = 64  # records between two breaths of the loop, where they are kept elsewhere: some 10 ms of decoding
VIEWED = ("applied", "undecodable")  # what becomes of a record
TRIES = 30  # a minute or two: then a command gives up; a service goes on


class TopicMissing(Misconfigured):
    """A topic does not exist: told to a command, waited for by a service."""


def pass_over(record: RawRecord, error: DecodeError) -> None:
    """Log that nobody can read the record."""
    where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    log.warning("undecodable", extra={**where, "reason": str(error)})


class View:
    """Applies every record of the topics in order; `read` returns at the end offsets noted at its start.

    `undecodable` is told of what nobody can read; by default it is logged and passed over. `keep`, where given, is
    awaited after every few records, and none is read before: what `apply` laid by goes where it is kept.
    """

    def __init__(
        self,
        kafka: Kafka,
        topics: tuple[Topic, ...],
        apply: Callable[[Message], None],
        undecodable: Callable[[RawRecord, DecodeError], None] = pass_over,
        keep: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._kafka, self._topics, self._apply, self._undecodable = kafka, topics, apply, undecodable
        self._keep = keep
        for topic, outcome in product(topics, VIEWED):
            metrics.VIEW_RECORDS.labels(topic.short, outcome)
        self._consumer = kafka.reader()
        self._partitions: tuple[TopicPartition, ...] = ()
        self._polls = asyncio.Event()
        self._tasks: Tasks | None = None
        self._task: asyncio.Task[None] | None = None
        self._tell_left: Callable[[float], object] = lambda _: None

    @property
    def name(self) -> str:
        """The first of its topics."""
        return self._topics[0].short

    async def start(self, tasks: Tasks, tell: Callable[[bool], object] = lambda _: None) -> None:
        """Read everything there is, however long the broker is away or a topic missing; go on in a task.

        `tell` hears whether the view is not whole, or Kafka in the way of following it, whenever that changes.

        Raises:
            Misconfigured: Kafka refuses us.
            Ended: it does not let us read, and that has lasted.
        """
        trouble = Trouble(f"follow {self.name}", tell)
        for tries in itertools.count():
            try:
                await self.read_once()
                break
            except (Unavailable, TopicMissing) as error:
                trouble.meet(error.__cause__ or error)
                await asyncio.sleep(CONNECT.wait_s(tries))
        self._tasks = tasks
        self._task = tasks.start(f"follow {self.name}", self._follow(trouble))

    async def read(self) -> None:
        """Read everything there is; a broker that is away is waited for a minute or two, and said to be at once.

        Said as a warning: of a command, whose logs nobody has set up, that is a line on standard error.

        Raises:
            Unavailable: no broker answers.
            Misconfigured: a topic does not exist or may not be read, or Kafka refuses us.
        """
        for tries in itertools.count(1):
            try:
                await self.read_once()
                break
            except Unavailable as error:
                if isinstance(error.__cause__, FORBIDDEN):
                    raise Misconfigured(f"{error}; allow this principal READ on it") from error
                if tries == TRIES:
                    raise
                if tries == 1:
                    log.warning("%s; it is asked again for a minute or two", error)
            await asyncio.sleep(CONNECT.wait_s(tries))

    async def read_once(self) -> None:
        """Read to the end; a client that failed at it is not used again.

        Raises:
            Unavailable: no broker answers, or it went away.
            TopicMissing: a topic does not exist.
        """
        await self._refuse_missing()
        try:
            await self._consumer.start()
            self._partitions = await assign_whole(self._consumer, *(topic.name for topic in self._topics))
            ends = await self._consumer.end_offsets(self._partitions)
            while (left := await self._left(ends)) > 0:
                self._tell_left(left)
                await self._poll()
        except KafkaError as error:
            await asyncio.gather(self._consumer.stop(), return_exceptions=True)
            self._consumer = self._kafka.reader()
            raise Unavailable(f"Kafka went away while {self.name} was read: {error!r}") from error

    async def positions(self) -> Mapping[TopicPartition, int]:
        """How far each partition has been applied; of all that are followed.

        Raises:
            Unavailable: nobody knows.
        """
        try:
            return {each: await self._consumer.position(each) for each in self._partitions}
        except KafkaError as error:
            raise Unavailable(f"{self.name} is not followed: {error!r}") from error

    async def is_behind(self, ends: Mapping[TopicPartition, int]) -> bool:
        """True while one of the partitions has not been applied up to its end.

        Raises:
            Unavailable: nobody knows.
        """
        return await self._left(ends) > 0

    async def _left(self, ends: Mapping[TopicPartition, int]) -> int:
        """How many places there are up to these ends, of all partitions; one that is not followed is a whole one."""
        positions = await self.positions()
        return sum(max(0, end - positions.get(each, -1)) for each, end in ends.items())

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
        """Whole when the block begins, followed until it ends.

        The process is not ready at `part` before it is whole, nor while it cannot be followed.

        Raises:
            As `start` does.
        """

        def tell(is_troubled: bool) -> None:  # noqa: FBT001 a fact, not a switch
            process.health.set_ready(part, not is_troubled)

        process.health.set_ready(part, is_ready=False)
        try:
            with recovering(process.service) as self._tell_left:
                await self.start(process.tasks, tell)
            process.health.set_ready(part, is_ready=True)
            yield
        finally:
            await self.stop()

    async def _follow(self, trouble: Trouble) -> None:
        while True:
            try:
                await self._widen()
                await self._poll()
                trouble.clear()
            except (KafkaError, Unavailable) as error:
                trouble.meet_taking(error.__cause__ or error)
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
            for first in range(0, len(records), BATCH):
                self._apply_all(records[first : first + BATCH])
                if self._keep is not None:
                    await self._keep()
        self._polls.set()
        self._polls = asyncio.Event()

    def _apply_all(self, records: Sequence[RawRecord]) -> None:
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

    async def _refuse_missing(self) -> None:
        """Ask for the list first: a consumer waits for a topic to come, for 40 s each time."""
        admin = TopicsAdmin(self._kafka)
        try:
            await admin.start()
            there = await admin.counts()
        finally:
            await asyncio.gather(admin.stop(), return_exceptions=True)
        for topic in self._topics:
            if topic.name not in there:
                raise TopicMissing(f"topic {topic.name} does not exist: run `make topics` first")
