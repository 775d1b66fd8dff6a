"""Who is no person by how fast they act: more than a person can, by the time of the records and never by a clock.

What was told of a visitor before stays told. A restart, another owner of the partition, and records that are read
again forget all counts and who was told: they begin anew, so that a person is never told for what was counted twice.
Laws: the same records in other batches are told the same; what is held has bounded bytes.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from schemas.clean import CleanEvent
from services.ingest.core.reasons import Outcome

WINDOW_MS = 10_000
MOST_EVENTS = 200  # in one window: a person with a lively page makes some 20
MINUTE_MS = 60_000
MOST_PAGES = 30  # in one minute: a page every two seconds
MOST_MINUTES = 10  # in a row with more pages than that
HELD_MS = 30 * MINUTE_MS  # who was told is a machine until it was quiet for so long
LATE_MS = MINUTE_MS  # what happened longer before its record was kept offline, and says nothing of a pace
MOST_BYTES = 8 * 2**20  # of one source partition
_TABLES = 4  # in which visitors are held, each with a fourth of the bytes: some 6,000 of usual ids
ENTRY_BYTES = 300  # of a visitor in a table, beside the id (measured November 2026)
CHARACTER_BYTES = 4

Held = TypeVar("Held")


@dataclass(slots=True)
class Table(Generic[Held]):
    """Something of each visitor; all is forgotten where it is more than there is room for."""

    rows: dict[str, Held] = field(default_factory=dict)
    size: int = 0

    def add(self, visitor: str, held: Held) -> None:
        """Hold something of a visitor of whom nothing is held."""
        self.size += ENTRY_BYTES + CHARACTER_BYTES * len(visitor)
        if self.size > MOST_BYTES // _TABLES:
            self.clear()
        self.rows[visitor] = held

    def take(self, visitor: str) -> Held | None:
        """What is held of a visitor, and hold it no more."""
        held = self.rows.pop(visitor, None)
        if held is not None:
            self.size -= ENTRY_BYTES + CHARACTER_BYTES * len(visitor)
        return held

    def clear(self) -> None:
        """Forget all."""
        self.rows, self.size = {}, 0


@dataclass(slots=True)
class Counts(Table[int]):
    """How many times each visitor was counted in a span of time; spans follow each other from 1970 on."""

    span_ms: int = WINDOW_MS
    began_ms: int = 0

    def count(self, visitor: str, now_ms: int) -> int:
        """Count a visitor. A little disorder is usual: what is of the span before counts for this one."""
        if not -self.span_ms <= now_ms - self.began_ms < self.span_ms:
            self.began_ms = now_ms - now_ms % self.span_ms
            self.clear()
        times = self.rows.get(visitor, 0) + 1
        if times > 1:
            self.rows[visitor] = times
        else:
            self.add(visitor, times)
        return times


@dataclass(slots=True)
class Pace:
    """The visitors of one source partition: their events and pages, minutes in a row, and who was told when.

    `fast` are the last minute with too many pages, and how many there were in a row.
    """

    events: Counts = field(default_factory=Counts)
    pages: Counts = field(default_factory=lambda: Counts(span_ms=MINUTE_MS))
    fast: Table[tuple[int, int]] = field(default_factory=Table)
    told: Table[tuple[Outcome, int]] = field(default_factory=Table)
    last_offset: int = -1

    def judge(self, visitor: str, event: CleanEvent) -> Outcome | None:
        """What tells that the visitor is a machine, or None; `event` is its newest."""
        offset, now_ms = event["at"][2], event["received_ms"]
        if offset <= self.last_offset:
            for each in (self.events, self.pages, self.fast, self.told):
                each.clear()
        self.last_offset = offset
        if visitor in self.told.rows and (why := self._still_told(visitor, now_ms)):
            return why
        if now_ms - event["time_ms"] > LATE_MS:
            return None
        if self.events.count(visitor, now_ms) > MOST_EVENTS:
            self.told.add(visitor, (Outcome.BOT_RATE, now_ms))
            return Outcome.BOT_RATE
        is_one_too_many = event["kind"] == "page" and self.pages.count(visitor, now_ms) == MOST_PAGES + 1
        if is_one_too_many and self._minutes(visitor) == MOST_MINUTES:
            self.told.add(visitor, (Outcome.BOT_PAGES, now_ms))
            return Outcome.BOT_PAGES
        return None

    def _still_told(self, visitor: str, now_ms: int) -> Outcome | None:
        why, told_ms = self.told.rows[visitor]
        if abs(now_ms - told_ms) < HELD_MS:
            self.told.rows[visitor] = why, now_ms
            return why
        self.told.take(visitor)
        return None

    def _minutes(self, visitor: str) -> int:
        """How many minutes in a row had too many pages, this one among them."""
        minute = self.pages.began_ms // MINUTE_MS
        before = self.fast.take(visitor)
        minutes = before[1] + 1 if before is not None and before[0] == minute - 1 else 1
        self.fast.add(visitor, (minute, minutes))
        return minutes
