"""A small world: a program, a partition's values and checkpoint, and a clock that tests move."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

import orjson
import pytest

from schemas.email import Suppression
from schemas.mailbox import Answer, Heard, Reserve, Tell
from schemas.program import Program
from schemas.topics import EMAIL_SUPPRESSIONS
from services.profile.adapters.waiting_gauge import show_waiting
from services.profile.core.person import Person
from services.profile.pipeline import Input, Rules, Transition, advance, compiled, fire
from tests.profile_values import Persons, absorb_of

NOW = 1_795_500_000_000  # 24 November 2026
KEY = "9f86d081884c7d659a2feaa0c55ad015"
ADDRESS = {"value": "ana@example.com", "key": KEY}
CONSENT = [
    {"purpose": "marketing", "given": True, "source": "form:guide", "text_version": "2026-01", "address_key": KEY}
]

BRAND = {
    "version": 1, "name": "Academy", "website": "https://a.example", "sender": {"address": "a@a.example", "name": "A"},
    "reply_to": "a@a.example", "postal_address": "Academy, 1 Street, Town", "list_id": "a.example",
    "public_url": "https://e.a.example", "link_domains": ["a.example"], "languages": ["en", "es"], "tone": "warm",
    "caps": [{"window_hours": 24, "most": 1}, {"window_hours": 168, "most": 2}],
}  # fmt: skip
SIGNALS = {
    "version": 1,
    "topics": {
        "seo": {"title": {"en": "Search"}, "keywords": ["sitemap", "local search"]},
        "email": {"title": {"en": "Email"}, "keywords": ["newsletter"]},
        "crm": {"title": {"en": "CRM"}},
        "ads": {"title": {"en": "Ads"}},
    },
    "rules": [
        {"name": "blog", "event": "page", "path": "/blog/{topic}/*", "kind": "read", "weight": 0.5},
        {"name": "course", "event": "page", "path": "/courses/{item}", "kind": "course", "weight": 1},
        {"name": "legal", "path": "/legal/*", "kind": "aside", "weight": 0},
        {"name": "files", "path": "/files-*", "kind": "file", "weight": 0.1, "topics": ["crm"]},
        {"name": "paid", "event": "Paid", "where": {"plan": "pro", "seats": "3", "trial": "true"}, "kind": "paid",
         "weight": 3, "topics": ["crm"]},
        {"name": "paid-else", "event": "Paid", "where": {"plan": "free"}, "kind": "free", "weight": 1},
        {"name": "named-page", "event": "Pricing", "kind": "pricing", "weight": 0.4},
        {"name": "guide", "event": "Guide Downloaded", "kind": "guide", "weight": 3, "topic_property": "topic"},
        {"name": "trial", "event": "Trial Started", "kind": "trial", "weight": 2, "topic_property": "topic"},
        {"name": "enrolled", "event": "Course Enrolled", "kind": "taken", "weight": 2, "item_property": "course_id",
         "topic_property": "topic", "course": "taken"},
        {"name": "completed", "event": "Course Completed", "kind": "done", "weight": 2, "item_property": "course_id",
         "course": "completed"},
        {"name": "declined", "event": "Not Interested", "kind": "declined", "weight": -2, "topic_property": "topic"},
    ],
}  # fmt: skip
PLAYBOOKS = (
    {"version": 1, "name": "guide", "purpose": "next-step", "entry": ["Guide Downloaded"], "experiment": {"name": "e"}},
    {"version": 1, "name": "trial", "purpose": "trial", "entry": ["Trial Started"], "experiment": {"name": "e"}},
    {"version": 1, "name": "both", "purpose": "next-step", "entry": ["Course Enrolled"], "experiment": {"name": "e"}},
)


def program(playbooks: tuple[dict[str, Any], ...] = PLAYBOOKS, **brand: Any) -> Program:
    """The test's program, with other playbooks or other values of the brand."""
    return Program.model_validate({"brand": {**BRAND, **brand}, "signals": SIGNALS, "playbooks": playbooks})


BY_POST = (Reserve, Tell, Answer, Heard)


def posted(step: Transition) -> list[Any]:
    """What a step sends, but for what persons and homes of mailboxes say to each other."""
    return [send.event for send in step.sends if not isinstance(send.event, BY_POST)]


@dataclass
class World:
    """One partition: events go in as packs, the clock is moved by hand, what was sent is kept, refusals apart."""

    rules: Rules
    now: int = NOW
    persons: Persons = field(default_factory=Persons)
    checkpoint: dict[str, Any] = field(default_factory=dict)
    sent: list[Any] = field(default_factory=list)
    post: list[Any] = field(default_factory=list)
    refused: list[Suppression] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def event(self, kind: str = "page", **over: Any) -> dict[str, Any]:
        """One event of Ana's, now."""
        number = next(self.numbers)
        event = {
            "id": f"m-{number}", "person": "u:ana", "kind": kind, "name": "Page", "time_ms": self.now,
            "received_ms": self.now, "at": ["events.raw", 0, number, 0], "trusted": kind == "conversion",
        }  # fmt: skip
        return {**event, **over}

    def guide(self, **over: Any) -> dict[str, Any]:
        """A conversion with address and consent, that opens a trigger."""
        about = {"name": "Guide Downloaded", "address": ADDRESS, "consent": CONSENT, "properties": {"topic": "seo"}}
        return self.event("conversion", **{**about, **over})

    def feedback(self, word: str, decision: str | None = None, **over: Any) -> dict[str, Any]:
        """A connector's word about a mail: of this decision, or of an unknown one."""
        about = {"word": word, "message_id": "none", **({"decision_id": decision} if decision else {}), **over}
        return self.event("feedback", name=word, trusted=True, feedback=about)

    def person(self, key: str = "u:ana") -> Person:
        """A person as stored."""
        return self.persons.of(key)

    def changed(self, key: str = "u:ana") -> AbstractContextManager[Person]:
        """A person, or a new one, for a test to change."""
        return self.persons.changed(key)

    def absorb(self, state: Person, from_person: str = "a:b", record_id: str = "l") -> Transition:
        """The record that carries this state to Ana."""
        record = absorb_of(state, "u:ana", from_person, record_id)
        return self.raw("profile.self", record.model_dump_json().encode())

    def take(self, *events: Any) -> Transition:
        """One pack."""
        return self.raw("events.clean", orjson.dumps({"v": 1, "events": events}))

    def raw(self, topic: str, raw: bytes | None) -> Transition:
        """One record."""
        offset = self.checkpoint.get("offsets", {}).get(topic, -1) + 1
        step = self.keep(self.step(Input(topic, 0, offset, self.now, None, raw)))
        self.deliver()
        return step

    def step(self, *inputs: Input) -> Transition:
        """What the records lead to, not kept."""
        return advance(inputs, self.checkpoint, self.persons.reading, self.rules, self.now)

    def keep(self, step: Transition) -> Transition:
        """Commit a step."""
        self.persons.keep(step)
        self.checkpoint = step.checkpoint
        self.post += [send.event for send in step.sends if isinstance(send.event, BY_POST)]
        self.sent += [event for event in posted(step) if not isinstance(event, Suppression)]
        self.refused += [send.event for send in step.sends if send.topic is EMAIL_SUPPRESSIONS]
        for reason, number in step.counts.items():
            self.counts[reason] = self.counts.get(reason, 0) + number
        return step

    def deliver(self) -> None:
        """Bring what persons and homes of mailboxes say to each other to where it goes, until nothing is left."""
        while self.post:
            self.keep(self.own(self.post.pop(0)))

    def own(self, record: Any) -> Transition:
        """What a record of `profile.self` leads to, not kept."""
        offset = self.checkpoint.get("offsets", {}).get("profile.self", -1) + 1
        return self.step(Input("profile.self", 0, offset, self.now, None, record.model_dump_json().encode()))

    def loop(self) -> None:
        """Bring what was sent to `profile.self` back in, until nothing is left."""
        while (
            found := next((e for e in self.sent if getattr(e, "kind", "") in {"absorb", "rekey"}), None)
        ) is not None:
            self.sent.remove(found)
            self.raw("profile.self", found.model_dump_json().encode())

    def fired(self, person: str = "u:ana") -> Transition:
        """The step that decides what of the person is due, after their mailbox's home was asked; it is not kept."""
        step = fire(person, self.person(person), self.checkpoint, self.rules, self.now)
        while step is not None and any(isinstance(send.event, Reserve) for send in step.sends):
            self.keep(step)
            self.deliver()
            step = fire(person, self.person(person), self.checkpoint, self.rules, self.now)
        assert step is not None
        return step

    def tick(self, later_ms: int = 0, person: str = "u:ana") -> list[Any]:
        """Move the clock and fire the person, also by what the mailbox's home answers; gives what that sends."""
        self.now += later_ms
        sent: list[Any] = []
        self.deliver()
        while (step := fire(person, self.person(person), self.checkpoint, self.rules, self.now)) is not None:
            self.keep(step)
            assert fire(person, self.person(person), self.checkpoint, self.rules, self.now) is None
            sent += posted(step)
            while self.post:
                answer = self.keep(self.own(self.post.pop(0)))
                sent += [event for event in posted(answer) if event.person == person]
        return sent


WorldOf: TypeAlias = Callable[..., World]


@pytest.fixture(autouse=True)
def no_gauge_outlives_its_worker() -> Iterator[None]:
    """What a worker of a test holds is asked by nobody after it."""
    yield
    show_waiting(lambda: ())


@pytest.fixture
def world() -> World:
    """A world with the test's program."""
    return World(compiled(program()))


@pytest.fixture
def world_of() -> WorldOf:
    """What builds a world with other playbooks, another quiet period, or other values of the brand."""

    def build(*playbooks: dict[str, Any], quiet_period_s: int | None = None, **brand: Any) -> World:
        return World(compiled(program(playbooks or PLAYBOOKS, **brand), quiet_period_s=quiet_period_s))

    return build
