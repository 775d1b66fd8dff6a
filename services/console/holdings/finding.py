"""What the topics hold of somebody: who they are by the profile's changelog, then every record that is theirs.

Every topic is read once, the changelog until nobody new is found (twice for most). What is held meanwhile is of the
one person or mailbox: their values, the ids of their decisions and mails.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

from schemas.changelog_keys import is_person, mailbox_in
from schemas.mailbox import mailbox_of
from schemas.topics import PROFILE_CHANGELOG, Topic
from services.console.core.belonging import BY_PERSON, SEARCHED, note, part_of, shown
from services.console.core.export_file import At, ExportFile
from services.console.core.subject import Subject, stored_of
from services.runtime.clock import now
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import RawRecord, place_of
from services.runtime.kafka_scan import Scanner, Tell

Values = dict[str, RawRecord]
Rows = Callable[[Subject], Iterable[tuple[str, Mapping[str, Any]]]]
"""What is held of a subject outside the topics: the place and the row."""


def nothing_else(_: Subject) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """No rows."""
    return ()


class KafkaHoldings:
    """Reads with a reader of its own for each question. `tell` hears how far a long one is."""

    def __init__(self, kafka: Kafka, tell: Tell) -> None:
        self._kafka, self._tell = kafka, tell

    async def values(self, subject: Subject) -> Values:
        """The last stored value of each person who is the subject's, by their key; who they are is known then.

        Raises:
            Unavailable: Kafka is away, or has no such topic.
        """
        async with Scanner(self._kafka, self._tell) as scanner:
            return await _values(scanner, subject)

    async def export(self, subject: Subject, more: Rows = nothing_else) -> AsyncIterator[bytes]:
        """The lines of the subject's export.

        Raises:
            Unavailable: Kafka is away, or has no such topic; lines that were given stand, and no end follows.
        """
        async with Scanner(self._kafka, self._tell) as scanner:
            values = await _values(scanner, subject)
            file = ExportFile(subject, now())
            yield file.head()
            for record in values.values():
                yield _record(file, PROFILE_CHANGELOG, record, shown(record.value or b""))
            for topic in SEARCHED:
                self._tell(f"{topic.name}: looking through it")
                async for record in scanner.records(topic, _keys(topic, subject)):
                    part = part_of(topic.short, record.key, record.value, record.headers, subject)
                    if part is not None:
                        note(topic.short, place_of(record), record.key, part, subject)
                        yield _record(file, topic, record, part)
            for place, row in more(subject):
                yield file.other(place, row)
            yield file.end(scanner.looked_at)


async def _values(scanner: Scanner, subject: Subject) -> Values:
    """Judged by the last value of each: what an older one said, which compaction has not met yet, joins nobody."""
    while True:
        known, found, homes = len(subject.persons), Values(), Values()
        async for record in scanner.records(PROFILE_CHANGELOG):
            key = record.key or b""
            person, mailbox = key.decode("utf-8", "replace"), mailbox_in(key)
            if mailbox is not None and mailbox in subject.homes:
                homes[mailbox] = record
            is_named = person in subject.persons or subject.is_in(record.value or b"")
            if is_person(key) and (person in found or is_named):
                found[person] = record
        values = {person: record.value for person, record in found.items() if record.value is not None}
        theirs = subject.joined({person: stored_of(value) for person, value in values.items()})
        if len(subject.persons) == known:
            return {person: found[person] for person in theirs} | homes


def _keys(topic: Topic, subject: Subject) -> list[bytes] | None:
    homes = {mailbox_of(each) for each in subject.address_keys}  # where a person speaks to their mailbox
    keys = subject.persons | homes
    return [each.encode() for each in sorted(keys)] if topic in BY_PERSON else None


def _record(file: ExportFile, topic: Topic, record: RawRecord, part: Any) -> bytes:
    at = At(record.partition, record.offset, record.timestamp, record.key)
    return file.record(topic, at, part, is_first=topic.short not in file.by_topic)
