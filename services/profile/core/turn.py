"""One person's turn in a step: owned, changed in place by what came of them, encoded at its end."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import assert_never

from msgspec import UNSET

from schemas.clean import Absorb, CleanEvent, Rekey
from schemas.email import Suppression
from schemas.suppression import EVERY_PURPOSE
from schemas.topics import COURSES_SIGNALS, DECISIONS, EMAIL_SUPPRESSIONS, PROFILE_SELF
from services.profile.core import link
from services.profile.core.act import Act, Told, act_of
from services.profile.core.arrivals import Arrivals, Arrived, count, if_conversion
from services.profile.core.ending import end_mails
from services.profile.core.event import Event, clean, event_of
from services.profile.core.facet import Effect, Refusal
from services.profile.core.facets import triggers
from services.profile.core.facets.identity import MARK_BYTES, absorb_mark
from services.profile.core.feedback import is_heard
from services.profile.core.person import Person, apply, encode, erased, grow, hear, merge
from services.profile.core.reasons import Became, Count, Reason
from services.profile.core.request import Case, ended_at_once, sent
from services.profile.core.timers import dues
from services.profile.core.times import at
from services.profile.core.transition import Transition
from services.profile.core.trigger import Ended
from services.rules.providers import provider_of
from services.runtime.outcome import Send

SOURCE = "profile"  # of a suppression


@dataclass(slots=True)
class Turns:
    """What the turns of a step lead to so far; it changes, and for speed."""

    came: Arrivals
    now_ms: int
    values: dict[str, bytes] = field(default_factory=dict)
    waits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    owed: dict[str, tuple[int, ...]] = field(default_factory=dict)
    sends: list[Send] = field(default_factory=list)
    timers: list[tuple[int, str]] = field(default_factory=list)
    folded: int = 0

    def transition(self) -> Transition:
        """What the step leads to."""
        came = self.came
        if self.folded:
            came.counts[Count.FOLDED] = self.folded
        return Transition(
            self.values, came.checkpoint, tuple(self.sends), tuple(came.rejects), tuple(self.timers), came.counts,
            tuple(sorted(came.strangers)), self.waits, self.owed, came.seen,
        )  # fmt: skip


class Turn:
    """A person while it is their turn. Nobody else's matters to it, so the order of turns is free."""

    def __init__(self, turns: Turns, key: str, person: Person) -> None:
        self.key, self.person, self.rules, self.now_ms = key, person, turns.came.rules, turns.now_ms
        self._turns, self._due_ms = turns, dues(person)

    def fold(self, arrived: Arrived) -> None:
        """Fold one thing that came of the person."""
        match arrived:
            case list():
                self.visit(arrived)
            case Told():
                self.tell(arrived, lambda: self._turns.came.whole(arrived.act))
            case Absorb():
                self.absorb(arrived)
            case Rekey():
                self.rekey(arrived)
            case never:
                assert_never(never)

    def end(self) -> None:
        """Encode the person, and note what of them waits and when to look at it."""
        key, person, turns = self.key, self.person, self._turns
        turns.values[key] = encode(person)
        if person.triggers.by_purpose:
            turns.waits[key] = tuple(each.opened_ms for each in person.triggers.by_purpose.values())
        if person.has("touches") and (owed := person.touches.owed()):
            turns.owed[key] = owed
        due_ms = dues(person)
        if due_ms is not None and due_ms != self._due_ms:
            turns.timers.append((due_ms, key))

    def visit(self, acts: Sequence[Act]) -> None:
        """Apply acts that followed each other; those of somebody who was linked away follow them."""
        identity, whole = self.person.identity, self._turns.came.whole
        if identity.forward is not None:
            for act in acts:
                self._rekey(identity.forward, whole(act))
            return
        if identity.erased is not None:
            self.count(*[Count.REPEAT_ID if identity.holds(act.mark) else Count.AFTER_ERASURE for act in acts])
            return
        heard, shrunk = hear(self.person, acts, self.rules, whole)
        self._turns.folded += heard
        if heard != len(acts) or shrunk:
            self.count(*[Count.REPEAT_ID] * (len(acts) - heard), *[Count.SHRUNK] * shrunk)

    def tell(self, told: Told, whole: Callable[[], CleanEvent]) -> None:
        """Apply an event that says more than an act; `whole` gives it with the parts that a later version knows."""
        (act, event), identity = told, self.person.identity
        if identity.forward is not None and event.kind != "linked":
            self._rekey(identity.forward, whole())
        elif identity.holds(act.mark):
            self.count(Count.REPEAT_ID, *if_conversion(event.kind, Became.REPEAT))
        elif identity.erased is not None:
            self._tell_after_erasure(told)
        elif event.kind == "linked":
            self._link(clean(event), act)
        elif event.privacy == "erase":
            self._erase(event)
        else:
            identity.keep(act.mark, act.received_ms)
            self._turns.folded += 1
            self._follow(apply(self.person, told, self.key, self.rules, self.now_ms))
            if event.feedback is not UNSET and is_heard(clean(event)):
                self._turns.came.seen.hear(event.feedback["word"], self._provider, event.received_ms)

    def rekey(self, record: Rekey) -> None:
        """Apply a late event of a person that was linked to this one."""
        event = event_of(record.event)
        if record.from_person == record.person:
            self.person.identity.forward = None  # it went in a circle of links: here it ends
        if event.bot is True:
            self.count(Count.BOT, *if_conversion(event.kind, Became.BOT))
        else:
            self.tell(Told(act_of(event, self.rules.meaning(event)), event), lambda: record.event)

    def absorb(self, record: Absorb) -> None:
        """Merge the state of a person that was linked to this one; one that comes back to its owner ends a circle.

        An id that is held to be shared takes nobody's any more.
        """
        person = self.person
        identity = person.identity
        if record.from_person == record.person:
            identity.forward = None
        if identity.forward is not None:
            self.send(Send(PROFILE_SELF, record.model_copy(update={"person": identity.forward})))
            self.count(Count.FORWARDED)
        elif identity.holds(mark := absorb_mark(record.from_person, record.id)):
            self.count(Count.REPEAT_ID)
        else:
            identity.keep(mark, self.now_ms)
            other = link.carried(record, type(person))
            if identity.erased is not None:
                self.count(Count.AFTER_ERASURE)
                self._end(other.triggers.ended(Reason.ERASED))
            elif person.sharing.is_shared:
                self.count(Count.LINK_SHARED)
                self.grow(MARK_BYTES)
                self._end(other.triggers.ended(Reason.SHARED_ID))
            else:
                self.count(Count.ABSORBED)
                self._follow(merge(person, other, record.from_person, self.rules.half_life_ms))

    def grow(self, byte_count: int) -> None:
        """Bound the person, who grew by at most so many bytes."""
        if grow(self.person, byte_count, self.rules.half_life_ms):
            self.count(Count.SHRUNK)

    def end_mails(self) -> None:
        """Tell of the person's mails that had their time."""
        self._follow(end_mails(self.person, self.rules, self.now_ms))

    def count(self, *reasons: Count | Became | str) -> None:
        """Count each reason once."""
        count(self._turns.came.counts, *reasons)

    def send(self, send: Send) -> None:
        """Send what the step leads to."""
        self._turns.sends.append(send)

    def _follow(self, effect: Effect) -> None:
        """Count, tell what everybody's behaviour is learned from, and end triggers, as the person's change says."""
        self.count(*effect.counted)
        for signal in effect.told:
            self.send(Send(COURSES_SIGNALS, signal))
            self.count(Count.TOLD)
        for refusal in effect.refused:
            self._suppress(refusal)
        self._end(effect.ended)

    @property
    def _provider(self) -> str:
        address = self.person.traits.address
        return provider_of(None if address is None else address.value.rpartition("@")[2])

    def _suppress(self, refusal: Refusal) -> None:
        """Refuse mail to the address that is known, also mail that is on its way: composer and connector ask there."""
        address = self.person.traits.address
        if address is not None:
            self.send(Send(EMAIL_SUPPRESSIONS, Suppression(
                address_key=address.key, purposes=refusal.purposes, state="suppressed", reason=refusal.word,
                since=at(refusal.since_ms), source=SOURCE,
            )))  # fmt: skip
            self.count(Count.SUPPRESSED)

    def _rekey(self, known: str, event: CleanEvent) -> None:
        """Send the event after the person, who was linked to this known one."""
        record = Rekey(id=event["id"], person=known, from_person=event["person"], event=event)
        self.send(Send(PROFILE_SELF, record))
        self.count(Count.REKEYED, *if_conversion(event["kind"], Became.REKEYED))

    def _link(self, event: CleanEvent, act: Act) -> None:
        verdict, state, pointer = link.linked(self.person, event, act)
        self.count(verdict)
        if state is not None and pointer is not None:
            record = Absorb(id=event["id"], person=event["link"], from_person=self.key, state=state)
            self.send(Send(PROFILE_SELF, record))
            self.person = pointer

    def _erase(self, event: Event) -> None:
        person = self.person
        receipt = sha256(f"{event.id}|{self.key}".encode()).hexdigest()
        self._suppress(Refusal("erased", (EVERY_PURPOSE,), event.time_ms))
        self.person = erased(person, event.time_ms, receipt)
        self.count(Count.ERASURE)
        self._end(person.triggers.ended(Reason.ERASED))

    def _tell_after_erasure(self, told: Told) -> None:
        """Nothing revives an erased person; a conversion still ends with its record."""
        act, event = told
        self.count(Count.AFTER_ERASURE)
        if event.kind == "conversion":
            self.person.identity.keep(act.mark, act.received_ms)
            became, ended = triggers.ended_at_once(clean(event), Reason.ERASED, self.rules)
            self.count(became)
            self._end(ended)

    def _end(self, ended: Iterable[Ended]) -> None:
        """Write the decision of triggers that end without waiting."""
        for trigger, reason in ended:
            case = Case(self.key, self.person, trigger, self.rules, self.now_ms)
            self.send(sent(DECISIONS, ended_at_once(case, reason), case))
            self.count(Count.NOT_ASKED, reason)
