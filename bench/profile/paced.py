"""A paced stream of packs, and how long each event takes until a reader of committed records finds it in the changelog.

Persons come in turn, each once in a round of all: so a value that appears holds the last event of its person.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from bench.profile.traffic import Traffic, events, person_of
from schemas.topics import EVENTS_CLEAN
from services.runtime.kafka_clients import Kafka, assign_whole
from services.runtime.kafka_records import partition_of

TICK_S = 0.02  # what ingest waits for more to fill a pack with
REST_S = 5.0  # how long the last ones are waited for
POLL_MS = 50


@dataclass(frozen=True, slots=True)
class Pack:
    """The events of one tick and one partition."""

    partition: int
    raw: bytes
    persons: Sequence[bytes]


@dataclass(slots=True)
class Awaited:
    """Whose event is on its way since when, in seconds of one clock; and how long those took that came."""

    since_s: dict[bytes, float] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)
    overtaken: int = 0

    def sent(self, persons: Iterable[bytes], at_s: float) -> None:
        """An event of each was sent; one that is still on its way then is overtaken, and tells nothing."""
        for person in persons:
            self.overtaken += person in self.since_s
            self.since_s[person] = at_s

    def seen(self, person: bytes, at_s: float) -> None:
        """A value of the person was read."""
        since_s = self.since_s.pop(person, None)
        if since_s is not None:
            self.took_s.append(at_s - since_s)

    @property
    def missing(self) -> int:
        """Events of which nothing was read: overtaken, or on their way still."""
        return self.overtaken + len(self.since_s)


def ticks(traffic: Traffic, first: int, rate: int) -> Iterator[list[Pack]]:
    """The traffic's events from the first on, so many a second, in packs by tick and partition; persons in turn."""
    coming = enumerate(islice(events(traffic), first, None))
    while lot := list(islice(coming, int(rate * TICK_S))):
        by_partition: dict[int, list[dict[str, Any]]] = {}
        for number, event in lot:
            person = person_of(number % traffic.persons)
            by_partition.setdefault(partition_of(person.encode(), traffic.partitions), []).append(
                {**event, "person": person}
            )
        yield [
            Pack(number, orjson.dumps({"v": 1, "events": pack}), [each["person"].encode() for each in pack])
            for number, pack in by_partition.items()
        ]


async def streamed(bootstrap: str, changelog: str, paced: Sequence[Sequence[Pack]]) -> Awaited:
    """What became of the packs: each tick is sent at its time, however long the ones before it take."""
    awaited = Awaited()
    async with _reading(bootstrap, changelog, awaited):
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=0)
        await producer.start()
        try:
            began_s = time.monotonic()
            for number, tick in enumerate(paced):
                await asyncio.sleep(began_s + number * TICK_S - time.monotonic())
                for pack in tick:
                    awaited.sent(pack.persons, time.monotonic())
                    await producer.send(EVENTS_CLEAN.name, pack.raw, partition=pack.partition)
        finally:
            await producer.stop()
        for _ in range(int(REST_S / TICK_S)):
            if awaited.since_s:
                await asyncio.sleep(TICK_S)
    return awaited


@asynccontextmanager
async def _reading(bootstrap: str, changelog: str, awaited: Awaited) -> AsyncIterator[None]:
    """Read the changelog from its end on, meanwhile."""
    reader = Kafka(bootstrap).reader()
    await reader.start()
    reading = None
    try:
        partitions = await assign_whole(reader, changelog)
        await reader.seek_to_end(*partitions)
        reading = asyncio.create_task(_read(reader, awaited))
        yield
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        await reader.stop()


async def _read(reader: Any, awaited: Awaited) -> None:
    while True:
        found = await reader.getmany(timeout_ms=POLL_MS)
        at_s = time.monotonic()
        for records in found.values():
            for record in records:
                awaited.seen(record.key, at_s)
