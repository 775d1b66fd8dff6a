"""Touches: mails asked for and ghosts of the held out; what became of them and of their courses; caps and purposes.

A mail's clicks are judged before they are told of: `clicks.py`.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from schemas.clean import FeedbackFact
from schemas.identity import message_id_of
from schemas.standing import Outcome
from services.profile.core.bounces import SOFT
from services.profile.core.caps import MAX_TOUCHES, keep_newest_rows
from services.profile.core.facet import Arrival, Change, Effect, Facet, Homeward
from services.profile.core.facets import clicks, mails
from services.profile.core.facets.clicks import CLICK_BYTES, SETTLE_MS, Click, Clicks
from services.profile.core.facets.mails import DECISION, Mails
from services.profile.core.feedback import STRENGTH, is_course, is_heard, machine_of
from services.profile.core.mark import mark_in
from services.profile.core.reasons import Count
from services.profile.core.rules import CapMs
from services.profile.core.touch import Touch, free_at, is_confirmed, is_taken, outlived, strength_of
from services.rules.clicks import Verdict

FURTHER_BYTES = 400  # bound of a further course of a mail: its row, and that it was recommended
REACHED = frozenset({"sent", "delivered", "autoresponded", "opened", "clicked", "converted"})  # what may have been read


class Ignored(Struct, frozen=True, gc=False):
    """What courses.signals is told of a course that a mail showed in vain, and when that mail had had its time."""

    told: Outcome
    ends_ms: int


class Settled(NamedTuple):
    """Clicks that were judged: the verdict of each, when a person made one, and what courses.signals is told."""

    verdicts: list[Verdict]
    by_person_ms: list[int]
    told: list[Outcome]


class Touches(Facet):
    """The touches, which mailbox each is of, their mails and the clicks of those, by decision."""

    rows: dict[str, Touch] = {}
    mails: Mails = {}
    clicks: Clicks = {}
    mailboxes: dict[str, str] = {}

    def apply(self, change: Change) -> Effect | None:
        """Note what became of a mail, or that a course was taken to which one led."""
        if change.course is not None:
            told = self._converted(change.course, change.time_ms)
            return Effect(told=told) if told else None
        if not change.is_known or change.event["kind"] != "feedback":
            return None
        size = CLICK_BYTES + FURTHER_BYTES * len(change.event["feedback"].get("also", {}))
        return replace(self._hear(change), size=size)

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add the other's; of one touch the stronger word stands."""
        del arrival
        self.mailboxes = {**self.mailboxes, **other.mailboxes}
        mails.merge(self.mails, other.mails)
        clicks.merge(self.clicks, other.clicks)
        for decision, row in other.rows.items():
            known = self.rows.get(decision, row)
            self.rows[decision] = max(known, row, key=lambda each: (strength_of(each), each))

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest."""
        del newest_ms, half_life_ms
        keep_newest_rows(self.rows, MAX_TOUCHES // share, lambda row: row.time_ms)
        self.mailboxes = {key: mailbox for key, mailbox in self.mailboxes.items() if key in self.rows}
        self.mails = {key: row for key, row in self.mails.items() if key[:DECISION] in self.rows}
        self.clicks = {key: row for key, row in self.clicks.items() if key in self.rows}

    def reserve(self, decision: str, touch: Touch, mailbox: str, memory_ms: int) -> None:
        """Add a touch of the mail to this mailbox; forget those no rule looks at any more."""
        for name in outlived(self.rows, touch.time_ms, memory_ms):
            self._forget(name)
        self.rows[decision] = touch
        self.mailboxes[decision] = mailbox

    def owed(self) -> tuple[int, ...]:
        """Until when mails are reserved of which no word has come, in milliseconds."""
        return tuple([row.until_ms for row in self.rows.values() if row.kind == "ask" and not row.word])

    def is_taken(self, purpose: str, now_ms: int, purpose_ms: int) -> bool:
        """True if the purpose was served within `purpose_ms`, or is reserved."""
        return is_taken(self.rows.values(), purpose, now_ms, purpose_ms)

    def free_at(self, purpose: str, now_ms: int, caps: Sequence[CapMs], memory_ms: int) -> int:
        """When the caps let one more mail of the purpose go, in milliseconds; `now` or before where they do at once."""
        return free_at([*self.rows.values()], purpose, now_ms, caps, memory_ms)

    def next_end(self) -> int | None:
        """When the first mail has something to tell, in milliseconds; None where none has.

        Clicks that are judged come first: until then nobody knows whether the mail led to nothing.
        """
        judged = clicks.pending(self.clicks)
        ends = (row.ends_ms for key, row in self.mails.items() if not row.told and key[:DECISION] not in judged)
        return min((*judged.values(), *ends), default=None)

    def settle(self, now_ms: int) -> Settled:
        """Judge the clicks that have waited for their likes; a machine's, and one that is suspected, tell nothing."""
        settled = Settled([], [], [])
        for decision, row in sorted(self.clicks.items()):
            links = mails.count_of(self.mails, decision)
            self.clicks[decision], judged = clicks.settled(row, links, now_ms)
            touch = self.rows.get(decision)
            for click, verdict in judged:
                settled.verdicts.append(verdict)
                key = mails.key_of(decision, click.about)
                if verdict is Verdict.NO and touch is not None and key in self.mails:
                    settled.by_person_ms.append(click.time_ms)
                    settled.told.extend(mails.tell(self.mails, key, "clicked", touch.time_ms))
        return settled

    def end(self, now_ms: int) -> list[Ignored]:
        """The courses of mails which had their time and led to nothing; it is remembered that this was told."""
        ignored, judged = list[Ignored](), clicks.pending(self.clicks)
        for key, row in sorted(self.mails.items()):
            if not row.told and row.ends_ms <= now_ms and key[:DECISION] not in judged:
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

    def _hear(self, change: Change) -> Effect:
        """Note feedback. Laws: repeats change no more; whom the table of claims does not hear changes nothing."""
        event = change.event
        if not is_heard(event):
            return Effect(counted=[Count.HEARD])
        fact = event["feedback"]
        decision, homeward = self._decision_of(fact), _came(fact, change.time_ms)
        if decision is None:
            return Effect(counted=[Count.UNKNOWN_TOUCH], homeward=homeward)
        touch, word = self.rows[decision], fact["word"]
        if word == "not_sent":
            return self._give_back(decision, touch, change.time_ms)
        if STRENGTH.get(word, -1) > strength_of(touch):
            self.rows[decision] = replace(touch, word=word)
            if decision in self.mailboxes and is_confirmed(self.rows[decision]) and not is_confirmed(touch):
                homeward.append(Homeward("confirmed", change.time_ms, decision, word))
        if touch.kind != "ask":
            return Effect(counted=[Count.HEARD], homeward=homeward)
        return Effect(counted=[Count.HEARD], told=self._answered(decision, change), homeward=homeward)

    def _answered(self, decision: str, change: Change) -> list[Outcome]:
        """Note what became of a mail that was asked for; gives what it says of its courses."""
        event, touch = change.event, self.rows[decision]
        fact = event["feedback"]
        if fact["word"] == "clicked":
            return self._click(decision, change)
        if fact["word"] == "delivered":
            clicks.deliver(self.clicks, decision, change.time_ms)
        ends_ms = ends_at(touch, change.rules.memory_ms)
        if machine_of(fact) is not Verdict.NO:
            return []
        return mails.heard(self.mails, decision, touch.time_ms, ends_ms, event)

    def _click(self, decision: str, change: Change) -> list[Outcome]:
        """Note a click, to be judged when its likes have come; a course that it names may be news of an earlier one."""
        event, touch = change.event, self.rows[decision]
        mails.note(self.mails, decision, ends_at(touch, change.rules.memory_ms), event)
        told = mails.tell(self.mails, decision, "", touch.time_ms)
        [key] = mails.about(self.mails, decision, "clicked", event)
        course = mails.link_of(key)
        link = course or mails.hash_of(event.get("url", ""))
        machine, settles_ms = machine_of(event["feedback"]), event["received_ms"] + SETTLE_MS
        clicks.note(self.clicks, decision, Click(change.time_ms, link, course, machine.value, settles_ms))
        return told

    def mailbox_of(self, fact: FeedbackFact) -> str:
        """The key of the address to which the mail went that feedback is about; empty where nobody knows."""
        return self.mailboxes.get(self._decision_of(fact) or "", "")

    def _decision_of(self, fact: FeedbackFact) -> str | None:
        """The touch that the feedback is about; many an ESP echoes the message id alone."""
        said = fact.get("decision_id")
        if said in self.rows:
            return said
        return next((each for each in self.rows if message_id_of(each) == fact["message_id"]), None)

    def _give_back(self, decision: str, touch: Touch, time_ms: int) -> Effect:
        if is_confirmed(touch):
            return Effect(counted=[Count.HEARD])
        homeward = [Homeward("given_back", time_ms, decision)] if decision in self.mailboxes else []
        self._forget(decision)
        return Effect(counted=[Count.GIVEN_BACK], homeward=homeward)

    def _forget(self, decision: str) -> None:
        """Drop the touch, with all that is kept of its mail."""
        del self.rows[decision]
        self.mailboxes.pop(decision, None)
        mails.forget(self.mails, decision)
        self.clicks.pop(decision, None)


def _came(fact: FeedbackFact, time_ms: int) -> list[Homeward]:
    """What the home is told of a mail that came back for the moment, or arrived, whichever mail it is."""
    if fact["word"] == "delivered":
        return [Homeward("delivered", time_ms)]
    if fact["word"] == "bounced" and fact.get("bounce_class", SOFT) == SOFT:
        return [Homeward("soft_bounced", time_ms, said=mark_in("mail", fact["message_id"]))]
    return []


def ends_at(touch: Touch, memory_ms: int) -> int:
    """When a touch ends: no rule looks at it any more. What is heard later still counts."""
    return max(touch.time_ms + memory_ms, touch.until_ms)
