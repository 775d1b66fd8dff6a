"""The last committed value of one key of a compacted topic, or all values of every key: for a command, no service."""

from collections.abc import Callable, Iterable
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.topics import Topic
from services.runtime.kafka_clients import POLL_MS, Kafka, assign_whole
from services.runtime.kafka_records import partition_of
from services.runtime.outcome import Unavailable

CHUNK = 5_000  # records
TOLD_EVERY = 100_000  # records between two words of progress
FETCH_BYTES = 4_194_304


async def last_value(
    kafka: Kafka, topic: Topic, key: bytes, tell: Callable[[str], None], placed_by: bytes | None = None
) -> bytes | None:
    """The value, or None where there is none. Reads the key's partition from its beginning to its end of now.

    `placed_by`: the key whose partition it lies in, where that is another.

    Raises:
        Unavailable: Kafka is away, or has no such topic.
    """
    found: bytes | None = None

    def take(record_key: bytes | None, value: bytes | None) -> None:
        nonlocal found
        if record_key == key:
            found = value

    await _read(kafka, topic, lambda count: (partition_of(key if placed_by is None else placed_by, count),), take, tell)
    return found


async def every_value(
    kafka: Kafka, topic: Topic, take: Callable[[bytes | None, bytes | None], object], tell: Callable[[str], None]
) -> None:
    """Hand over key and value of every record to the topic's end of now; of a key the last comes last.

    Raises:
        Unavailable: Kafka is away, or has no such topic.
    """
    await _read(kafka, topic, range, take, tell)


async def _read(
    kafka: Kafka, topic: Topic, chosen: Callable[[int], Iterable[int]],
    take: Callable[[bytes | None, bytes | None], object], tell: Callable[[str], None],
) -> None:  # fmt: skip
    """Read the partitions chosen among so many, one after the other."""
    reader = kafka.reader(max_partition_fetch_bytes=FETCH_BYTES)
    try:
        await reader.start()
        every = await assign_whole(reader, topic.name)
        for number in chosen(len(every)):
            await _whole(reader, every[number], take, tell)
    except (KafkaError, OSError) as error:
        raise Unavailable(f"could not read {topic.name}: {error!r}. Is Kafka up, and were the topics made?") from error
    finally:
        await reader.stop()


async def _whole(
    reader: Any,
    place: TopicPartition,
    take: Callable[[bytes | None, bytes | None], object],
    tell: Callable[[str], None],
) -> None:
    reader.assign([place])
    await reader.seek_to_beginning(place)
    end = (await reader.end_offsets([place]))[place]
    count = 0
    while (position := await reader.position(place)) < end:
        for record in (await reader.getmany(place, timeout_ms=POLL_MS, max_records=CHUNK)).get(place, ()):
            count += 1
            take(record.key, record.value)
            if count % TOLD_EVERY == 0:
                tell(f"{place.topic}: {count} records of partition {place.partition} read, at {position} of {end}")
