"""Who is no person by how fast they act: more than a person can, by the time of the records and never by a clock.

What was told of a visitor before stays told. A restart, another owner of the partition, and records that are read
again forget all counts and who was told: they begin anew, so that a person is never told for what was counted twice.
Laws: the same records in other batches are told the same; what is held has bounded bytes.
"""

from dataclasses import dataclass, field

from schemas.clean import CleanEvent
from services.ingest.core.reasons import Outcome

WINDOW_MS = 10_000
MOST_EVENTS = 200  # in one window: a person with a lively page makes some 20
MINUTE_MS = 60_000
MOST_PAGES = 30  # in one minute: a page every two seconds
MOST_MINUTES = 10  # in a row with more pages than that
HELD_MS = 30 * MINUTE_MS  # who was told is a machine until it was quiet for so long
LATE_MS = MINUTE_MS  # what happened longer before its record was kept offline, and says nothing of a pace
MOST_BYTES = 8 * 2**20  # of one source partition: some 18,000 visitors
ROW_BYTES = 400  # of a visitor beside the id: a row, its numbers, its place (measured November 2026)
_CHARACTER_BYTES = 4


@dataclass(slots=True)
class Row:
    """How fast a visitor is: events since `began_ms`, pages of a minute, minutes in a row with too many.

    `why` is what told a machine, last at `told_ms`.
    """

    began_ms: int
    minute: int
    events: int = 0
    pages: int = 0
    minutes: int = 0
    why: Outcome | None = None
    told_ms: int = 0


@dataclass(slots=True)
class Pace:
    """The visitors of one source partition, in two generations; who acts is in the young one."""

    young: dict[str, Row] = field(default_factory=dict)
    old: dict[str, Row] = field(default_factory=dict)
    size: int = 0
    last_offset: int = -1

    def judge(self, visitor: str, event: CleanEvent) -> Outcome | None:
        """What tells that the visitor is a machine, or None; `event` is its newest."""
        offset, now_ms = event["at"][2], event["received_ms"]
        if offset <= self.last_offset:
            self.young, self.old, self.size = {}, {}, 0
        self.last_offset = offset
        row = self.young.get(visitor)
        if row is None:
            row = self._row(visitor, now_ms)
        if row.why is not None:
            if abs(now_ms - row.told_ms) < HELD_MS:
                row.told_ms = now_ms
                return row.why
            row.why, row.events, row.minutes = None, 0, 0
        if now_ms - event["time_ms"] > LATE_MS:
            return None
        if not -WINDOW_MS < now_ms - row.began_ms < WINDOW_MS:
            row.began_ms, row.events = now_ms, 0
        row.events += 1
        if row.events > MOST_EVENTS:
            row.why, row.told_ms = Outcome.BOT_RATE, now_ms
        elif event["kind"] == "page" and _pages(row, now_ms // MINUTE_MS):
            row.why, row.told_ms = Outcome.BOT_PAGES, now_ms
        return row.why

    def _row(self, visitor: str, now_ms: int) -> Row:
        """The row of a visitor who was not among the young ones."""
        row = self.old.pop(visitor, None) or Row(now_ms, now_ms // MINUTE_MS)
        self.size += ROW_BYTES + _CHARACTER_BYTES * len(visitor)
        if self.size > MOST_BYTES // 2:
            self.old, self.young = self.young, {}
            self.size = ROW_BYTES + _CHARACTER_BYTES * len(visitor)
        self.young[visitor] = row
        return row


def _pages(row: Row, minute: int) -> bool:
    """Count a page; True once too many minutes in a row had too many. A record of the minute before counts for this."""
    if not row.minute - 1 <= minute <= row.minute:
        if minute != row.minute + 1 or row.pages <= MOST_PAGES:
            row.minutes = 0
        row.minute, row.pages = minute, 0
    row.pages += 1
    row.minutes += row.pages == MOST_PAGES + 1
    return row.minutes >= MOST_MINUTES
