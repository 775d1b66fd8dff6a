"""One person's turn in a step: owned, changed in place by what came of them, encoded at its end."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from msgspec import UNSET

from schemas.clean import Absorb, CleanEvent, Rekey
from schemas.email import Suppression
from schemas.suppression import EVERY_PURPOSE
from schemas.topics import COURSES_SIGNALS, DECISIONS, EMAIL_SUPPRESSIONS, PROFILE_SELF
from services.profile.core import link
from services.profile.core.act import Act, Told, act_of
from services.profile.core.arrivals import count, if_conversion
from services.profile.core.ending import end_mails
from services.profile.core.event import Event, clean, event_of
from services.profile.core.facet import Effect, Homeward, Refusal
from services.profile.core.facets import triggers
from services.profile.core.facets.identity import MARK_BYTES, absorb_mark
from services.profile.core.feedback import is_heard
from services.profile.core.homeward import telling
from services.profile.core.person import Person, apply, encode, erased, grow, hear, merge
from services.profile.core.reasons import Became, Count, Reason
from services.profile.core.request import Case, decision_id, ended_at_once, mailbox_key, sent
from services.profile.core.timers import comes_due, dues
from services.profile.core.times import at
from services.profile.core.trigger import Ended, Trigger, unheld
from services.profile.core.turns import Turns
from services.profile.core.verdict import Verdict
from services.rules.providers import provider_of
from services.runtime.outcome import Send

SOURCE = "profile"  # of a suppression
TOUCH_BYTES = 1_350  # bound of one row of touches, with the key of its mailbox


class Turn:
    """A person while it is their turn. Nobody else's matters to it, so the order of turns is free."""

    def __init__(self, turns: Turns, key: str, person: Person) -> None:
        self.key, self.person, self.rules, self.now_ms = key, person, turns.came.rules, turns.now_ms
        self._turns, self._due_ms = turns, dues(person)
        self._cause = ""  # the id of what is applied

    @property
    def mailbox(self) -> str:
        """The key of the person's address; empty where nobody knows one."""
        return mailbox_key(self.key, self.person)

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
            turns.is_due = turns.is_due or comes_due(person, self.now_ms)

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
        self._cause = event.id
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
            used = self._used()
            to = "" if event.feedback is UNSET else self.person.touches.mailbox_of(event.feedback)
            self._follow(apply(self.person, told, self.key, self.rules, self.now_ms), to or self.mailbox)
            self._move(used, event.time_ms)
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
        person, self._cause = self.person, record.id
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
                used = self._used()
                self._follow(merge(person, other, record.from_person, self.rules.half_life_ms), self.mailbox)
                self._move(used, person.newest_ms)

    def grow(self, byte_count: int) -> None:
        """Bound the person, who grew by at most so many bytes."""
        if grow(self.person, byte_count, self.rules.half_life_ms):
            self.count(Count.SHRUNK)

    def end_mails(self) -> None:
        """Tell of the person's mails that had their time."""
        self._follow(end_mails(self.person, self.rules, self.now_ms), self.mailbox)

    def count(self, *reasons: Count | Became | str) -> None:
        """Count each reason once."""
        count(self._turns.came.counts, *reasons)

    def send(self, send: Send) -> None:
        """Send what the step leads to."""
        self._turns.sends.append(send)

    def forget(self, cause: str, time_ms: int) -> None:
        """Leave of the person nothing but when, and a receipt; the home is told by who was asked to."""
        person = self.person
        self.person = erased(person, time_ms, sha256(f"{cause}|{self.key}".encode()).hexdigest())
        self.count(Count.ERASURE)
        self._end(person.triggers.ended(Reason.ERASED))

    def whole(self, act: Act) -> CleanEvent:
        """The act's event, with the parts that only a later version knows."""
        return self._turns.came.whole(act)

    def conclude(self, purpose: str, verdict: Verdict) -> None:
        """Keep what a trigger's look came to."""
        self.count(*verdict.counts)
        if verdict.waits is not None:
            self.person.triggers.by_purpose[purpose] = verdict.waits
        self.grow(TOUCH_BYTES)
        if verdict.send is not None:
            self.send(verdict.send)

    def tell_home(self, mailbox: str, said: Homeward, cause: str | None = None) -> None:
        """Tell the home of the address with this key; by the id of the cause, else of what is applied."""
        if mailbox:
            self.send(telling(self.key, self._cause if cause is None else cause, mailbox, said))

    def give_back(self, mailbox: str, decision: str) -> None:
        """Give back what the home may have reserved for a mail that is not asked for."""
        self.tell_home(mailbox, Homeward("given_back", self.now_ms, decision), decision)

    def _follow(self, effect: Effect, mailbox: str) -> None:
        """Count, tell what everybody's behaviour is learned from, and end triggers, as the person's change says.

        `mailbox`: the key of the address that it is about.
        """
        self.count(*effect.counted)
        for signal in effect.told:
            self.send(Send(COURSES_SIGNALS, signal))
            self.count(Count.TOLD)
        for refusal in effect.refused:
            self._suppress(refusal, mailbox)
        for said in effect.homeward:
            self.tell_home(mailbox, said)
        self._end(effect.ended)

    def _used(self) -> str:
        """The key of the address that the person said; empty where they said none."""
        address = self.person.traits.address
        return "" if address is None else address.key

    def _move(self, former: str, time_ms: int) -> None:
        """Tell the homes where the person's address is another than this former one."""
        if (used := self._used()) != former:
            self.tell_home(former, Homeward("leaves", time_ms))
            self.tell_home(used, Homeward("uses", time_ms))

    @property
    def _provider(self) -> str:
        address = self.person.traits.address
        return provider_of(None if address is None else address.value.rpartition("@")[2])

    def _suppress(self, refusal: Refusal, mailbox: str) -> None:
        """Refuse mail to the address, also mail that is on its way: composer and connector ask there.

        Its home hears of it, and by it all who use it.
        """
        if mailbox:
            self.send(Send(EMAIL_SUPPRESSIONS, Suppression(
                address_key=mailbox, purposes=refusal.purposes, state="suppressed", reason=refusal.word,
                since=at(refusal.since_ms), source=SOURCE,
            )))  # fmt: skip
            self.count(Count.SUPPRESSED)
            self.tell_home(mailbox, Homeward(refusal.word, refusal.since_ms, purposes=refusal.purposes))

    def _return(self, trigger: Trigger) -> None:
        """Give back what may be reserved for a trigger that ends, or goes."""
        if trigger.asked is not None:
            case = Case(self.key, self.person, trigger, self.rules, self.now_ms)
            self.give_back(trigger.asked.mailbox, decision_id(case))

    def _rekey(self, known: str, event: CleanEvent) -> None:
        """Send the event after the person, who was linked to this known one."""
        record = Rekey(id=event["id"], person=known, from_person=event["person"], event=event)
        self.send(Send(PROFILE_SELF, record))
        self.count(Count.REKEYED, *if_conversion(event["kind"], Became.REKEYED))

    def _link(self, event: CleanEvent, act: Act) -> None:
        verdict, state, pointer = link.linked(self.person, event, act)
        self.count(verdict)
        if state is not None and pointer is not None:
            for trigger in self.person.triggers.by_purpose.values():
                self._return(trigger)
            self._cause = event["id"]
            self.tell_home(self._used(), Homeward("leaves", event["time_ms"]))
            record = Absorb(id=event["id"], person=event["link"], from_person=self.key, state=state)
            self.send(Send(PROFILE_SELF, record))
            self.person = pointer

    def _erase(self, event: Event) -> None:
        self._suppress(Refusal("erased", (EVERY_PURPOSE,), event.time_ms), self.mailbox)
        self.forget(event.id, event.time_ms)

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
            self._return(trigger)
            case = Case(self.key, self.person, unheld(trigger), self.rules, self.now_ms)
            self.send(sent(DECISIONS, ended_at_once(case, reason), case))
            self.count(Count.NOT_ASKED, reason)
