"""The last committed value of one key of a compacted topic, or all values of every key: for a command, no service."""

from collections.abc import Callable

from schemas.topics import Topic
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_scan import Scanner, Tell


async def last_value(
    kafka: Kafka, topic: Topic, key: bytes, tell: Tell, placed_by: bytes | None = None
) -> bytes | None:
    """The value, or None where there is none. Reads the key's partition from its beginning to its end of now.

    `placed_by`: the key whose partition it lies in, where that is another.

    Raises:
        Unavailable: Kafka is away, or has no such topic.
    """
    found: bytes | None = None
    async with Scanner(kafka, tell) as scanner:
        async for record in scanner.records(topic, [key if placed_by is None else placed_by]):
            if record.key == key:
                found = record.value
    return found


async def every_value(
    kafka: Kafka, topic: Topic, take: Callable[[bytes | None, bytes | None], object], tell: Tell
) -> None:
    """Hand over key and value of every record to the topic's end of now; of a key the last comes last.

    Raises:
        Unavailable: Kafka is away, or has no such topic.
    """
    async with Scanner(kafka, tell) as scanner:
        async for record in scanner.records(topic):
            take(record.key, record.value)
