"""What has been read of the topics so far, as it is asked for again and again: ends, and loose ends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.errors import DecodeError
from schemas.topics import (
    CONVERSIONS_RAW,
    COURSES_SIGNALS,
    EMAIL_FEEDBACK,
    EMAIL_OUTBOUND,
    EVENTS_CLEAN,
    EVENTS_RAW,
    PRIVACY_REQUESTS,
    PROFILE_CHANGELOG,
    PROFILE_SELF,
    RECOMMENDATION_REQUESTS,
    RECOMMENDATIONS,
    Topic,
)
from services.console.core.reconciling import Ledger
from services.console.pipeline import TOPICS_RECONCILED, enter
from services.runtime.kafka_records import to_view_message
from tests.system.plan import Records
from tests.system.refold import checkpoints

GROUPS: Mapping[str, tuple[Topic, ...]] = {
    "ingest": (EVENTS_RAW, CONVERSIONS_RAW, EMAIL_FEEDBACK, PRIVACY_REQUESTS),
    "kindling.recommender": (RECOMMENDATION_REQUESTS,),
    "kindling.recommender.standing": (COURSES_SIGNALS,),
    "kindling.composer": (RECOMMENDATIONS,),
    "kindling.connector": (EMAIL_OUTBOUND,),
}
OWN = (EVENTS_CLEAN, PROFILE_SELF)  # the profile keeps its offsets with its state
READ = (*(topic for topics in GROUPS.values() for topic in topics), *OWN)
Place = tuple[str, int]  # a topic's name and a partition
Offsets = Mapping[Place, int]


@dataclass(slots=True)
class Reading:
    """Takes up what is new at each question: a long plan has too many records to walk them all each time."""

    records: Records
    _ledger: Ledger = field(default_factory=Ledger)
    _ends: dict[Place, int] = field(default_factory=dict)
    _taken: dict[tuple[str, str], int] = field(default_factory=dict)

    def ledger(self) -> Ledger:
        """What came in set against what came of it."""
        for topic in TOPICS_RECONCILED:
            for record in self._new("ledger", topic):
                try:
                    enter(to_view_message(record), self._ledger)
                except DecodeError:
                    continue
        return self._ledger

    def ends(self) -> Offsets:
        """The last record of each partition that somebody is to read, as far as it has been seen."""
        for topic in READ:
            for record in self._new("ends", topic):
                self._ends[topic.name, record.partition] = record.offset
        return dict(self._ends)

    def unread(self, ends: Offsets, committed: Offsets) -> list[Place]:
        """Where records lie before these ends and behind the offsets of who reads them; a marker is no record."""
        applied = checkpoints(self.records[PROFILE_CHANGELOG.name])
        own = {
            (topic.name, number): offsets.get(topic.short, -1) + 1
            for number, offsets in applied.items() for topic in OWN
        }  # fmt: skip
        read = {**committed, **own}
        return [place for place, end in ends.items() if read.get(place, 0) <= end]

    def _new(self, what: str, topic: Topic) -> Iterator[Any]:
        records = self.records[topic.name]
        begin = self._taken.get((what, topic.name), 0)
        self._taken[what, topic.name] = len(records)
        yield from records[begin:]
