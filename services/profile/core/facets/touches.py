"""Touches: mails asked for and ghosts of the held out; what became of them and of their courses; caps and purposes."""

from collections.abc import Sequence
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from schemas.clean import CleanEvent, FeedbackFact
from schemas.identity import message_id_of
from schemas.standing import Outcome
from services.profile.core.caps import MAX_TOUCHES, keep_newest_rows
from services.profile.core.facet import Arrival, Change, Effect, Facet
from services.profile.core.facets import mails
from services.profile.core.facets.mails import DECISION, Mails
from services.profile.core.feedback import STRENGTH, STRONGEST, is_course, is_heard, is_human
from services.profile.core.reasons import Count
from services.profile.core.rules import CapMs, Rules

FURTHER_BYTES = 400  # bound of a further course of a mail: its row, and that it was recommended
REACHED = frozenset({"sent", "delivered", "autoresponded", "opened", "clicked", "converted"})  # what may have been read


class Touch(Struct, array_like=True, frozen=True, order=True, gc=False):
    """When it was asked for, until when it is reserved, `ask` or `ghost`, the strongest word heard."""

    time_ms: int
    until_ms: int
    purpose: str
    playbook: str
    kind: str
    word: str


class Ignored(Struct, frozen=True, gc=False):
    """What courses.signals is told of a course that a mail showed in vain, and when that mail had had its time."""

    told: Outcome
    ends_ms: int


class Touches(Facet):
    """The touches and their mails, by decision."""

    rows: dict[str, Touch] = {}
    mails: Mails = {}

    def apply(self, change: Change) -> Effect | None:
        """Note what became of a mail, or that a course was taken to which one led."""
        if change.course is not None:
            told = self._converted(change.course, change.time_ms)
            return Effect(told=told) if told else None
        if not change.is_known or change.event["kind"] != "feedback":
            return None
        size = FURTHER_BYTES * len(change.event["feedback"].get("also", {}))
        count, told = self._hear(change.event, change.rules)
        return Effect(size, counted=[count], told=told)

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add the other's; of one touch the stronger word stands."""
        del arrival
        mails.merge(self.mails, other.mails)
        for decision, row in other.rows.items():
            known = self.rows.get(decision, row)
            self.rows[decision] = max(known, row, key=lambda each: (strength_of(each), each))

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest."""
        del newest_ms, half_life_ms
        keep_newest_rows(self.rows, MAX_TOUCHES // share, lambda row: row.time_ms)
        self.mails = {key: row for key, row in self.mails.items() if key[:DECISION] in self.rows}

    def reserve(self, decision: str, touch: Touch, memory_ms: int) -> None:
        """Add a touch; forget those no rule looks at any more."""
        now_ms = touch.time_ms
        for name, old in list(self.rows.items()):
            if old.time_ms <= now_ms - memory_ms and old.until_ms <= now_ms:
                del self.rows[name]
                mails.forget(self.mails, name)
        self.rows[decision] = touch

    def is_taken(self, purpose: str, now_ms: int, purpose_ms: int) -> bool:
        """True if the purpose was served within `purpose_ms`, or is reserved."""
        return any(
            row.purpose == purpose
            and (now_ms - row.time_ms < purpose_ms if is_confirmed(row) else row.until_ms > now_ms)
            for row in self.rows.values()
        )

    def free_at(self, now_ms: int, caps: Sequence[CapMs], memory_ms: int) -> int:
        """When the caps let one more mail go, in milliseconds; `now` or before where they do at once."""
        rows, at = self.rows.values(), now_ms
        for cap in caps:
            ends = sorted(end for row in rows if (end := _counts_until(row, cap.window_ms)) > now_ms)
            if len(ends) >= cap.most:
                at = max(at, ends[len(ends) - cap.most])
        if len(rows) >= MAX_TOUCHES:
            lives = sorted(max(row.time_ms + memory_ms, row.until_ms) for row in rows)
            at = max(at, lives[len(lives) - MAX_TOUCHES])
        return at

    def next_end(self) -> int | None:
        """When the first mail of which nothing was told yet has had its time, in milliseconds; None where none is."""
        return min((row.ends_ms for row in self.mails.values() if not row.told), default=None)

    def end(self, now_ms: int) -> list[Ignored]:
        """The courses of mails which had their time and led to nothing; it is remembered that this was told."""
        ignored: list[Ignored] = []
        for key, row in sorted(self.mails.items()):
            if not row.told and row.ends_ms <= now_ms:
                touch = self.rows.get(key[:DECISION])
                if touch is not None and row.course and touch.word in REACHED:
                    told = mails.tell(self.mails, key, "nothing", touch.time_ms)
                    ignored += [Ignored(each, row.ends_ms) for each in told]
                else:  # nobody could have read it, or nobody says which course it was about
                    del self.mails[key]
        return ignored

    def _converted(self, course: str, time_ms: int) -> list[Outcome]:
        if not self.mails or not is_course(course):
            return []
        return [
            told
            for key, row in sorted(self.mails.items())
            if row.course == course
            and (touch := self.rows.get(key[:DECISION]))
            and touch.time_ms <= time_ms <= row.ends_ms
            for told in mails.tell(self.mails, key, "converted", touch.time_ms)
        ]

    def _hear(self, event: CleanEvent, rules: Rules) -> tuple[Count, list[Outcome]]:
        """Note feedback. Laws: repeats change no more; whom the table of claims does not hear changes nothing."""
        if not is_heard(event):
            return Count.HEARD, []
        fact = event["feedback"]
        decision = self._decision_of(fact)
        if decision is None:
            return Count.UNKNOWN_TOUCH, []
        touch, word = self.rows[decision], fact["word"]
        if word == "not_sent":
            return self._give_back(decision, touch), []
        if STRENGTH.get(word, -1) > strength_of(touch):
            self.rows[decision] = replace(touch, word=word)
        if touch.kind != "ask" or not is_human(fact):
            return Count.HEARD, []
        return Count.HEARD, mails.heard(self.mails, decision, touch.time_ms, ends_at(touch, rules.memory_ms), event)

    def _decision_of(self, fact: FeedbackFact) -> str | None:
        """The touch that the feedback is about; many an ESP echoes the message id alone."""
        said = fact.get("decision_id")
        if said in self.rows:
            return said
        return next((each for each in self.rows if message_id_of(each) == fact["message_id"]), None)

    def _give_back(self, decision: str, touch: Touch) -> Count:
        if is_confirmed(touch):
            return Count.HEARD
        del self.rows[decision]
        mails.forget(self.mails, decision)
        return Count.GIVEN_BACK


def is_confirmed(touch: Touch) -> bool:
    """True if the touch happened, or may have; a ghost always did, and what a later version calls otherwise."""
    return touch.kind != "ask" or strength_of(touch) >= STRENGTH["unknown"]


def strength_of(touch: Touch) -> int:
    """How much the strongest word heard of a touch says; one that nobody here knows more than any."""
    return STRENGTH.get(touch.word, STRONGEST)


def ends_at(touch: Touch, memory_ms: int) -> int:
    """When a touch ends: no rule looks at it any more. What is heard later still counts."""
    return max(touch.time_ms + memory_ms, touch.until_ms)


def _counts_until(touch: Touch, window_ms: int) -> int:
    end = touch.time_ms + window_ms
    return end if is_confirmed(touch) else min(end, touch.until_ms)
