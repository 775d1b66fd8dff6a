"""A profile's values as a store keeps them: JSON, which tests read and change by its short keys."""

from collections.abc import Mapping
from typing import Any

from schemas import plain
from services.profile.core.facets.triggers import Triggers
from services.profile.core.person import Person, decode, encode
from services.profile.core.step import Read, Step
from services.profile.core.trigger import Trigger


def person_of(value: Mapping[str, Any]) -> Person:
    """The person of a stored value."""
    return decode(plain.dumps(dict(value)))


def value_of(person: Person) -> dict[str, Any]:
    """A person as stored."""
    return plain.loads(encode(person))


def values_of(step: Step) -> dict[str, dict[str, Any]]:
    """What a step stores."""
    return {person: value_of(each) for person, each in step.values.items()}


def reader(values: Mapping[str, Mapping[str, Any]]) -> Read:
    """What reads persons out of stored values: each time anew, as a step owns what it reads."""
    return lambda person: person_of(values[person]) if person in values else None


def waiting(*opened_ms: int, due_ms: int = 1) -> Person:
    """A person with a trigger for each, of a playbook that is gone."""
    triggers = [
        Trigger(
            purpose=f"p{number}", playbook="gone", event=f"event {number}", name="Form Submitted", item=None,
            title=None, time_ms=1, opened_ms=each, due_ms=due_ms, tries=0,
        )
        for number, each in enumerate(opened_ms)
    ]  # fmt: skip
    return Person(triggers=Triggers({each.purpose: each for each in triggers}))
