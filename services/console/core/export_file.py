"""The lines of an export: who it is about, each record that is theirs, and the end, without which a file is cut off."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from schemas.retention import holding_of
from schemas.topics import Topic
from services.console.core.subject import Subject

FORMAT = 1
NOT_IN_IT = (
    "the connector's ledger, unless a line of it is here: the ids of mails with how each ended, for 30 days",
    "the console's view: it is made of decisions, email.outbound and email.feedback, which are here",
    "the profile's RocksDB folder: a copy of profile.changelog, which is here",
    "the recommender's cache of company pages: by host; the domain of a one-person business may name the person",
    "sums over everybody (courses.signals, catalog.standing): no person is in them",
    "answers of a model that were asked for somebody else: llm.replies are found by whom they were asked for",
    "backups, the logs of processes, your mail server, the inbox, and what a provider of models keeps",
)
"""What no export finds, as its end says."""


@dataclass(slots=True)
class ExportFile:
    """Makes the lines one by one, and counts them."""

    subject: Subject
    taken_at: datetime
    by_topic: Counter[str] = field(default_factory=Counter)

    def head(self) -> bytes:
        """The first line: who it is about."""
        subject = self.subject
        return _line({
            "line": "export", "format": FORMAT, "of": "mailbox" if subject.is_mailbox else "person",
            "taken_at": self.taken_at.isoformat(), "persons": sorted(subject.persons),
            "addresses": sorted(subject.addresses), "address_keys": sorted(subject.address_keys),
        })  # fmt: skip

    def record(self, topic: Topic, at: "At", part: Any, *, is_first: bool) -> bytes:
        """One record, or the part of it that is theirs; the first of its topic says what the topic holds."""
        self.by_topic[topic.short] += 1
        told = {"what": holding_of(topic).what} if is_first else {}
        key = None if at.key is None else at.key.decode("utf-8", "backslashreplace")
        return _line({
            "line": "record", "topic": topic.short, **told, "partition": at.partition, "offset": at.offset,
            "at": _instant(at.time_ms), "key": key, "value": part,
        })  # fmt: skip

    def other(self, place: str, value: Mapping[str, Any]) -> bytes:
        """Something that is held outside the topics."""
        self.by_topic[place] += 1
        return _line({"line": "row", "place": place, "value": value})

    def end(self, looked_at: int) -> bytes:
        """The last line: how many there are, and what no export finds."""
        return _line({
            "line": "end", "records": self.by_topic.total(), "by_topic": dict(sorted(self.by_topic.items())),
            "looked_at": looked_at, "not_in_it": NOT_IN_IT,
        })  # fmt: skip


@dataclass(frozen=True, slots=True)
class At:
    """Where a record lies, when the broker or its writer dated it, and its key."""

    partition: int
    offset: int
    time_ms: int
    key: bytes | None


def _instant(time_ms: int) -> str | int:
    """The time to read, or the number where no calendar has it."""
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return time_ms


def _line(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value) + b"\n"
