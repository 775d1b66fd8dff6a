"""A record that cannot be taken, for dlq.ingest: its bytes and key untouched, the cause in headers."""

from schemas import topics
from services.ingest.core.reasons import Refusal
from services.ingest.core.records import Outgoing, Record

DEAD_LETTERS = topics.dead_letters("ingest")
MAX_VALUE_BYTES = 900_000  # a broker takes 1 MiB by default, headers and key included; compressed input may hold more
MAX_KEY_BYTES = 10_000
MAX_HEADERS_BYTES = 50_000


def dead_letter(record: Record, refusal: Refusal) -> Outgoing:
    """The record with its cause. One too large for the topic is cut and says so; the source topic holds it whole."""
    value, key = record.value, record.key
    cause = [
        ("kindling_reason", refusal.reason.encode()),
        ("kindling_detail", refusal.detail.encode("utf-8", "replace")[:500]),
        ("kindling_topic", record.topic.encode()),
        ("kindling_partition", str(record.partition).encode()),
        ("kindling_offset", str(record.offset).encode()),
    ]
    if value is not None and len(value) > MAX_VALUE_BYTES:
        cause.append(("kindling_cut_bytes", str(len(value)).encode()))
        value = value[:MAX_VALUE_BYTES]
    if key is not None and len(key) > MAX_KEY_BYTES:
        cause.append(("kindling_cut_key_bytes", str(len(key)).encode()))
        key = key[:MAX_KEY_BYTES]
    if value is None and key is None:
        value = b""  # a producer needs one of the two; the reason says that a tombstone came
    kept = [(name, bytes(each or b"")) for name, each in record.headers if not name.startswith("kindling_")]
    if sum(len(name) + len(each) for name, each in kept) > MAX_HEADERS_BYTES:
        kept = []
    return Outgoing(DEAD_LETTERS, key, value, (*kept, *cause))
