"""The proof of consents out of the topics: of one subject, or of everybody, a partition of the profile at a time."""

from collections.abc import AsyncIterator, Iterator
from hashlib import blake2b
from typing import Any

import orjson

from schemas.changelog_keys import is_person
from schemas.topics import PROFILE_CHANGELOG, Topic
from services.console.core.consent_log import LOGGED, IsTheirs, Row, of_record, of_value
from services.console.core.subject import Subject
from services.console.holdings.finding import KafkaHoldings
from services.runtime.clock import now
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import RawRecord
from services.runtime.kafka_scan import Scanner, Tell

FORMAT = 1
MARK_BYTES = 8  # of a person's key, to know their last value by: of a million persons none is taken for another


class KafkaConsents:
    """Reads with a reader of its own. `tell` hears how far a long one is."""

    def __init__(self, kafka: Kafka, tell: Tell) -> None:
        self._kafka, self._tell, self._rows = kafka, tell, 0

    async def lines(self, subject: Subject | None) -> AsyncIterator[bytes]:
        """The lines of the proof log of the subject, of everybody where there is none.

        Raises:
            Unavailable: Kafka is away, or has no such topic; no end follows then.
        """
        self._rows, of = 0, "everybody" if subject is None else "mailbox" if subject.is_mailbox else "person"
        yield _line({"line": "consents", "format": FORMAT, "of": of, "taken_at": now().isoformat()})
        if subject is not None:
            values = await KafkaHoldings(self._kafka, self._tell).values(subject)
            for record in values.values():
                for line in self._of(PROFILE_CHANGELOG, record, _value_rows(record)):
                    yield line
        persons: IsTheirs = _everybody if subject is None else subject.persons.__contains__
        addresses: IsTheirs = _everybody if subject is None else subject.address_keys.__contains__
        async with Scanner(self._kafka, self._tell) as scanner:
            if subject is None:
                async for record in _last_values(scanner):
                    for line in self._of(PROFILE_CHANGELOG, record, _value_rows(record)):
                        yield line
            for topic in LOGGED:
                async for record in scanner.records(topic):
                    rows = of_record(topic, record.key, record.value or b"null", persons, addresses)
                    for line in self._of(topic, record, rows if record.value else iter(())):
                        yield line
            yield _line({"line": "end", "rows": self._rows, "looked_at": scanner.looked_at})

    def _of(self, topic: Topic, record: RawRecord, rows: Iterator[Row]) -> Iterator[bytes]:
        for row in rows:
            self._rows += 1
            place = {"topic": topic.short, "partition": record.partition, "offset": record.offset}
            yield _line({"line": "consent", **row, "written_at": place})


async def _last_values(scanner: Scanner) -> AsyncIterator[RawRecord]:
    """The last value of each person; what is held meanwhile is some hundred bytes a person of one partition."""
    for number in range(await scanner.count(PROFILE_CHANGELOG)):
        last: dict[bytes, int] = {}
        async for record in scanner.of_partition(PROFILE_CHANGELOG, number):
            last[_mark(record.key)] = record.offset
        async for record in scanner.of_partition(PROFILE_CHANGELOG, number):
            if last.get(_mark(record.key)) == record.offset and record.value and is_person(record.key or b""):
                yield record


def _value_rows(record: RawRecord) -> Iterator[Row]:
    try:
        yield from of_value((record.key or b"").decode("utf-8", "replace"), record.value or b"")
    except ValueError:
        yield {"says": "unreadable", "person": (record.key or b"").decode("utf-8", "replace")}


def _mark(key: bytes | None) -> bytes:
    return blake2b(key or b"", digest_size=MARK_BYTES).digest()


def _everybody(_: str) -> bool:
    return True


def _line(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value) + b"\n"
