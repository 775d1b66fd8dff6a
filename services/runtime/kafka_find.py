"""The records of topics that somebody asks for: chosen by key or bytes before they are decoded, for a command.

Where the key of all is known, its partition alone is read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.errors import KafkaError

from schemas.errors import DecodeError
from schemas.topics import Topic
from services.runtime.kafka_clients import POLL_MS, Kafka, assign_whole
from services.runtime.kafka_last import CHUNK, FETCH_BYTES, TOLD_EVERY
from services.runtime.kafka_records import RawRecord, partition_of, to_view_message
from services.runtime.outcome import Message, Unavailable


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in one topic: `wants` says of a record whether it is; `key` whose partition is enough."""

    topic: Topic
    wants: Callable[[RawRecord], bool]
    key: bytes | None = None


async def find(
    kafka: Kafka, wanted: Sequence[Wanted], apply: Callable[[Message], None], tell: Callable[[str], None]
) -> int:
    """Apply every record that is wanted, topic by topic, up to the ends of now; how many records were looked at.

    `tell` hears how far it is where that takes a while, and of what cannot be read.

    Raises:
        Unavailable: Kafka is away, or has no such topic.
    """
    reader = kafka.reader(max_partition_fetch_bytes=FETCH_BYTES)
    try:
        await reader.start()
        return sum([await _found(reader, each, apply, tell) for each in wanted])
    except (KafkaError, OSError) as error:
        names = ", ".join(each.topic.name for each in wanted)
        raise Unavailable(f"could not read {names}: {error!r}. Is Kafka up, and were the topics made?") from error
    finally:
        await reader.stop()


async def _found(reader: Any, wanted: Wanted, apply: Callable[[Message], None], tell: Callable[[str], None]) -> int:
    every = await assign_whole(reader, wanted.topic.name)
    places = list(every) if wanted.key is None else [every[partition_of(wanted.key, len(every))]]
    reader.assign(places)
    await reader.seek_to_beginning(*places)
    ends, count = await reader.end_offsets(places), 0
    while any([await reader.position(each) < end for each, end in ends.items()]):
        for records in (await reader.getmany(timeout_ms=POLL_MS, max_records=CHUNK)).values():
            for record in records:
                count += 1
                if wanted.wants(record):
                    _apply(record, apply, tell)
                if count % TOLD_EVERY == 0:
                    tell(f"{wanted.topic.name}: {count} records of {len(places)} partitions read")
    return count


def _apply(record: RawRecord, apply: Callable[[Message], None], tell: Callable[[str], None]) -> None:
    try:
        message = to_view_message(record)
    except DecodeError as error:
        tell(f"{record.topic}/{record.partition}/{record.offset} cannot be read: {error}")
        return
    apply(message)
