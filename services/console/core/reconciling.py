"""What came in set against what came of it: conversions without an end, and mails without feedback.

A conversion is known by the id of its event, which every decision names, not by its person, who may have been linked
since. One that enters several playbooks has an end when each of them has one; it owes none to a playbook that is newer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from schemas.aside import Aside
from schemas.clean import CleanEvent
from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from schemas.identity import person_of, person_tag
from schemas.program import Playbook
from schemas.raw import Call
from schemas.topics import CONVERSIONS_RAW, EMAIL_OUTBOUND

LAWFUL = frozenset({"aside", "before_playbook"})  # states that are told, and are as they should be
Playbooks = Mapping[str, frozenset[str]]  # by the name of the event that enters them


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion: its record, and whether ingest has accepted it."""

    id: str
    at: str
    person: str | None
    name: str
    received_ms: int
    is_clean: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """One outbound record; `due_ms`: from when on it may be sent."""

    id: str
    at: str
    person_tag: str
    due_ms: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How old a conversion, or a mail, is before it is told of; and whether one that enters no playbook is."""

    conversion_s: int
    mail_s: int
    with_unentered: bool = False


@dataclass(slots=True)
class Ledger:
    """All that was read so far. Order-free: an end may come before what it ends, and repeats change nothing.

    Of what is set aside the latest word of each record stands, as on its topic.
    """

    conversions: dict[str, Conversion] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)  # ids on conversions.raw that ingest takes for something else
    ended: dict[str, set[str]] = field(default_factory=dict)  # playbooks by the opening event
    began: dict[str, int] = field(default_factory=dict)  # when each playbook first opened a trigger, in milliseconds
    waiting: set[str] = field(default_factory=set)
    mails: dict[str, Mail] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    aside: dict[str, int] = field(default_factory=dict)  # when each record is due that is set aside, by its place

    def put_call(self, call: Call, at: str, received_ms: int) -> None:
        """A record of conversions.raw."""
        known = self.conversions.get(call.messageId)
        is_first = known is None or (not known.is_clean and received_ms < known.received_ms)
        if call.type == "track" and call.event and is_first:
            person = person_of(user_id=call.userId, email_key=None, anonymous_id=call.anonymousId)
            name = call.event.strip()
            self.conversions[call.messageId] = Conversion(call.messageId, at, person, name, received_ms, is_clean=False)

    def put_event(self, event: CleanEvent) -> None:
        """An event that ingest accepted."""
        topic, partition, offset, _ = event["at"]
        if event["kind"] == "conversion" and not event.get("bot"):
            known = self.conversions.get(event["id"])
            if known is None or not known.is_clean or event["received_ms"] < known.received_ms:
                at = f"{topic}/{partition}/{offset}"
                self.conversions[event["id"]] = Conversion(
                    event["id"], at, event["person"], event["name"], event["received_ms"], is_clean=True
                )
        elif topic == CONVERSIONS_RAW.short:
            self.others.add(event["id"])

    def put_decision(self, decision: Decision) -> None:
        """What ended a trigger, or one attempt at it."""
        opened_by, playbook = decision.trigger.event_id, decision.trigger.playbook
        opened_ms = int(decision.trigger.opened_at.timestamp() * 1000)
        self.began[playbook] = min(opened_ms, self.began.get(playbook, opened_ms))
        if decision.ending == "waiting":
            self.waiting.add(opened_by)
        else:
            self.ended.setdefault(opened_by, set()).add(playbook)

    def put_mail(self, mail: OutboundEmail, at: str, received_ms: int) -> None:
        """A finished mail."""
        due_ms = max(received_ms, int(mail.not_before.timestamp() * 1000))
        self.mails[mail.message_id] = Mail(mail.message_id, at, mail.person_tag, due_ms)

    def put_feedback(self, feedback: Feedback) -> None:
        """What became of a mail."""
        self.heard.add(feedback.message_id)

    def put_aside(self, pointer: Aside) -> None:
        """A record that waits until a time."""
        self.aside[pointer.key] = int(pointer.due.timestamp() * 1000)

    def drop_aside(self, key: str) -> None:
        """The record of this pointer waits no longer."""
        self.aside.pop(key, None)


@dataclass(frozen=True, slots=True)
class Loose:
    """One thing without an end.

    `state` of a conversion is raw (not accepted by ingest), open, waiting, no_playbook, or before_playbook (it ended
    under another one before this one opened anything); of a mail silent, or aside (it waits until a time).
    """

    what: str
    state: str
    at: str
    id: str
    age_s: int
    person_tag: str
    name: str
    playbooks: tuple[str, ...]

    @property
    def is_failing(self) -> bool:
        """True unless it is as it should be."""
        return self.state not in LAWFUL

    def line(self) -> str:
        """It in one line, parts that are not there left out."""
        parts = (self.what, self.state, self.at, self.id, told(self.age_s), self.person_tag, self.name)
        return "  ".join(filter(None, (*parts, ",".join(self.playbooks))))


def playbooks_of(playbooks: tuple[Playbook, ...]) -> Playbooks:
    """The names of the playbooks that each event enters."""
    names = {name for playbook in playbooks for name in playbook.entry}
    return {name: frozenset(each.name for each in playbooks if name in each.entry) for name in names}


def open_conversions(ledger: Ledger, entered: Playbooks, before_ms: int, now_ms: int) -> Iterator[Loose]:
    """The conversions that came before and lack the end of a playbook, oldest first; those that enter none too."""
    for each in sorted(ledger.conversions.values(), key=lambda found: (found.received_ms, found.id)):
        ended = ledger.ended.get(each.id, set())
        missing = entered.get(each.name, frozenset()) - ended
        is_through = bool(ended) and not missing
        if each.received_ms <= before_ms and not is_through and (each.is_clean or each.id not in ledger.others):
            owed = _owed(each, missing, ledger)
            state = _state(each, ledger, owed) if missing else "no_playbook"
            tag = "" if each.person is None else person_tag(each.person)
            age_s = (now_ms - each.received_ms) // 1000
            named = tuple(sorted(owed or missing))
            yield Loose("conversion", state, each.at, each.id, age_s, tag, each.name, named)


def silent_mails(ledger: Ledger, before_ms: int, now_ms: int) -> Iterator[Loose]:
    """The mails that might have gone out before and of which no connector said a word, oldest first.

    One that is set aside is told so, unless its time came before as well: then nobody has looked at it.
    """
    for each in sorted(ledger.mails.values(), key=lambda found: (found.due_ms, found.id)):
        if each.due_ms <= before_ms and each.id not in ledger.heard:
            age_s = (now_ms - each.due_ms) // 1000
            place = f"{EMAIL_OUTBOUND.name}{each.at.removeprefix(EMAIL_OUTBOUND.short)}"
            state = "aside" if ledger.aside.get(place, before_ms) > before_ms else "silent"
            yield Loose("mail", state, each.at, each.id, age_s, each.person_tag, "", ())


def told(age_s: int) -> str:
    """An age in its two largest units."""
    minutes, seconds = divmod(age_s, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = [(days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s")]
    first = next((place for place, (number, _) in enumerate(units) if number), len(units) - 1)
    return "".join(f"{number}{unit}" for number, unit in units[first : first + 2] if number) or "0s"


def _owed(each: Conversion, missing: frozenset[str], ledger: Ledger) -> frozenset[str]:
    """The playbooks that owe an end: all, where there is none at all; else those that are not newer than it."""
    if each.id not in ledger.ended:
        return missing
    return frozenset(name for name in missing if ledger.began.get(name, each.received_ms + 1) <= each.received_ms)


def _state(each: Conversion, ledger: Ledger, owed: frozenset[str]) -> str:
    if not owed:
        return "before_playbook"
    if each.id in ledger.waiting:
        return "waiting"
    return "open" if each.is_clean else "raw"
