"""A view that protects somebody must not be behind: before an effect it is read up to the end as it is *now*.

The end is the uncommitted one: a dead worker's open transaction hides no refusal. It is asked for after the record
was taken up; one question serves all who wait.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.errors import DecodeError
from schemas.suppression import Seen
from schemas.topics import Topic
from services.runtime import metrics
from services.runtime.clock import now
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import RawRecord
from services.runtime.kafka_view import View
from services.runtime.outcome import Message, Unavailable
from services.runtime.process import Process
from services.runtime.suppression_table import SuppressionTable
from services.runtime.switch import Switch
from services.runtime.tasks import Tasks
from services.runtime.waiting import until_started

LOOK_S = 5.0  # between two looks at the end where no mail asks for it
WITHIN_S = 5.0  # what cannot be read in time waits: somebody's refusal may be there

Answer = tuple[Mapping[TopicPartition, int], Seen]


class Ends:
    """The uncommitted ends of a topic. Raises `Unavailable` where nobody answers."""

    def __init__(self, kafka: Kafka, topic: Topic) -> None:
        self._kafka, self._topic = kafka, topic
        self._consumer: Any = None

    async def start(self) -> None:
        """Connect.

        Raises:
            Unavailable: no broker answers.
        """
        self._consumer = self._kafka.reader(isolation_level="read_uncommitted")
        try:
            await self._consumer.start()
        except KafkaError as error:
            await self.stop()
            raise Unavailable(f"Kafka does not answer: {error}") from error

    async def stop(self) -> None:
        """Disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await asyncio.gather(consumer.stop(), return_exceptions=True)

    async def ask(self, positions: Mapping[TopicPartition, int]) -> Answer:
        """The end of each partition, and when it was asked for; `positions` is how far each had been read before.

        Raises:
            Unavailable: nobody says where one of them ends, or it ends before what was read: then it is another log.
        """
        if self._consumer is None:
            raise Unavailable(f"nobody has asked for the ends of {self._topic.short} yet")
        asked_at = now()
        try:
            ends = await self._consumer.end_offsets(list(positions))
        except KafkaError as error:
            raise Unavailable(f"the ends of {self._topic.short} could not be asked for: {error!r}") from error
        wrong = [f"{each.partition}" for each, position in positions.items() if ends.get(each, -1) < position]
        if wrong or not positions:
            which = ", ".join(wrong) or "all of them"
            raise Unavailable(f"expected the ends of {self._topic.short}, at or behind what was read; not so: {which}")
        return ends, Seen({f"{each.topic}/{each.partition}": end for each, end in ends.items()}, asked_at)


class Current:
    """Brings a view up to the ends as they are when one asks."""

    def __init__(self, view: View, ends: Ends, tasks: Tasks, within_s: float = WITHIN_S) -> None:
        self._view, self._ends, self._tasks, self._within_s = view, ends, tasks, within_s
        self._asked: asyncio.Task[Answer | Unavailable] | None = None
        self._next: asyncio.Task[Answer | Unavailable] | None = None

    async def up_to_date(self) -> Seen:
        """Up to where the view has been read: at least what was written before this call.

        Raises:
            Unavailable: that could not be had in time.
        """
        try:
            async with asyncio.timeout(self._within_s):
                ends, seen = await self._answer()
                while await self._view.is_behind(ends):
                    await self._view.polled()
                return seen
        except TimeoutError:
            raise Unavailable(f"the view could not be read to its end within {self._within_s:g} s") from None

    async def _answer(self) -> Answer:
        """The answer to a question that is asked after this call: the one under way may be older than the record."""
        if self._next is None:
            self._next = self._tasks.start("ask for ends", self._ask_after(self._asked))
        answer = await asyncio.shield(self._next)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    async def _ask_after(self, before: "asyncio.Task[Answer | Unavailable] | None") -> Answer | Unavailable:
        if before is not None:
            await asyncio.wait([before])
        self._asked, self._next = self._next, None
        try:
            async with asyncio.timeout(self._within_s):
                return await self._ends.ask(await self._view.positions())
        except (Unavailable, TimeoutError) as error:
            return error if isinstance(error, Unavailable) else Unavailable("nobody said where the view ends")


class CurrentSuppressions:
    """All suppressions in memory, and up to date where one asks for it."""

    def __init__(self, table: SuppressionTable, current: Current) -> None:
        self._table, self._current = table, current

    def refused_by(self, address_key: str) -> frozenset[str]:
        """The purposes this address refuses."""
        return self._table.refused_by(address_key)

    async def up_to_date(self) -> Seen:
        """Read up to the end as it is now.

        Raises:
            Unavailable: that could not be had in time.
        """
        return await self._current.up_to_date()

    async def follow(self, stage: str) -> None:
        """Show how long ago the view was last known to be at its end, and see every few seconds whether it is.

        A mail asks the same before it goes; between mails nobody else would.
        """
        at_end_s = time.monotonic()
        metrics.SUPPRESSION_VIEW_AGE.labels(stage).set_function(lambda: time.monotonic() - at_end_s)
        while True:
            asked_s = time.monotonic()
            with contextlib.suppress(Unavailable):  # who is away says so elsewhere: here the age grows
                await self._current.up_to_date()
                at_end_s = asked_s
            await asyncio.sleep(LOOK_S)


@contextlib.asynccontextmanager
async def followed_suppressions(
    kafka: Kafka, topics: tuple[Topic, Topic], key: bytes, process: Process, switch: Switch
) -> AsyncIterator[CurrentSuppressions]:
    """Every suppression, whole when the block begins, and the switch: who is up to date with one is with both.

    `topics`: that of suppressions, and that of switches; both ends are one question. `key` is the derived key of use
    `suppression`.

    Raises:
        Misconfigured: a topic does not exist.
    """
    table, (topic, control) = SuppressionTable(key), topics
    following: asyncio.Task[None] | None = None

    def apply(message: Message) -> None:
        (switch if message.topic is control else table).apply(message)

    def undecodable(record: RawRecord, error: DecodeError) -> None:
        (switch if record.topic == control.name else table).undecodable(record, error)

    view, ends = View(kafka, topics, apply, undecodable), Ends(kafka, topic)
    async with view.followed("suppressions", process):
        try:
            await until_started(f"ends of {topic.short}", ends.start, process)  # or told to stop: nobody asks then
            current = CurrentSuppressions(table, Current(view, ends, process.tasks))
            following = process.tasks.start("age of the suppressions", current.follow(process.service))
            yield current
        finally:
            await process.tasks.stop(following)
            await ends.stop()
