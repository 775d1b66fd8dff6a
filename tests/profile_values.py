"""A profile's values as a store keeps them: JSON, which tests read and change by its short keys."""

from collections.abc import Mapping
from typing import Any

from schemas import plain
from services.profile.core.facets.triggers import Triggers
from services.profile.core.person import Person, decode, encode
from services.profile.core.step import Read, Step
from services.profile.core.stored import _NUMBERS, _PARTS, _TIMES
from services.profile.core.trigger import Trigger


def person_of(value: Mapping[str, Any]) -> Person:
    """The person of a stored value."""
    return decode(plain.dumps(dict(value)))


def value_of(person: Person) -> dict[str, Any]:
    """A person as stored."""
    now = plain.loads(encode(person))
    del now["v"]
    out: dict[str, Any] = {"v": 1, **{name: now.pop(part) for name, part in _NUMBERS.items() if part in now}}
    for name, (facet, part) in _PARTS.items():
        if part in now.get(facet, {}):
            out[name] = now[facet].pop(part)
    rows = now.get("signals", {}).pop("rows", {})
    if rows:
        out["sig"] = {key: _before(key, row) for key, row in rows.items()}
    if who := {key: [row[0], row[3]] for key, row in rows.items() if row[3]}:
        out["who"] = who
    if waits := now.get("triggers", {}).pop("by_purpose", {}):
        back = {part: name for name, part in _TIMES.items()}
        out["pend"] = {
            purpose: {"item": None, "title": None, **{back.get(name, name): part for name, part in each.items()}}
            for purpose, each in waits.items()
        }
    return out | {name: part for name, part in now.items() if part != {}}


def _before(key: str, row: list[Any]) -> list[Any]:
    last_ms, times, weight, _, (title, topics) = row
    kind, _, tail = key.partition("|")
    return [kind, title or tail, None if title is None else tail, topics, last_ms, times, weight]


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
