"""One step while it grows: records are applied to the persons they touch. Lives for one call of `advance` or `fire`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from schemas.clean import Absorb, CleanEvent, Rekey
from schemas.topics import COURSES_SIGNALS, DECISIONS, PROFILE_SELF
from services.profile.core import link
from services.profile.core.facet import Effect
from services.profile.core.facets import triggers
from services.profile.core.facets.identity import mark_of
from services.profile.core.packs import Unsound
from services.profile.core.person import Person, apply, end_mails, erased, grow, merge
from services.profile.core.reasons import Became, Count, Reason
from services.profile.core.request import Case, ended_at_once
from services.profile.core.rules import Rules
from services.profile.core.timers import dues
from services.profile.core.transition import Input, Read, Rejected, Transition
from services.profile.core.trigger import Ended
from services.runtime.outcome import Send

PARTS = ("offsets", "sources", "last")
"""Of a position: what is done of each input, of each source of ingest's, and the last record applied of each input.

Of the last a row: its offset and time, by which it is known again, and the youngest time of all.
"""
_YOUNGEST = 2
YOUNGER_MS = 60_000  # brokers of one cluster differ by less
_TIME = 2  # of a row of coordinates; rows of an older version have none


@dataclass(slots=True)
class Applying:
    """What a step leads to so far; it changes, and for speed."""

    read: Read
    rules: Rules
    now_ms: int
    offsets: dict[str, int]
    sources: dict[str, list[int]]
    last: dict[str, list[int]]
    rest: dict[str, Any]
    values: dict[str, Person] = field(default_factory=dict)
    dues: dict[str, int | None] = field(default_factory=dict)
    sends: list[Send] = field(default_factory=list)
    rejects: list[Rejected] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    folded: int = 0
    strangers: set[str] = field(default_factory=set)

    def passes_to(self, each: Input) -> bool:
        """Stand at the record; false if it lies at a place that is done, and is to be passed over.

        None there is younger than all that was applied. One that is, is of another log: the topic was made anew, or
        cut off; of that nothing was applied before it. Whose clock dated it does not matter.
        """
        is_new = each.offset > self.offsets.get(each.topic, -1)
        row = self.last.get(each.topic)
        if not is_new:
            if row is None or each.timestamp_ms <= row[_YOUNGEST]:
                return self._repeats()
            self.strangers.add(f"{each.topic}/{each.partition}")
            if not self.rules.accepts_gap:
                return self._repeats()
        youngest = max(each.timestamp_ms, row[_YOUNGEST]) if is_new and row is not None else each.timestamp_ms
        self.offsets[each.topic] = each.offset
        self.last[each.topic] = [each.offset, each.timestamp_ms, youngest]
        return True

    def reject(self, each: Input, why: Unsound) -> None:
        """Send the record to the dead letters; conversions may be lost with it."""
        self.rejects.append(Rejected(each, why.reason, why.detail))
        self.count(Count.REJECTED, why.reason, *[Became.REJECTED] * why.conversions)

    def person_of(self, key: str) -> Person:
        """The person, owned: read at the first touch of the step."""
        person = self.values.get(key)
        if person is None:
            person = self.values[key] = self.read(key) or Person()
            self.dues[key] = dues(person)
        return person

    def event(self, event: CleanEvent, whole: Callable[[CleanEvent], CleanEvent]) -> None:
        """Apply one event of a pack; one at or below its source's last coordinates is a repeat of ingest.

        One that is younger than what was applied last is so no more: that source is another log. Of a source that the
        operator says was made anew, coordinates are neither judged nor kept: packs of the old log may still wait
        before those of the new one. Its repeats are known by their ids alone.
        """
        topic, partition, offset, place = event["at"]
        if topic not in self.rules.made_anew:
            source = f"{topic}/{partition}"
            last = self.sources.get(source)
            if last is not None and (offset < last[0] or (offset == last[0] and place <= last[1])):
                if topic in self.rules.stamped and is_of_another_log(last, event["received_ms"]):
                    self.strangers.add(source)
                self.count(Count.REPEAT_COORDINATES, *if_conversion(event, Became.REPEAT))
                return
            self.sources[source] = [offset, place, event["received_ms"]]
        self._apply(event, event["person"], whole)

    def rekey(self, record: Rekey) -> None:
        """Apply a late event of a person that was linked to this one."""
        if record.from_person == record.person:
            self.person_of(record.person).identity.forward = None  # it went in a circle of links: here it ends
        self._apply(record.event, record.person, lambda event: event)

    def absorb(self, record: Absorb) -> None:
        """Merge the state of a person that was linked to this one; one that comes back to its owner ends a circle."""
        person = self.person_of(record.person)
        identity = person.identity
        if record.from_person == record.person:
            identity.forward = None
        if identity.forward is not None:
            self.sends.append(Send(PROFILE_SELF, record.model_copy(update={"person": identity.forward})))
            self.count(Count.FORWARDED)
        elif identity.holds_absorb(record.from_person, record.id):
            self.count(Count.REPEAT_ID)
        else:
            identity.keep_absorb(record.from_person, record.id)
            other = link.carried(record, type(person))
            if identity.erased is not None:
                self.count(Count.AFTER_ERASURE)
                self._end(record.person, other.triggers.ended(Reason.ERASED))
            else:
                self.count(Count.ABSORBED)
                self._follow(record.person, merge(person, other, record.from_person, self.rules.half_life_ms))

    def grow(self, person: Person, byte_count: int) -> None:
        """Bound the person, who grew by at most so many bytes."""
        if grow(person, byte_count, self.rules.half_life_ms):
            self.count(Count.SHRUNK)

    def end_mails(self, key: str) -> None:
        """Tell of the person's mails that had their time."""
        self._follow(key, end_mails(self.person_of(key), self.rules, self.now_ms))

    def count(self, *reasons: Count | Became | str) -> None:
        """Count each reason once."""
        counts = self.counts
        for reason in reasons:
            counts[reason] = counts.get(reason, 0) + 1

    def transition(self) -> Transition:
        """What the step leads to."""
        timers = [
            (due, key) for key, person in self.values.items()
            if (due := dues(person)) is not None and due != self.dues[key]
        ]  # fmt: skip
        position = {**self.rest, "offsets": self.offsets, "sources": self.sources}
        if self.last:
            position["last"] = self.last
        if self.folded:
            self.counts[Count.FOLDED] = self.folded
        return Transition(
            self.values, position, tuple(self.sends), tuple(self.rejects), tuple(timers), self.counts,
            tuple(sorted(self.strangers)),
        )  # fmt: skip

    def _follow(self, key: str, effect: Effect) -> None:
        """Count, tell what everybody's behaviour is learned from, and end triggers, as the person's change says."""
        self.count(*effect.counted)
        for signal in effect.told:
            self.sends.append(Send(COURSES_SIGNALS, signal))
            self.count(Count.TOLD)
        self._end(key, effect.ended)

    def _repeats(self) -> bool:
        self.count(Count.REPEAT_RECORD)
        return False

    def _apply(self, event: CleanEvent, key: str, whole: Callable[[CleanEvent], CleanEvent]) -> None:
        if event.get("bot"):
            self.count(Count.BOT, *if_conversion(event, Became.BOT))
            return
        person = self.person_of(key)
        identity = person.identity
        known = identity.forward
        if known is not None and event["kind"] != "linked":
            record = Rekey(id=event["id"], person=known, from_person=event["person"], event=whole(event))
            self.sends.append(Send(PROFILE_SELF, record))
            self.count(Count.REKEYED, *if_conversion(event, Became.REKEYED))
            return
        mark = mark_of(event)
        if identity.holds(mark, event):
            self.count(Count.REPEAT_ID, *if_conversion(event, Became.REPEAT))
        elif identity.erased is not None:
            self._apply_after_erasure(event, key, mark)
        elif event["kind"] == "linked":
            self._link(event, key, mark)
        elif event.get("privacy") == "erase":
            self._erase(event, key)
        else:
            identity.keep(mark)
            self.folded += 1
            effect = apply(person, event, key, self.rules, self.now_ms)
            if effect is not None:
                self._follow(key, effect)

    def _link(self, event: CleanEvent, key: str, mark: str) -> None:
        verdict, state, pointer = link.linked(self.values[key], event, mark)
        self.count(verdict)
        if state is not None and pointer is not None:
            record = Absorb(id=event["id"], person=event["link"], from_person=key, state=state)
            self.sends.append(Send(PROFILE_SELF, record))
            self.values[key] = pointer

    def _erase(self, event: CleanEvent, key: str) -> None:
        person = self.values[key]
        receipt = sha256(f"{event['id']}|{key}".encode()).hexdigest()
        self.values[key] = erased(person, event, receipt)
        self.count(Count.ERASURE)
        self._end(key, person.triggers.ended(Reason.ERASED))

    def _apply_after_erasure(self, event: CleanEvent, key: str, mark: str) -> None:
        """Nothing revives an erased person; a conversion still ends with its record."""
        self.count(Count.AFTER_ERASURE)
        if event["kind"] == "conversion":
            self.values[key].identity.keep(mark)
            became, ended = triggers.ended_at_once(event, Reason.ERASED, self.rules)
            self.count(became)
            self._end(key, ended)

    def _end(self, key: str, ended: Iterable[Ended]) -> None:
        """Write the decision of triggers that end without waiting."""
        for trigger, reason in ended:
            case = Case(key, self.values[key], trigger, self.rules, self.now_ms)
            self.sends.append(Send(DECISIONS, ended_at_once(case, reason)))
            self.count(Count.NOT_ASKED, reason)


def applying(position: Mapping[str, Any], read: Read, rules: Rules, now_ms: int) -> Applying:
    """A step that has applied nothing yet."""
    offsets, sources, last = (dict(position.get(part, {})) for part in PARTS)
    rest = {key: part for key, part in position.items() if key not in PARTS}
    return Applying(read, rules, now_ms, offsets, sources, last, rest)


def if_conversion(event: CleanEvent, became: Became) -> tuple[Became, ...]:
    """What became of the event, where it is a conversion; nothing else is counted so."""
    return (became,) if event["kind"] == "conversion" else ()


def is_of_another_log(last: list[int], received_ms: int) -> bool:
    """True if a record at or below the last place is younger than what was applied there: the topic was made anew."""
    return len(last) > _TIME and received_ms > last[_TIME] + YOUNGER_MS
