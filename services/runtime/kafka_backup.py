"""A compacted topic to a file, and from the file into an empty topic: partitions, keys, values, headers, times.

Offsets are a cluster's own and are not kept: what names them (`aside.*`, `redriven`) is not copied. Topics that are
read once and forgotten are not copied either: what was handled would be handled again.
The profile's checkpoints name offsets too. They are copied, since the inputs may still be there; a restore into another
cluster leaves them out.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError

from schemas.changelog_keys import is_person, mailbox_in
from schemas.topics import ALL, BY_NAME, BY_SHORT, PROFILE_CHANGELOG, Topic
from services.runtime.backup_file import SUFFIX, BackupWriter, Head, Row, head_of, rows_of
from services.runtime.kafka_clients import POLL_MS, Kafka, assign_whole
from services.runtime.kafka_records import MAX_RECORD_BYTES, partition_of
from services.runtime.outcome import Misconfigured, Unavailable

CHUNK = 5_000  # records
FETCH_BYTES = 4_194_304
BATCH_BYTES = 524_288
REQUEST_BYTES = 2 * MAX_RECORD_BYTES  # the largest record that a topic takes, with its headers
NAMES_OFFSETS = ("aside.", "redriven")
TOLD_EVERY = 100_000  # records between two words of progress
KEPT: tuple[Topic, ...] = tuple(
    each for each in ALL if "compact" in each.cleanup and not each.short.startswith(NAMES_OFFSETS)
)
"""What outlives retention, and so is nowhere else: what a backup holds unless told which."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Into:
    """How a restore writes: behind what is there (`is_forced`), or into a cluster that is not the backup's own.

    `is_elsewhere`: each record goes into the partition of its key, of however many there are, and the profile's
    checkpoints are left out.
    """

    is_forced: bool = False
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Copied:
    """A topic that was copied, the file, and how many records."""

    topic: str
    path: Path
    records: int


def chosen(names: Sequence[str]) -> tuple[Topic, ...]:
    """The topics of these names, short or whole; all that a backup holds where none is given.

    Raises:
        Misconfigured: a name is no topic's, or that of one which a backup does not hold.
    """
    return tuple(_kept(each) for each in names) if names else KEPT


def _kept(name: str) -> Topic:
    topic = BY_SHORT.get(name) or BY_NAME.get(name)
    if topic is None:
        raise Misconfigured(f"there is no topic {name}: name some of {', '.join(each.short for each in KEPT)}")
    if topic not in KEPT:
        raise Misconfigured(
            f"{topic.name} is not copied: what it holds is handled once, in its place, and would be handled again; a "
            f"backup holds {', '.join(each.short for each in KEPT)}"
        )
    return topic


async def back_up(kafka: Kafka, topic: Topic, folder: Path, at: datetime, tell: Tell) -> Copied:
    """Copy what is committed on the topic now into `<folder>/<topic>.jsonl.gz`, in place of an older one.

    Raises:
        Unavailable: Kafka is away, or has no such topic.
        Misconfigured: the file cannot be written.
    """
    path = folder / f"{topic.name}{SUFFIX}"
    reader = kafka.reader(max_partition_fetch_bytes=FETCH_BYTES)
    try:
        await reader.start()
        places = await assign_whole(reader, topic.name)
        ends = await reader.end_offsets(places)
        with BackupWriter(path, Head(topic.name, len(places), at.isoformat())) as file:
            await _copied(reader, ends, file, tell)
    except KafkaError as error:
        raise Unavailable(f"could not read {topic.name}: {error!r}. Is Kafka up, and were the topics made?") from error
    finally:
        await asyncio.gather(reader.stop(), return_exceptions=True)
    return Copied(topic.name, path, file.records)


async def _copied(reader: Any, ends: dict[Any, int], file: BackupWriter, tell: Tell) -> None:
    left = {place for place, end in ends.items() if await reader.position(place) < end}
    while left:
        before = file.records
        for place, records in (await reader.getmany(*left, timeout_ms=POLL_MS, max_records=CHUNK)).items():
            for each in records:
                if each.offset < ends[place]:
                    file.write(Row(place.partition, each.timestamp, each.key, each.value, tuple(each.headers)))
        left = {place for place in left if await reader.position(place) < ends[place]}
        if file.records // TOLD_EVERY > before // TOLD_EVERY:
            tell(f"{file.records} records read")


async def restore(kafka: Kafka, path: Path, into: Into, tell: Tell) -> Copied:
    """Write the file's records to its topic, each into its partition, with its time.

    The file is read to its end before anything is written. What is written behind other records counts from then on.

    Raises:
        Misconfigured: it is no whole backup of a topic that a backup holds; the topic has another number of
            partitions, and it is not elsewhere; or it has records already, and is not forced.
        Unavailable: Kafka is away, has no such topic, or did not take a record: what was taken stays.
    """
    head = head_of(path)
    topic = _kept(head.topic)
    for _ in rows_of(path):
        pass  # to its end: it is whole
    producer = kafka.producer(
        enable_idempotence=True, linger_ms=5, max_batch_size=BATCH_BYTES, max_request_size=REQUEST_BYTES
    )
    try:
        count = await _fit(kafka, topic, head, into)
        await producer.start()
        rows = _elsewhere(rows_of(path), topic, count) if into.is_elsewhere else rows_of(path)
        records = await _written(producer, topic.name, rows, tell)
    except KafkaError as error:
        raise Unavailable(f"could not write {topic.name}: {error!r}. Is Kafka up, and were the topics made?") from error
    finally:
        await asyncio.gather(producer.stop(), return_exceptions=True)
    return Copied(topic.name, path, records)


async def _fit(kafka: Kafka, topic: Topic, head: Head, into: Into) -> int:
    """How many partitions the topic has, where the file may be written to it."""
    reader = kafka.reader(isolation_level="read_uncommitted")
    try:
        await reader.start()
        places = await assign_whole(reader, topic.name)
        begins, ends = await reader.beginning_offsets(places), await reader.end_offsets(places)
    finally:
        await asyncio.gather(reader.stop(), return_exceptions=True)
    if len(places) != head.partitions and not into.is_elsewhere:
        raise Misconfigured(
            f"{topic.name} has {len(places)} partitions, the backup has {head.partitions}: make the topics with "
            f"--partitions {head.partitions}, or say --elsewhere where this is to be another cluster"
        )
    if not into.is_forced and (held := sum(ends[each] - begins[each] for each in places)):
        raise Misconfigured(
            f"{topic.name} has records already ({held} offsets): restore into empty topics, before the services start; "
            "--force writes behind them, and of each key the backup's value counts then"
        )
    return len(places)


def _elsewhere(rows: Iterable[Row], topic: Topic, count: int) -> Iterable[Row]:
    for row in rows:
        key = row.key or b""  # a compacted topic takes no record without
        mailbox = mailbox_in(key) if topic is PROFILE_CHANGELOG else None
        if mailbox is not None:
            yield row.moved(partition_of(mailbox.encode(), count))
        elif topic is not PROFILE_CHANGELOG or is_person(key):
            yield row.moved(partition_of(key, count))


async def _written(producer: Any, topic: str, rows: Iterable[Row], tell: Tell) -> int:
    waiting: list[asyncio.Future[Any]] = []
    number = 0
    for number, row in enumerate(rows, 1):
        waiting.append(
            await producer.send(
                topic, value=row.value, key=row.key, partition=row.partition, timestamp_ms=row.timestamp_ms,
                headers=[*row.headers],
            )
        )  # fmt: skip
        if len(waiting) == CHUNK:
            await asyncio.gather(*waiting)
            waiting.clear()
        if number % TOLD_EVERY == 0:
            tell(f"{number} records written")
    await asyncio.gather(*waiting)
    return number
