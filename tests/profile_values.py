"""Persons of tests: built typed, kept encoded as a store keeps them, read anew at each look."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
from msgspec import Raw
from msgspec.json import encode as encoded

from schemas.clean import Absorb, CleanEvent
from services.profile.core import mailbox
from services.profile.core.act import Told, act_of
from services.profile.core.event import event_of
from services.profile.core.facets.consents import Consent
from services.profile.core.facets.signals import Signal
from services.profile.core.facets.triggers import Triggers
from services.profile.core.mailbox import Mailbox
from services.profile.core.meaning import Titled
from services.profile.core.person import Person, decode, encode, facets
from services.profile.core.rules import Rules
from services.profile.core.touch import Touch
from services.profile.core.transition import Read, Transition
from services.profile.core.trigger import Trigger


@dataclass
class Persons:
    """Encoded persons by their keys, and mailboxes. A step changes them in place: each look decodes one of its own."""

    raw: dict[str, bytes] = field(default_factory=dict)
    homes: dict[str, bytes] = field(default_factory=dict)

    @property
    def reading(self) -> Read:
        """What a step reads by."""
        return Read(self.read, self.home)

    def home(self, key: str) -> Mailbox | None:
        """The mailbox, or None where nothing is known of it."""
        raw = self.homes.get(key)
        return None if raw is None else mailbox.decode(raw)

    def read(self, key: str) -> Person | None:
        """The person, or None where nobody is stored."""
        raw = self.raw.get(key)
        return None if raw is None else decode(raw)

    def of(self, key: str) -> Person:
        """The person, who is stored."""
        return decode(self.raw[key])

    def all(self) -> dict[str, Person]:
        """Every person."""
        return {key: decode(raw) for key, raw in self.raw.items()}

    def keep(self, step: Transition) -> None:
        """Store what a step leads to."""
        self.raw |= step.values
        self.homes |= step.homes

    @contextmanager
    def changed(self, key: str) -> Iterator[Person]:
        """The person, or a new one, for a test to change; they are stored when it is done."""
        person = self.read(key) or Person()
        facets(person)  # none stays bytes, which a test's own facet would not replace
        yield person
        self.raw[key] = encode(person)


def absorb_of(state: Person, person: str = "u:ana", from_person: str = "a:b", record_id: str = "l") -> Absorb:
    """The record that carries a person's state to another."""
    return Absorb(id=record_id, person=person, from_person=from_person, state=orjson.loads(encode(state)))


def told_of(event: Mapping[str, object], rules: Rules) -> Told:
    """The event with its act, as it comes to a person."""
    said = event_of(cast("CleanEvent", event))
    return Told(act_of(said, rules.meaning(said)), said)


def trigger(purpose: str = "next-step", **over: Any) -> Trigger:
    """A trigger that waits, of a playbook that is gone."""
    about: dict[str, Any] = {
        "playbook": "gone", "event": f"event of {purpose}", "name": "Form Submitted", "time_ms": 1, "opened_ms": 1,
        "due_ms": 1, "tries": 0,
    }  # fmt: skip
    return Trigger(purpose=purpose, **about | over)


def waiting(*opened_ms: int, due_ms: int = 1) -> Person:
    """A person with a trigger for each."""
    triggers = [trigger(f"p{number}", opened_ms=each, due_ms=due_ms) for number, each in enumerate(opened_ms)]
    return Person(triggers=Triggers({each.purpose: each for each in triggers}))


def touch(time_ms: int = 1, until_ms: int = 2, **over: str) -> Touch:
    """A mail that was asked for, of which nothing was heard."""
    about = {"purpose": "next-step", "playbook": "guide", "kind": "ask", "word": ""}
    return Touch(time_ms, until_ms, **about | over)


def signal(last_ms: int, title: str | None = None, topics: Sequence[str] = (), **over: Any) -> Signal:
    """A signal that came once, of which nobody knows who told; without a title where its key ends with it."""
    about: dict[str, Any] = {"times": 1, "weight": 1.0, "speaker": ""}
    return Signal(last_ms, title=Raw(encoded(Titled(title, tuple(topics)))), **about | over)


def consent(time_ms: int = 1, **over: Any) -> Consent:
    """A consent that a server proved."""
    about: dict[str, Any] = {"is_given": True, "source": "form", "text_version": "", "rank": 2}
    return Consent(time_ms, **about | over)
