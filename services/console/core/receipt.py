"""The receipt of an erasure: whom it covered, which stage acknowledged it, and by when each place has nothing left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from schemas.retention import Bound, Ends, bound_of, holding_of, told_of
from schemas.topics import ALL, Topic
from services.console.core.subject import Subject

FORMAT = 1
LEDGER_DAYS = 30  # the connector's ledger forgets an end after so many
OUTSIDE = (
    "backups, logs, your mail server, the inbox, and what a provider of models keeps: they are yours to look to",
    "what aside.* holds are places of records; sums over everybody (courses.signals, catalog.standing) name no person",
)

_NO_TIME: Mapping[str, Any] = {"ends_at": None, "keys_end_at": None, "or_next_record": False, "is_assumed": False}
OTHER_PLACES: tuple[Mapping[str, Any], ...] = (
    {
        "place": "the profile's RocksDB folder", "held": "a copy of profile.changelog",
        "ends_by": "RocksDB when it compacts; the folder may be deleted at any time, and is made anew", **_NO_TIME,
    },
    {
        "place": "the console's view", "held": "decisions, mails and feedback",
        "ends_by": "the tombstones as it reads them, and its next start, which makes it anew", **_NO_TIME,
    },
    {
        "place": "the recommender's company cache",
        "held": "hosts and what their pages say; the domain of a one-person business may name the person",
        "ends_by": "its age, at most 30 days, or you: the file may be deleted at any time", **_NO_TIME,
    },
    {
        "place": "the connector's ledger", "held": "ids of mails, with how each ended",
        "ends_by": f"its first start {LEDGER_DAYS} days after the end of each", **_NO_TIME,
    },
)  # fmt: skip
"""Places outside the topics, as the receipt has them."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A person whose value was emptied: when, and the hash that stops a revival."""

    person: str
    erased_at: datetime
    receipt: str


@dataclass(slots=True)
class Progress:
    """What an erasure waits for, and who has acknowledged it."""

    persons: frozenset[str]
    address_keys: frozenset[str]
    taken: set[str] = field(default_factory=set)
    gone: dict[str, Gone] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    @property
    def is_done(self) -> bool:
        """True when every stage has acknowledged it."""
        return not self.missing()

    def missing(self) -> tuple[str, ...]:
        """What each stage that has not acknowledged it yet has done; a value that is emptied was asked by ingest."""
        asked, refusals = len(self.persons), len(self.address_keys)
        taken, emptied, refused = len(self.taken | self.gone.keys()), len(self.gone), len(self.refused)
        return (
            *([f"ingest has taken {taken} of {asked} persons"] if taken < asked else ()),
            *([f"profile has emptied {emptied} of {asked} values"] if emptied < asked else ()),
            *([f"email.suppressions has {refused} of {refusals} refusals"] if refused < refusals else ()),
        )


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done. `open_ids` are decisions that were still being made, `settings` the topics' own by name."""

    subject: Subject
    gone: tuple[Gone, ...]
    done_at: datetime
    tombstones: int
    open_ids: tuple[str, ...]
    settings: Mapping[str, Mapping[str, str]]


def receipt_of(erasure: Erasure) -> dict[str, Any]:
    """The receipt as a file holds it."""
    subject = erasure.subject
    return {
        "receipt": "erasure", "format": FORMAT, "of": "mailbox" if subject.is_mailbox else "person",
        "done_at": erasure.done_at.isoformat(), "persons": sorted(subject.persons),
        "address_keys": sorted(subject.address_keys),
        "emptied": [
            {"person": each.person, "erased_at": each.erased_at.isoformat(), "stops_revival": each.receipt}
            for each in erasure.gone
        ],
        "decisions_tombstoned": erasure.tombstones, "decisions_on_their_way": list(erasure.open_ids),
        "places": [*_topic_rows(erasure), *map(dict, OTHER_PLACES)], "outside": list(OUTSIDE),
    }  # fmt: skip


def lines_of(receipt: Mapping[str, Any]) -> tuple[str, ...]:
    """The receipt for a reader: a line a place."""
    persons, emptied = receipt["persons"], receipt["emptied"]
    known = [f"{each['place']}: {_until(each)}" for each in receipt["places"]]
    way = receipt["decisions_on_their_way"]
    return (
        f"erased: {', '.join(persons)}",
        *(f"{each['person']} emptied at {each['erased_at']}, stopped by {each['stops_revival']}" for each in emptied),
        f"decisions: {receipt['decisions_tombstoned']} tombstoned"
        + (f", {len(way)} on their way: run it again when they have ended, in 3 days at the latest" if way else ""),
        *known,
        *(f"not ours to end: {each}" for each in receipt["outside"]),
    )


def _until(row: Mapping[str, Any]) -> str:
    if row["ends_at"] is None:
        return f"ends by {row['ends_by']}"
    keys = f", its keys {row['keys_end_at']}" if row["keys_end_at"] not in {None, row["ends_at"]} else ""
    later = ", or as long after the next record of its partition" if row["or_next_record"] else ""
    return f"nothing of them after {row['ends_at']}{later}{keys}"


def _topic_rows(erasure: Erasure) -> Iterable[dict[str, Any]]:
    for topic in ALL:
        holding = holding_of(topic)
        if holding.ends is Ends.NOTHING_HELD:
            continue
        found = erasure.settings.get(topic.name)
        bound = bound_of(topic, found or told_of(topic))
        yield _row(topic, bound, erasure.done_at, is_assumed=not found)


def _row(topic: Topic, bound: Bound, done_at: datetime, *, is_assumed: bool) -> dict[str, Any]:
    holding = holding_of(topic)
    ends_by = holding.ends.value
    if bound.values_ms is None and holding.ends is not Ends.STAYS:
        ends_by = f"{ends_by}, but nothing bounds when: run `kindling topics apply`"
    return {
        "place": topic.short, "held": holding.what, "ends_by": ends_by, "ends_at": _after(done_at, bound.values_ms),
        "keys_end_at": _after(done_at, bound.keys_ms), "or_next_record": bound.is_by_next,
        "is_assumed": is_assumed,
    }  # fmt: skip


def _after(at: datetime, passed_ms: int | None) -> str | None:
    return None if passed_ms is None else (at + timedelta(milliseconds=passed_ms)).isoformat(timespec="seconds")
