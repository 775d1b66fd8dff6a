"""From a `Send` to the record on the wire, and from a record to a `Message`: keys, partitions, CloudEvents headers."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from aiokafka.partitioner import murmur2
from aiokafka.structs import ConsumerRecord

from schemas.aside import Aside
from schemas.codec import decode, encode
from schemas.dead_letter import Original, dead_letter
from schemas.topics import BY_NAME, Topic
from schemas.trace import HEADER, child, traceparent
from services.runtime.outcome import Message, Send

Headers: TypeAlias = tuple[tuple[str, bytes], ...]
RawRecord: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"
MAX_RECORD_BYTES = 1_000_000  # below a broker's and a producer's limit of 1,048,576 for a batch with its frame
LAST_MS = 253_402_300_799_999  # the last millisecond a datetime holds


@dataclass(frozen=True, slots=True)
class Record:
    """What a producer is given; `partition` None: by murmur2 of the key, as Java's default partitioner does."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None
    headers: Headers

    @property
    def size(self) -> int:
        """Its bytes, without the few of the record's own frame."""
        named = sum(len(name) + len(value) for name, value in self.headers)
        return len(self.key or b"") + len(self.value or b"") + named


@dataclass(frozen=True, slots=True)
class Cause:
    """What led to a record. `id` is the same at every attempt, and so are ids and traces made from it.

    `time_ms` is held within what a date can hold: a client may stamp a record with any number.
    """

    id: str
    source: str
    traceparent: str | None
    time_ms: int


def partition_of(key: bytes, count: int) -> int:
    """The partition of a key: murmur2, as Java's default partitioner."""
    return int((murmur2(key) & 0x7FFFFFFF) % count)


def to_record(send: Send, cause: Cause, number: int) -> Record:
    """The record of one event; `number` tells the outputs of one cause apart.

    All that a cause leads to goes on from one span of its trace, but for what has a trace of its own.
    """
    key = send.topic.key(send.event)
    event_id = f"{cause.id}/{number}"
    trace = child(cause.traceparent, cause.id) if send.traceparent is None else child(send.traceparent, event_id)
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_type", send.topic.name.encode()),
        ("ce_source", cause.source.encode()),
        ("ce_time", datetime.fromtimestamp(min(max(0, cause.time_ms), LAST_MS) / 1000, UTC).isoformat().encode()),
        ("content-type", b"application/json"),
        (HEADER, trace.encode()),
    )
    encoded = None if key is None else key.encode()
    return Record(send.topic.name, encoded, encode(send.topic, send.event), send.partition, headers)


def to_dead_letter(stage: str, record: Original, reason: str, detail: str) -> Record:
    """The record for the stage's DLQ."""
    letter = dead_letter(stage, record, reason, detail)
    return Record(letter.topic.name, letter.key, letter.value, None, letter.headers)


def to_message(record: RawRecord) -> Message:
    """The decoded record.

    Raises:
        DecodeError: its bytes are not the topic's.
    """
    topic = BY_NAME[record.topic]
    return _message(topic, record, decode(topic, record.value))


def to_view_message(record: RawRecord) -> Message:
    """The decoded record of a compacted topic: a tombstone is an event of None."""
    topic = BY_NAME[record.topic]
    return _message(topic, record, None if record.value is None else decode(topic, record.value))


def cause_of(record: RawRecord, stage: str) -> Cause:
    """The cause that a record is for what it leads to."""
    return Cause(place_of(record), f"/kindling/{stage}", traceparent(record.headers), record.timestamp)


def place_of(record: "RawRecord | Aside") -> str:
    """Where a record lies; the id of the cause that it is."""
    return f"{record.topic}/{record.partition}/{record.offset}"


def _message(topic: Topic, record: RawRecord, event: Any) -> Message:
    return Message(
        topic,
        record.partition,
        record.offset,
        record.key,
        event,
        record.timestamp,
        traceparent(record.headers),
        record.value,
    )
