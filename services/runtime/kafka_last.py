"""The last committed value of one key of a compacted topic, read from its partition: for a command, not a service."""

from collections.abc import Callable
from typing import Any

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
    reader = kafka.reader(max_partition_fetch_bytes=FETCH_BYTES)
    try:
        await reader.start()
        return await _last(reader, topic, key, tell, key if placed_by is None else placed_by)
    except (KafkaError, OSError) as error:
        raise Unavailable(f"could not read {topic.name}: {error!r}. Is Kafka up, and were the topics made?") from error
    finally:
        await reader.stop()


async def _last(reader: Any, topic: Topic, key: bytes, tell: Callable[[str], None], placed_by: bytes) -> bytes | None:
    every = await assign_whole(reader, topic.name)
    place = every[partition_of(placed_by, len(every))]
    reader.assign([place])
    await reader.seek_to_beginning(place)
    end = (await reader.end_offsets([place]))[place]
    found, count = None, 0
    while (position := await reader.position(place)) < end:
        for record in (await reader.getmany(place, timeout_ms=POLL_MS, max_records=CHUNK)).get(place, ()):
            count += 1
            if record.key == key:
                found = record.value
            if count % TOLD_EVERY == 0:
                tell(f"{topic.name}: {count} records of partition {place.partition} read, at {position} of {end}")
    return found
