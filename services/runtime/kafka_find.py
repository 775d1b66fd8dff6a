"""The records of topics that somebody asks for: chosen by key or bytes before they are decoded, for a command.

Where the key of all is known, its partition alone is read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schemas.errors import DecodeError
from schemas.topics import Topic
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import RawRecord, to_view_message
from services.runtime.kafka_scan import Scanner, Tell
from services.runtime.outcome import Message


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in one topic: `wants` says of a record whether it is; `key` whose partition is enough."""

    topic: Topic
    wants: Callable[[RawRecord], bool]
    key: bytes | None = None


async def find(kafka: Kafka, wanted: Sequence[Wanted], apply: Callable[[Message], None], tell: Tell) -> int:
    """Apply every record that is wanted, topic by topic, up to the ends of now; how many records were looked at.

    `tell` hears how far it is where that takes a while, and of what cannot be read.

    Raises:
        Unavailable: Kafka is away, or has no such topic.
    """
    async with Scanner(kafka, tell) as scanner:
        for each in wanted:
            async for record in scanner.records(each.topic, None if each.key is None else [each.key]):
                if each.wants(record):
                    _apply(record, apply, tell)
        return scanner.looked_at


def _apply(record: RawRecord, apply: Callable[[Message], None], tell: Tell) -> None:
    try:
        message = to_view_message(record)
    except DecodeError as error:
        tell(f"{record.topic}/{record.partition}/{record.offset} cannot be read: {error}")
        return
    apply(message)
