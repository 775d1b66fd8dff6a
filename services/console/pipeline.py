"""Records into the archive, the archive's answers into pages, and past decisions through the stages again."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from schemas.aside import Aside
from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from schemas.ledger import KeptReply
from schemas.raw import Call
from schemas.replay import Case
from schemas.topics import (
    ASIDE_CONNECTOR,
    CONTROL,
    CONVERSIONS_RAW,
    DECISIONS,
    EMAIL_FEEDBACK,
    EMAIL_OUTBOUND,
    EVENTS_CLEAN,
)
from services.console.core.held import Held
from services.console.core.listing import Listing, listing
from services.console.core.measured import Groups
from services.console.core.parts import ASIDES
from services.console.core.query import Query
from services.console.core.reconciling import Ledger, Limits, Loose, Playbooks, open_conversions, silent_mails
from services.console.core.rows import decision_of
from services.console.core.story import Story, story
from services.console.core.values import Choice
from services.console.ports import Archive, Stages
from services.runtime.outcome import Message, Unavailable

TOPICS = (DECISIONS, EMAIL_OUTBOUND, EMAIL_FEEDBACK)
FOLLOWED = (*TOPICS, *ASIDES, CONTROL)
TOPICS_MEASURED = (DECISIONS, EMAIL_FEEDBACK)
TOPICS_RECONCILED = (CONVERSIONS_RAW, EVENTS_CLEAN, ASIDE_CONNECTOR, *TOPICS)
STAGES = ("recommender", "composer")
CHOSEN = ("playbook", "arm", "course", "topic", "rung")
MOST_CHOICES = 200  # of one filter that the page offers; another is typed

Take: TypeAlias = Callable[[Case, Case], None]
"""What becomes of a case, as it was and as it is now."""


def absorb(message: Message, archive: Archive) -> None:
    """Keep one record; a tombstone of a decision forgets it, any other changes nothing."""
    match message.event:
        case Decision() as decision:
            archive.put_decision(decision)
        case OutboundEmail() as mail:
            archive.put_mail(mail)
        case Feedback() as feedback:
            archive.put_feedback(feedback)
        case _:
            decision_id = decision_of(message.key) if message.topic.short == DECISIONS.short else None
            if decision_id is not None:
                archive.forget(decision_id)


def hear(message: Message, person: str, kept: list[KeptReply]) -> None:
    """Keep a reply of the ledger that was asked for this person."""
    match message.event:
        case KeptReply(person=asked_for) as reply if asked_for == person:
            kept.append(reply)


def measure(message: Message, groups: Groups) -> None:
    """Put one record to the group of its decision; a tombstone of a decision takes it out."""
    match message.event:
        case Decision() as decision:
            groups.put(decision)
        case Feedback() as feedback:
            groups.hear(feedback)
        case _:
            if (decision_id := decision_of(message.key)) is not None:
                groups.forget(decision_id)


def enter(message: Message, ledger: Ledger) -> None:
    """Put one record to what it ends, or what is to end; a tombstone does neither, but for what was set aside."""
    at = f"{message.topic.short}/{message.partition}/{message.offset}"
    match message.event:
        case Call() as call:
            ledger.put_call(call, at, message.received_ms)
        case {"events": events}:
            for event in events:
                ledger.put_event(event)
        case Decision() as decision:
            ledger.put_decision(decision)
        case OutboundEmail() as mail:
            ledger.put_mail(mail, at, message.received_ms)
        case Feedback() as feedback:
            ledger.put_feedback(feedback)
        case Aside() as pointer:
            ledger.put_aside(pointer)
        case _:
            if message.topic is ASIDE_CONNECTOR and message.key is not None:
                ledger.drop_aside(message.key.decode("utf-8", "replace"))


def loose_ends(ledger: Ledger, entered: Playbooks, limits: Limits, now_ms: int) -> tuple[Loose, ...]:
    """The conversions without an end and the mails without feedback that are older than the limits."""
    conversions = open_conversions(ledger, entered, now_ms - 1000 * limits.conversion_s, now_ms)
    mails = silent_mails(ledger, now_ms - 1000 * limits.mail_s, now_ms)
    return (*(each for each in conversions if limits.with_unentered or each.state != "no_playbook"), *mails)


def lay_by(message: Message, batch: list[Message], held: Held) -> None:
    """Put one record where it belongs: what is held back is known at once, the rest is kept with its batch."""
    match message.event:
        case Aside() as pointer:
            held.put(message.topic, pointer)
        case None if message.topic in ASIDES:
            held.drop(message.topic, (message.key or b"").decode("utf-8", "replace"))
        case said if message.topic is CONTROL:
            held.switch(message.key, said)
        case _:
            batch.append(message)


def absorb_all(messages: Sequence[Message], archive: Archive) -> None:
    """Keep these records, whole or not at all."""
    with archive.together():
        for message in messages:
            absorb(message, archive)


def list_decisions(query: Query, archive: Archive) -> Listing:
    """One page of the list, with the values that its filters may have."""
    return listing(query, archive.find(query), choices_of(archive))


def choices_of(archive: Archive) -> Mapping[str, tuple[Choice, ...]]:
    """The values that most decisions have, by filter."""
    return {kind: archive.choices(kind, MOST_CHOICES) for kind in CHOSEN}


def tell(decision_id: str, archive: Archive) -> Story | None:
    """The story of one decision, or None where there is none."""
    dossier = archive.dossier(decision_id)
    return None if dossier is None else story(dossier)


def case_of(decision_id: str, archive: Archive) -> Case | None:
    """One decision as a case, or None where there is none."""
    dossier = archive.dossier(decision_id)
    return None if dossier is None else Case(decision=dossier.decision, mail=dossier.mail)


async def from_record(cases: Iterable[Case], stages: Stages, take: Take) -> int:
    """The cases as their raw replies lead to them, each as it was and as it is: no model is asked. How many."""
    return await _replayed(cases, (), stages, take)


async def decided_anew(cases: Iterable[Case], words: Sequence[str], stages: Stages, take: Take) -> int:
    """The cases as a model, a prompt or a catalogue of now would have them; nothing is sent. How many."""
    return await _replayed(cases, ("--anew", *words), stages, take)


async def _replayed(cases: Iterable[Case], words: Sequence[str], stages: Stages, take: Take) -> int:
    """Only the cases that are with the stages are held."""
    given: deque[Case] = deque()
    taken = 0

    def noted() -> Iterator[Case]:
        for each in cases:
            given.append(each)
            yield each

    def pair(now: Case) -> None:
        nonlocal taken
        if not given:
            raise Unavailable("the stages answered with more cases than they were given")
        take(given.popleft(), now)
        taken += 1

    await stages.replay(STAGES, words, noted(), pair)
    if given:
        raise Unavailable(f"the stages answered with {len(given)} cases fewer than they were given")
    return taken
