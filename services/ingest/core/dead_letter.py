"""A record that ingest cannot take, for dlq.ingest."""

from schemas import dead_letter as letters
from services.ingest.core.reasons import Refusal
from services.ingest.core.records import Outgoing, Record


def dead_letter(record: Record, refusal: Refusal) -> Outgoing:
    """The record with its cause."""
    made = letters.dead_letter("ingest", record, refusal.reason, refusal.detail)
    return Outgoing(made.topic, made.key, made.value, made.headers)
