"""The records of a topic that are there now, one after the other, for a command or a page; a chunk of them is held.

Where the keys of all that is looked for are known, their partitions alone are read.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Self

from aiokafka.errors import KafkaError

from schemas.topics import Topic
from services.runtime.kafka_clients import POLL_MS, Kafka, assign_whole
from services.runtime.kafka_records import RawRecord, partition_of
from services.runtime.outcome import Unavailable

CHUNK = 5_000  # records
TOLD_EVERY = 100_000  # records between two words of progress
FETCH_BYTES = 4_194_304
WAIT_MS = 10  # the next topic is asked for behind a fetch that waits for news of the last one, on the same connection
Tell = Callable[[str], None]


class Scanner:
    """Reads topics whole, of what is committed, up to the ends of when each was begun. It writes nothing.

    `tell` hears how far it is where that takes a while; `looked_at` counts the records.
    """

    def __init__(self, kafka: Kafka, tell: Tell) -> None:
        self._kafka, self._tell = kafka, tell
        self._reader: Any = None
        self.looked_at = 0

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            Unavailable: no broker answers.
        """
        self._reader = self._kafka.reader(max_partition_fetch_bytes=FETCH_BYTES, fetch_max_wait_ms=WAIT_MS)
        try:
            await self._reader.start()
        except (KafkaError, OSError) as error:
            await self.__aexit__()
            raise Unavailable(f"Kafka does not answer at {self._kafka.bootstrap}: {error!r}. Is it up?") from error
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await asyncio.gather(self._reader.stop(), return_exceptions=True)

    async def count(self, topic: Topic) -> int:
        """How many partitions the topic has.

        Raises:
            Unavailable: Kafka is away, or has no such topic.
        """
        with _asking(topic):
            return len(await assign_whole(self._reader, topic.name))

    async def records(self, topic: Topic, keys: Iterable[bytes] | None = None) -> AsyncIterator[RawRecord]:
        """The records of the topic, or of the partitions that have these keys.

        Raises:
            Unavailable: Kafka is away, or has no such topic.
        """
        with _asking(topic):
            every = await assign_whole(self._reader, topic.name)
        wanted = range(len(every)) if keys is None else {partition_of(each, len(every)) for each in keys}
        async for record in self._of(topic, [every[number] for number in sorted(wanted)]):
            yield record

    async def of_partition(self, topic: Topic, number: int) -> AsyncIterator[RawRecord]:
        """The records of one partition of the topic.

        Raises:
            Unavailable: Kafka is away, or has no such topic.
        """
        with _asking(topic):
            every = await assign_whole(self._reader, topic.name)
        async for record in self._of(topic, [every[number]]):
            yield record

    async def _of(self, topic: Topic, places: list[Any]) -> AsyncIterator[RawRecord]:
        with _asking(topic):
            self._reader.assign(places)
            begins, ends = await self._reader.beginning_offsets(places), await self._reader.end_offsets(places)
            left = [each for each in places if begins[each] < ends[each]]
            for each in left:
                self._reader.seek(each, begins[each])
        while left:
            with _asking(topic):
                found = await self._reader.getmany(*left, timeout_ms=POLL_MS, max_records=CHUNK)
            for place, records in found.items():
                for record in records:
                    self._count(topic, len(places))
                    if record.offset < ends[place]:
                        yield record
            with _asking(topic):
                left = [each for each in left if await self._reader.position(each) < ends[each]]

    def _count(self, topic: Topic, partitions: int) -> None:
        self.looked_at += 1
        if self.looked_at % TOLD_EVERY == 0:
            self._tell(f"{self.looked_at} records read, now {topic.name}, {partitions} partitions of it")


@contextlib.contextmanager
def _asking(topic: Topic) -> Any:
    try:
        yield
    except (KafkaError, OSError) as error:
        raise Unavailable(f"could not read {topic.name}: {error!r}. Is Kafka up, and were the topics made?") from error
