"""One accepted event, or one record of `profile.self`, into the work of a step."""

from hashlib import sha256

from schemas.clean import Absorb, CleanEvent, Rekey
from schemas.plain import dumps
from schemas.topics import PROFILE_SELF
from services.profile.core import link
from services.profile.core.decide import decide
from services.profile.core.facets.identity import mark_of
from services.profile.core.facets.triggers import ended_at_once
from services.profile.core.fold import KINDS, erased, fold
from services.profile.core.person import Person, decode, grow, merge
from services.profile.core.reasons import Became, Count, Reason
from services.profile.core.request import Case
from services.profile.core.trigger import HELD_BYTES, Trigger, is_to_wait, unheld, was_in_vain
from services.profile.core.work import Work
from services.runtime.outcome import Send

LAST_MS = 253_402_300_800_000  # the year 10000, which no date can hold
MAX_PERSON = 300  # characters: of every later event
MAX_PLACE = 2**53
PREFIXES = frozenset({"u:", "e:", "a:"})
YOUNGER_MS = 60_000  # brokers of one cluster differ by less
_TIME = 2  # of a row of coordinates; rows of an older version have none
TOUCH_BYTES = 900  # bound of one row of touches


def broken(event: CleanEvent) -> str | None:
    """Which rule the event breaks, or None: what its shape alone cannot say."""
    if not (0 <= event["time_ms"] < LAST_MS and 0 <= event["received_ms"] < LAST_MS):
        return "time_ms and received_ms must be milliseconds since 1970, before the year 10000"
    if len(event["person"]) > MAX_PERSON:
        return f"person must have at most {MAX_PERSON} characters"
    _, partition, offset, place = event["at"]
    if not (0 <= partition < MAX_PLACE and 0 <= offset < MAX_PLACE and 0 <= place < MAX_PLACE):
        return "at must hold whole numbers from 0"
    return _unfinished(event)


def if_conversion(event: CleanEvent, became: Became) -> tuple[Became, ...]:
    """What became of the event, where it is a conversion; nothing else is counted so."""
    return (became,) if event["kind"] == "conversion" else ()


def take_event(work: Work, event: CleanEvent) -> None:
    """Take one event of a pack; one at or below its source's last coordinates is a repeat of ingest.

    One that is younger than what was applied last is so no more: that source is another log. Of a source that the
    operator says was made anew, coordinates are neither judged nor kept: packs of the old log may still wait before
    those of the new one. Its repeats are known by their ids alone.
    """
    topic, partition, offset, place = event["at"]
    source = f"{topic}/{partition}"
    if topic not in work.rules.made_anew:
        last = work.sources.get(source)
        if last is not None and (offset < last[0] or (offset == last[0] and place <= last[1])):
            if topic in work.rules.stamped and is_of_another_log(last, event["received_ms"]):
                work.strangers.add(source)
            work.count(Count.REPEAT_COORDINATES, *if_conversion(event, Became.REPEAT))
            return
        work.sources[source] = [offset, place, event["received_ms"]]
    _apply(work, event, event["person"])


def is_of_another_log(last: list[int], received_ms: int) -> bool:
    """True if a record at or below the last place is younger than what was applied there: the topic was made anew."""
    return len(last) > _TIME and received_ms > last[_TIME] + YOUNGER_MS


def take_rekey(work: Work, record: Rekey) -> None:
    """Take a late event of a person that was linked to this one."""
    state = work.state_of(record.person)
    if record.from_person == record.person:
        state.identity.forward = None  # it went in a circle of links: here it ends
    _apply(work, record.event, record.person)


def broken_record(record: Absorb | Rekey) -> str | None:
    """Which rule a record of `profile.self` breaks, or None."""
    if len(record.person) > MAX_PERSON or record.person[:2] not in PREFIXES:
        return f"person must begin with u:, e: or a: and have at most {MAX_PERSON} characters"
    return broken(record.event) if isinstance(record, Rekey) else None


def take_absorb(work: Work, record: Absorb) -> None:
    """Take the state of a person that was linked to this one; a state that comes back to its owner ends a circle."""
    state = work.state_of(record.person)
    identity = state.identity
    if record.from_person == record.person:
        identity.forward = None
    if identity.forward is not None:
        work.sends.append(Send(PROFILE_SELF, record.model_copy(update={"person": identity.forward})))
        work.count(Count.FORWARDED)
        return
    if identity.holds_absorb(record.from_person, record.id):
        work.count(Count.REPEAT_ID)
        return
    identity.keep_absorb(record.from_person, record.id)
    other = carried(record, type(state))
    if identity.erased is not None:
        work.end(record.person, other.triggers.ended(Reason.ERASED))
        work.count(Count.AFTER_ERASURE)
        return
    ended = merge(state, other, record.from_person, work.rules.half_life_ms)
    if grow(state, other.size, work.rules.half_life_ms):
        work.count(Count.SHRUNK)
    work.count(Count.ABSORBED)
    work.end(record.person, ended)


def look(work: Work, person: str, purpose: str, spent: int) -> int:
    """Decide the person's due trigger of a purpose, or let it wait for a state that is on its way.

    Gives the day's count of asks after it.
    """
    state = work.state_of(person)
    waiting, awaited_until_ms = state.triggers.by_purpose, state.identity.awaited_until_ms()
    trigger = waiting.pop(purpose)
    if is_to_wait(trigger, awaited_until_ms, work.now_ms):
        _hold(work, state, trigger)
        return spent
    if was_in_vain(trigger, awaited_until_ms):
        work.count(Count.LINK_OVERDUE)
    verdict = decide(Case(person, state, unheld(trigger), work.rules, work.now_ms), spent)
    work.count(*verdict.counts)
    if verdict.waits is not None:
        waiting[purpose] = verdict.waits
    if grow(state, TOUCH_BYTES, work.rules.half_life_ms):
        work.count(Count.SHRUNK)
    if verdict.send is not None:
        work.sends.append(verdict.send)
    return spent + (1 if verdict.is_asked else 0)


def _hold(work: Work, state: Person, trigger: Trigger) -> None:
    state.triggers.by_purpose[trigger.purpose] = trigger._replace(held_ms=work.now_ms)
    work.count(Count.LINK_AWAITED)
    if grow(state, HELD_BYTES, work.rules.half_life_ms):
        work.count(Count.SHRUNK)


def carried(record: Absorb, kind: type[Person]) -> Person:
    """The person in an absorb record; their size measured, not believed.

    Once a link bore the id of its call, and its ring said so: the call itself may not have been folded yet.
    """
    raw = dumps(dict(record.state))
    person = decode(raw, kind)
    person.identity.forget_old(record.id)
    person.size = len(raw)
    return person


def _apply(work: Work, event: CleanEvent, person: str) -> None:
    if event.get("bot"):
        work.count(Count.BOT, *if_conversion(event, Became.BOT))
        return
    state = work.state_of(person)
    known = state.identity.forward
    if known is not None and event["kind"] != "linked":
        record = Rekey(id=event["id"], person=known, from_person=event["person"], event=event)
        work.sends.append(Send(PROFILE_SELF, record))
        work.count(Count.REKEYED, *if_conversion(event, Became.REKEYED))
        return
    mark = mark_of(event)
    if state.identity.holds(mark, event):
        work.count(Count.REPEAT_ID, *if_conversion(event, Became.REPEAT))
    elif state.identity.erased is not None:
        _after_erasure(work, event, person, mark)
    elif event["kind"] == "linked":
        _link(work, event, person, mark)
    elif event.get("privacy") == "erase":
        _erase(work, event, person, state)
    else:
        state.identity.keep(mark)
        folded = fold(state, event, person, work.rules, work.now_ms)
        work.count(*folded.counted)
        if folded.told:
            work.tell(folded.told)
        if folded.ended:
            work.end(person, folded.ended)


def _link(work: Work, event: CleanEvent, person: str, mark: str) -> None:
    state = work.values[person]
    verdict = link.verdict(state, event)
    work.count(verdict)
    if verdict is Count.LINKED:
        known = event["link"]
        record = Absorb(id=event["id"], person=known, from_person=person, state=link.transferable(state))
        work.sends.append(Send(PROFILE_SELF, record))
        state.identity.keep(mark)  # here alone: what was sent away has not folded it
        work.values[person] = link.pointer(state, known)


def _erase(work: Work, event: CleanEvent, person: str, state: Person) -> None:
    waiting = state.triggers.ended(Reason.ERASED)
    receipt = sha256(f"{event['id']}|{person}".encode()).hexdigest()
    work.values[person] = erased(state, event, receipt)
    work.count(Count.ERASURE)
    work.end(person, waiting)


def _after_erasure(work: Work, event: CleanEvent, person: str, mark: str) -> None:
    """Nothing revives an erased person; a conversion still ends with its record."""
    work.count(Count.AFTER_ERASURE)
    if event["kind"] == "conversion":
        work.values[person].identity.keep(mark)
        became, ended = ended_at_once(event, Reason.ERASED, work.rules)
        work.count(became)
        work.end(person, ended)


def _unfinished(event: CleanEvent) -> str | None:
    kind = event["kind"]
    if kind == "linked":
        known = event.get("link", "")
        is_sound = known[:2] in PREFIXES and len(known) <= MAX_PERSON
        return None if is_sound else "an event of kind linked needs link, a person"
    if kind in {"feedback", "privacy"} and kind not in event:
        return f"an event of kind {kind} needs {kind}"
    is_of_kind = kind == "privacy" or kind not in KINDS  # a later version's kind may be one of privacy
    if "privacy" in event and not (is_of_kind and event["trusted"]):
        return "privacy needs an event of kind privacy that is trusted"
    return None
