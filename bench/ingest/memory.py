"""Whether memory is flat: ingest's pure consumer over millions of events, without a broker."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice

from bench.machine import resident_bytes
from bench.profile.feed import Fed
from bench.profile.raw import raw_calls
from bench.profile.traffic import Traffic, events
from schemas.identity import derived_key
from schemas.signing import UNSUBSCRIBE_SEAL
from services.ingest.core.source import Keys, keys_of
from services.ingest.core.window import Windows
from services.ingest.pipeline import handler
from services.ingest.settings import IngestSettings
from services.runtime.kafka_records import partition_of
from services.runtime.siv_seal import SivSeal

AT_ONCE = 4_000  # records of a batch
PARTITIONS = 3
KNOWN_PERSONS = 65_536  # as ingest remembers them
WARM_SHARE = 4  # by the first of so many parts every memory of ingest's is full


@dataclass(frozen=True, slots=True)
class Raw:
    """A record as a client of Kafka hands it out."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    timestamp: int
    headers: Sequence[tuple[str, bytes | None]] = ()


@dataclass(frozen=True, slots=True)
class Grown:
    """Resident memory when a part of the events is done, and when all are; the events that came out."""

    warm_bytes: int
    end_bytes: int
    events: int


def grown(traffic: Traffic) -> Grown:
    """Let ingest's core take the traffic in batches."""
    keys = _keys()
    partition = lru_cache(maxsize=KNOWN_PERSONS)(lambda person: partition_of(person.encode(), PARTITIONS))
    handle = handler(keys, Windows(IngestSettings.model_fields["ingest_window"].default), partition)
    records, done, came, warm = _records(raw_calls(events(traffic), PARTITIONS)), 0, 0, 0
    while batch := list(islice(records, AT_ONCE)):
        came += handle(batch).tally["events"]
        done += len(batch)
        if not warm and done >= traffic.events // WARM_SHARE:
            warm = resident_bytes(os.getpid())
    return Grown(warm, resident_bytes(os.getpid()), came)


def _records(calls: Iterator[Fed]) -> Iterator[Raw]:
    offsets = {number: count() for number in range(PARTITIONS)}
    for each in calls:
        yield Raw(
            each.topic, each.partition, next(offsets[each.partition]), each.key, each.value, each.timestamp_ms or 0
        )


def _keys() -> Keys:
    secret = b"a secret of the measurement"
    return keys_of(secret, SivSeal(derived_key(secret, UNSUBSCRIBE_SEAL)))
