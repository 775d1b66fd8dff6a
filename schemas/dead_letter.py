"""The dead letter of a record nobody can take: key, bytes and headers as they came, the cause in headers of our own.

There is one maker for every stage. A letter always fits its topic: what had to be cut is said in a header, and the
source topic holds the record whole until its retention ends.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from schemas.topics import Topic, dead_letters

HEADERS: Mapping[str, str] = {
    "kindling_reason": "why it was not taken",
    "kindling_detail": "what was expected and what came",
    "kindling_topic": "where it was read",
    "kindling_partition": "its partition there",
    "kindling_offset": "its offset there",
}
"""What every letter has, behind the headers that the record came with, and what each says."""

# A broker takes a batch of 1,048,576 bytes, and a client compressed what it sent: the record may be larger than that.
MAX_VALUE_BYTES = 900_000
MAX_KEY_BYTES = 10_000
MAX_HEADERS_BYTES = 50_000  # with their frames: 5,000 headers at most
FRAME_BYTES = 10  # of one header: the lengths of its name and value, at most 5 each (Kafka, message format v2)
MAX_DETAIL_BYTES = 500
OURS = "kindling_"
ATTEMPT = OURS + "attempt"
MOST_ATTEMPTS = 99  # that are believed: a header is anybody's


class Original(Protocol):
    """The record as the broker held it, and where it was read."""

    @property
    def topic(self) -> str:
        """The name on the broker."""

    @property
    def partition(self) -> int:
        """The partition it was read from."""

    @property
    def offset(self) -> int:
        """Its place there."""

    @property
    def key(self) -> bytes | None:
        """Any key."""

    @property
    def value(self) -> bytes | None:
        """Any bytes; None is a tombstone."""

    @property
    def headers(self) -> Iterable[tuple[str, bytes | None]]:
        """Any headers, in any number; null becomes empty."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What goes to the topic; key or value is there, since a producer needs one of the two."""

    topic: Topic
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def dead_letter(stage: str, record: Original, reason: str, detail: str) -> DeadLetter:
    """The letter of the stage. Law: as a batch it has at most 1,000,000 bytes, whatever the record holds.

    How often its record was sent back before is kept.
    """
    value, key = record.value, record.key
    cause = [
        ("kindling_reason", reason.encode()),
        ("kindling_detail", detail.encode("utf-8", "replace")[:MAX_DETAIL_BYTES]),
        ("kindling_topic", record.topic.encode()),
        ("kindling_partition", str(record.partition).encode()),
        ("kindling_offset", str(record.offset).encode()),
    ]
    if attempt := attempt_of(record.headers):
        cause.append((ATTEMPT, str(attempt).encode()))
    if value is not None and len(value) > MAX_VALUE_BYTES:
        cause.append(("kindling_cut_bytes", str(len(value)).encode()))
        value = value[:MAX_VALUE_BYTES]
    if key is not None and len(key) > MAX_KEY_BYTES:
        cause.append(("kindling_cut_key_bytes", str(len(key)).encode()))
        key = key[:MAX_KEY_BYTES]
    if value is None and key is None:
        value = b""  # the reason says that a tombstone came
    kept = [(name, bytes(each or b"")) for name, each in record.headers if not name.startswith(OURS)]
    size = sum(FRAME_BYTES + len(name.encode()) + len(each) for name, each in kept)
    if size > MAX_HEADERS_BYTES:
        cause.append(("kindling_cut_headers_bytes", str(size).encode()))
        kept = []
    return DeadLetter(dead_letters(stage), key, value, (*kept, *cause))


def attempt_of(headers: Iterable[tuple[str, bytes | None]]) -> int:
    """How often the record was sent back from its dead letters, as its header says; 0 where none does."""
    said = next((value or b"" for name, value in headers if name == ATTEMPT), b"")
    return min(int(said), MOST_ATTEMPTS) if said.isdigit() and len(said) <= len(str(MOST_ATTEMPTS)) else 0
