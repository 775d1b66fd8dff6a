"""What each topic holds of a person or a mailbox, what ends it, and how long its bytes may stay at the latest. Pure.

What a broker is told (`settings_of`) bounds the time; `bound_of` says what follows from what a broker really has.
Source: Apache Kafka 4.0, topic configuration: retention.ms, segment.ms, max.compaction.lag.ms, delete.retention.ms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from schemas.topics import DAY_MS, Topic

SEGMENT, LAG = "segment.ms", "max.compaction.lag.ms"
TOMBSTONES, AGE = "delete.retention.ms", "retention.ms"
SEGMENT_MS = LAG_MS = TOMBSTONES_MS = DAY_MS
SLACK_MS = (
    600_000  # a broker looks for what is too old every 5 min, for what to compact every 15 s, unlinks 1 min later
)
ENDLESS = 2**62  # milliseconds: a broker's word for no bound is the greatest long, or -1


class Of(StrEnum):
    """Whom the records of a topic are of."""

    PERSON = "a person"
    MAILBOX = "a mailbox"
    PLACE = "a place in another topic"
    NOBODY = "nobody"


class Ends(StrEnum):
    """What ends the bytes of who is erased."""

    AGE = "their age"
    EMPTIED = "the emptied value of the person, by compaction"
    TOMBSTONE = "a tombstone of `kindling erase`, by compaction; else their age"
    STAYS = "nothing: it is the refusal that keeps the mailbox from being mailed again, and holds no address"
    NOTHING_HELD = "nothing of them is held"


@dataclass(frozen=True, slots=True)
class Holding:
    """What a topic holds, of whom, and what ends it."""

    of: Of
    ends: Ends
    what: str


_PERSON_BY_AGE: Mapping[str, str] = {
    "events.raw": "the calls of the person's browsers as they came: ids, address, traits, pages",
    "conversions.raw": "the calls of servers: ids, address, traits, what was bought or taken",
    "email.feedback": "what became of the person's mails; person and address key",
    "privacy.requests": "what was asked: person, address or the token of a mail's link",
    "events.clean": "what the person did, said and was told of them; each record holds other persons' too",
    "profile.self": "the state of who was linked, and late events",
    "recommendation.requests": "the snapshot a decision is made on, name and address",
    "recommendations": "the same, with what was found for them",
    "email.outbound": "the mail itself, name and address",
    "llm.replies": "what a model answered about the person; no address, no name",
}
HOLDINGS: Mapping[str, Holding] = MappingProxyType(
    {
        **{short: Holding(Of.PERSON, Ends.AGE, what) for short, what in _PERSON_BY_AGE.items()},
        "profile.changelog": Holding(
            Of.PERSON, Ends.EMPTIED,
            "the profile, and who uses a mailbox; of who was erased the key, when, and a hash stay",
        ),
        "decisions": Holding(Of.PERSON, Ends.TOMBSTONE, "what led to each mail or to none; no address, no name"),
        "email.suppressions": Holding(Of.MAILBOX, Ends.STAYS, "which mail an address refuses, by a keyed hash of it"),
        "courses.signals": Holding(Of.NOBODY, Ends.NOTHING_HELD, "courses that were taken, and after which"),
        "catalog.standing": Holding(Of.NOBODY, Ends.NOTHING_HELD, "sums over everybody"),
        "catalog.courses": Holding(Of.NOBODY, Ends.NOTHING_HELD, "the catalogue"),
        "catalog.content": Holding(Of.NOBODY, Ends.NOTHING_HELD, "what the business publishes"),
        "catalog.vectors": Holding(Of.NOBODY, Ends.NOTHING_HELD, "courses as vectors"),
        "control": Holding(Of.NOBODY, Ends.NOTHING_HELD, "the operator's switches"),
        "redriven": Holding(Of.PLACE, Ends.NOTHING_HELD, "where dead letters lie that were sent back"),
    }
)  # fmt: skip
LETTERS = Holding(
    Of.PERSON, Ends.AGE, "records that could not be taken, as they came; a pack among them is of many persons"
)
POINTERS = Holding(Of.PLACE, Ends.NOTHING_HELD, "where records lie that wait")


@dataclass(frozen=True, slots=True)
class Bound:
    """How long after an erasure bytes may stay; None where nothing bounds it, or nothing ends it.

    `values_ms` of what the records say, `keys_ms` of their keys, which hold the person's. `is_by_next`: a segment is
    closed by the next record of its partition, so the time counts from that one where it comes later.
    """

    values_ms: int | None
    keys_ms: int | None
    is_by_next: bool = False


def holding_of(topic: Topic) -> Holding:
    """What the topic holds."""
    if topic.short.startswith("dlq."):
        return LETTERS
    return POINTERS if topic.short.startswith("aside.") else HOLDINGS[topic.short]


def settings_of(topic: Topic) -> dict[str, str]:
    """What the broker is told of a topic that holds something of a person or a mailbox, beside clean-up and retention.

    A segment leaves whole, and only once it is closed: after a day. What is superseded is compacted away within a day
    of that, and a tombstone a day later.
    """
    if holding_of(topic).of not in {Of.PERSON, Of.MAILBOX}:
        return {}
    made = {SEGMENT: str(SEGMENT_MS)}
    if "compact" in topic.cleanup:
        made |= {LAG: str(LAG_MS), TOMBSTONES: str(TOMBSTONES_MS)}
    return made


def told_of(topic: Topic) -> dict[str, str]:
    """All that the table tells a broker of how long the topic keeps bytes."""
    return {**settings_of(topic), **({} if topic.retention_ms is None else {AGE: str(topic.retention_ms)})}


def loose(topic: Topic, found: Mapping[str, str]) -> dict[str, str]:
    """The settings by which a standing topic keeps bytes longer than the table says, with the table's values."""
    return {
        name: value
        for name, value in settings_of(topic).items()
        if (has := _limit(found, name)) is None or has > int(value)
    }


def bound_of(topic: Topic, found: Mapping[str, str]) -> Bound:
    """How long the bytes of who was erased may stay on a topic that has these settings."""
    age = _sum(_limit(found, AGE), _limit(found, SEGMENT), SLACK_MS)
    match holding_of(topic).ends:
        case Ends.AGE:
            return Bound(age, age)
        case Ends.EMPTIED:
            return Bound(_sum(_lag(found), SLACK_MS), None, is_by_next=True)
        case Ends.TOMBSTONE:
            values = _least(_sum(_lag(found), SLACK_MS), age)
            keys = _least(_sum(_lag(found), _limit(found, TOMBSTONES), _lag(found), 2 * SLACK_MS), age)
            return Bound(values, keys, is_by_next=True)
        case _:
            return Bound(None, None)


def _lag(found: Mapping[str, str]) -> int | None:
    """Until a record that is superseded may be compacted: its segment is closed by the shorter of two times."""
    lag = _limit(found, LAG)
    return None if lag is None else min(lag, _limit(found, SEGMENT) or lag)


def _limit(found: Mapping[str, str], name: str) -> int | None:
    value = found.get(name, "")
    return int(value) if value.isdecimal() and int(value) < ENDLESS else None


def _sum(*parts: int | None) -> int | None:
    known = [each for each in parts if each is not None]
    return sum(known) if len(known) == len(parts) else None


def _least(*parts: int | None) -> int | None:
    return min((each for each in parts if each is not None), default=None)
