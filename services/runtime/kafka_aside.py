"""Records set aside until a time: pointers on a compacted topic, and how the record is found again.

A pointer is written in the transaction that passes its record and tombstoned in the one that ends it, both through the
partition's own producer; who takes the partition over reads them first.
"""

import asyncio
import heapq
import itertools
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.aside import Aside
from schemas.codec import decode
from schemas.errors import DecodeError
from schemas.topics import BY_NAME, Topic
from services.runtime.clock import now
from services.runtime.kafka_clients import POLL_MS, Kafka
from services.runtime.kafka_records import LAST_MS, RawRecord
from services.runtime.metrics import UNREADABLE_POINTERS
from services.runtime.outcome import Later, Unavailable

log = logging.getLogger(__name__)

A_DAY_MS = 86_400_000


class Pointers:
    """The pointers of one partition, by due time."""

    def __init__(self) -> None:
        self._by_key: dict[str, Aside] = {}
        self._heap: list[tuple[datetime, int, str]] = []
        self._numbers: dict[str, int] = {}  # of each record's row in the heap that counts
        self._ages: list[tuple[datetime, str]] = []
        self._count = itertools.count()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._by_key)

    def put(self, pointer: Aside) -> None:
        """Let this record wait; a pointer of the same record is replaced."""
        if pointer.key not in self._by_key:
            heapq.heappush(self._ages, (pointer.since, pointer.key))
        self._by_key[pointer.key] = pointer
        self._numbers[pointer.key] = next(self._count)
        heapq.heappush(self._heap, (pointer.due, self._numbers[pointer.key], pointer.key))

    def drop(self, key: str) -> None:
        """The record waits no longer."""
        self._by_key.pop(key, None)
        self._numbers.pop(key, None)

    @property
    def since(self) -> datetime | None:
        """When the one that waits longest was set aside first; None where none waits."""
        while self._ages and self._is_over(*self._ages[0]):
            heapq.heappop(self._ages)
        return self._ages[0][0] if self._ages else None

    def _is_over(self, since: datetime, key: str) -> bool:
        known = self._by_key.get(key)
        return known is None or known.since != since

    def due(self, now: datetime, most: int) -> list[Aside]:
        """Up to so many whose time has come, the longest due first; each is given once until it is put again."""
        found: list[Aside] = []
        while self._heap and self._heap[0][0] <= now and len(found) < most:
            _, number, key = heapq.heappop(self._heap)
            if self._numbers.get(key) == number:
                del self._numbers[key]
                found.append(self._by_key[key])
        return found


class Shelf:
    """What is set aside at one stage: its topic, and a reader of records by their place."""

    def __init__(self, kafka: Kafka, topic: Topic) -> None:
        self.topic = topic
        self._kafka = kafka
        self._reader: Any = None
        self._lock = asyncio.Lock()
        for outcome in ("rebuilt", "lost"):
            UNREADABLE_POINTERS.labels(topic.short, outcome)

    async def pointers(self, partition: int) -> Pointers:
        """What a former owner of the partition set aside.

        Raises:
            Unavailable: Kafka is away.
        """
        where = TopicPartition(self.topic.name, partition)
        latest: dict[bytes | None, bytes | None] = {}
        async with self._lock:
            try:
                reader = await self._at(where, None)
                end = (await reader.end_offsets([where]))[where]
                while await reader.position(where) < end:
                    for record in (await reader.getmany(where, timeout_ms=POLL_MS)).get(where, ()):
                        latest[record.key] = record.value
            except KafkaError as error:
                raise Unavailable(f"{self.topic.short} could not be read: {error!r}") from error
        pointers = Pointers()
        for key, value in latest.items():
            if value is not None and (pointer := self._decoded(where, key, value)) is not None:
                pointers.put(pointer)
        return pointers

    async def record(self, pointer: Aside) -> "RawRecord | None":
        """The record of a pointer; None where it is gone: by retention, or with its log, which was made anew.

        Raises:
            Unavailable: Kafka is away.
        """
        where = TopicPartition(pointer.topic, pointer.partition)
        async with self._lock:
            try:
                reader = await self._at(where, pointer.offset)
                while await _lies_ahead(reader, where, pointer.offset):
                    for record in (await reader.getmany(where, timeout_ms=POLL_MS, max_records=1)).get(where, ()):
                        found: RawRecord = record
                        return found if _is_of(pointer, found) else None
            except KafkaError as error:
                raise Unavailable(f"{pointer.key} could not be read: {error!r}") from error
        return None

    async def stop(self) -> None:
        """Disconnect."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await asyncio.gather(reader.stop(), return_exceptions=True)

    async def _at(self, where: TopicPartition, offset: int | None) -> Any:
        """The reader, standing there; at the beginning for None."""
        if self._reader is None:
            reader = self._kafka.reader(max_partition_fetch_bytes=131_072)
            try:
                await reader.start()
            except KafkaError:
                await asyncio.gather(reader.stop(), return_exceptions=True)
                raise
            self._reader = reader
        self._reader.assign([where])
        if offset is None:
            await self._reader.seek_to_beginning(where)
        else:
            self._reader.seek(where, offset)
        return self._reader

    def _decoded(self, where: TopicPartition, key: bytes | None, value: bytes) -> Aside | None:
        try:
            pointer: Aside | None = decode(self.topic, value)
        except DecodeError as error:
            pointer = _rebuilt(key, where.partition)
            outcome = "lost" if pointer is None else "rebuilt"
            UNREADABLE_POINTERS.labels(self.topic.short, outcome).inc()
            words = {"topic": self.topic.short, "key": repr(key), "reason": str(error), "outcome": outcome}
            log.error("pointer_unreadable", extra=words)  # noqa: TRY400 the reason says all
        return pointer


async def _lies_ahead(reader: Any, where: TopicPartition, offset: int) -> bool:
    """Asked each time, since the log may be made anew meanwhile: a reader begins anew then, and would wait for long."""
    begin, end = (await reader.beginning_offsets([where]))[where], (await reader.end_offsets([where]))[where]
    return bool(begin <= offset < end and await reader.position(where) <= offset)


def _is_of(pointer: Aside, record: RawRecord) -> bool:
    """True where this is the pointer's own record, and no other one at its place in another log.

    By equality: neither whose clock dates the topic nor how far it is from ours makes a difference.
    """
    return record.offset == pointer.offset and pointer.timestamp_ms in (None, record.timestamp)


def _rebuilt(key: bytes | None, partition: int) -> Aside | None:
    """A pointer due now, of the record that its key names; None where the key names none of this partition."""
    topic, _, place = (key or b"").decode("utf-8", "replace").partition("/")
    offset = place.rpartition("/")[2]
    if topic not in BY_NAME or not (offset.isascii() and offset.isdecimal()):
        return None
    at = now()
    pointer = Aside(
        topic=topic, partition=partition, offset=int(offset), due=at, tries=1, reason="pointer_unreadable", since=at
    )
    return pointer if pointer.key.encode() == key else None


def set_aside(record: RawRecord, before: Aside | None, later: Later, now: datetime) -> Aside | None:
    """The pointer of a record that is to wait; None where its retention would end before it is looked at again.

    `before` is the pointer it was found by, where it waited already.
    """
    last = _last_look(record)
    if last <= now:
        return None
    return Aside(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        due=min(later.at, last),
        tries=1 if before is None else before.tries + 1,
        tries_by_reason=_counted(before, str(later.reason)),
        reason=str(later.reason),
        since=now if before is None else before.since,
        timestamp_ms=record.timestamp,
    )


def _last_look(record: RawRecord) -> datetime:
    """A day before its topic may forget the record, as near as a date can be: a client may stamp it with any number."""
    retention_ms = BY_NAME[record.topic].retention_ms
    last_ms = LAST_MS if retention_ms is None else record.timestamp + retention_ms - A_DAY_MS
    return datetime.fromtimestamp(min(max(0, last_ms), LAST_MS) / 1000, UTC)


def tries_of(pointer: Aside) -> Mapping[str, int]:
    """How often a record was set aside, for each reason; an older pointer tells its last reason, and that once."""
    return pointer.tries_by_reason or {pointer.reason: 1}


def _counted(before: Aside | None, reason: str) -> dict[str, int]:
    tries = {} if before is None else tries_of(before)
    return {**tries, reason: tries.get(reason, 0) + 1}
