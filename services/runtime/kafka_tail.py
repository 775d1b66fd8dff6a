"""What comes to topics from a moment on, for a command that has asked for something and waits until it is done."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any, Self

from aiokafka.errors import KafkaError

from schemas.topics import Topic
from services.runtime.clock import now_ms
from services.runtime.kafka_clients import POLL_MS, Kafka, assign_whole
from services.runtime.kafka_records import RawRecord
from services.runtime.outcome import Unavailable


class Tail:
    """The records that are committed to the topics after it was entered, in the order of each partition."""

    def __init__(self, kafka: Kafka, *topics: Topic) -> None:
        self._names = tuple(each.name for each in topics)
        self._reader: Any = kafka.reader()
        self._come: deque[RawRecord] = deque()

    async def __aenter__(self) -> Self:
        """Stand behind the last record of each partition.

        Raises:
            Unavailable: Kafka is away, or has no such topic.
        """
        try:
            await self._reader.start()
            places = await assign_whole(self._reader, *self._names)
            for place, end in (await self._reader.end_offsets(places)).items():
                self._reader.seek(place, end)
        except (KafkaError, OSError) as error:
            await self.__aexit__()
            raise self._away(error) from error
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await asyncio.gather(self._reader.stop(), return_exceptions=True)

    async def until(self, deadline_ms: int) -> AsyncIterator[RawRecord]:
        """What comes until then, in milliseconds of the clock. Asked again, it goes on where it was.

        Raises:
            Unavailable: Kafka is away.
        """
        while True:
            while self._come:
                yield self._come.popleft()
            if now_ms() >= deadline_ms:
                return
            try:
                found = await self._reader.getmany(timeout_ms=POLL_MS)
            except (KafkaError, OSError) as error:
                raise self._away(error) from error
            self._come.extend(each for records in found.values() for each in records)

    def _away(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"could not follow {', '.join(self._names)}: {error!r}. Is Kafka up, and were the topics made?"
        )
