"""The published shape of a person is that of the facets: every field and no other; what `encode` writes fits it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from typing_extensions import get_type_hints

from schemas.clean import Absorb
from schemas.codec import decode as decode_event
from schemas.codec import encode as encode_event
from schemas.errors import DecodeError
from schemas.profile import Pending, ProfileStateNow
from schemas.topics import PROFILE_SELF
from services.profile.core.facets.consents import Consents
from services.profile.core.part import Part
from services.profile.core.person import Person
from services.profile.core.refusals import MAX_REFUSALS, refuse
from services.profile.core.stored import VERSION
from services.profile.core.trigger import Trigger
from services.profile.pipeline import decode
from tests import growth
from tests.profile_values import absorb_of
from tests.properties.profile_world import NOW, events, folded, numbered

VALUES = Path("tests/data/profile_values_v2.jsonl").read_bytes().splitlines()
PARTS = {name: part.kind for name, part in vars(Person).items() if isinstance(part, Part)}
SCHEMA = jsonschema.Draft202012Validator(growth.published("profile.self"))
Damage = Callable[[dict[str, Any]], object]


def richest() -> dict[str, Any]:
    """What all stored persons have, in one: no field is left out."""
    value: dict[str, Any] = {"v": VERSION}
    for stored in map(orjson.loads, VALUES):
        for name in PARTS:
            value[name] = value.get(name, {}) | stored.get(name, {})
    return value


def record_of(state: object) -> dict[str, Any]:
    """A record that carries this state."""
    return {"kind": "absorb", "id": "l", "person": "u:ana", "from_person": "a:b", "state": state}


def test_published_person_has_the_facets_of_a_person() -> None:
    """By their names, beside the numbers; bounces are read no more."""
    assert get_type_hints(ProfileStateNow).keys() == PARTS.keys() | {"v", "events", "newest_ms", "size", "bounces"}


def test_as_many_refusals_as_a_person_may_hold_go_over_a_link() -> None:
    """Each kind, and purposes up to the cap: a state that is refused would be lost with what it refuses."""
    refusals: dict[str, int] = {}
    for number in range(2 * MAX_REFUSALS):
        refuse(refusals, "unsubscribed", (f"p{number}",), NOW)
    for word in ("complained", "bounced", "opt_out", "erased", "lifted"):
        refuse(refusals, word, (), NOW)
    raw = encode_event(PROFILE_SELF, absorb_of(Person(consents=Consents(refusals=refusals))))
    assert decode_event(PROFILE_SELF, raw).state["consents"]["refusals"] == refusals


@pytest.mark.parametrize("name", [*PARTS])
def test_published_facet_has_the_fields_of_the_facet(name: str) -> None:
    """None that nobody writes, and none that is written without a word."""
    assert get_type_hints(get_type_hints(ProfileStateNow)[name]).keys() == set(PARTS[name].__struct_fields__)


def test_published_trigger_has_the_fields_of_a_trigger() -> None:
    """It is the one row that is stored with names."""
    assert get_type_hints(Pending).keys() == set(Trigger.__struct_fields__)


def assert_taken(person: Person) -> None:
    """The record that carries the person fits the closed schema, and comes back as it was written."""
    record = absorb_of(person)
    raw = encode_event(PROFILE_SELF, record)
    SCHEMA.validate(orjson.loads(raw))
    assert decode_event(PROFILE_SELF, raw) == record


@pytest.mark.parametrize("raw", VALUES)
def test_published_shape_takes_who_is_stored(raw: bytes) -> None:
    """As the records between profiles, and as somebody else's reader has it."""
    assert_taken(decode(raw))


@given(st.lists(events, max_size=8))
def test_published_shape_takes_any_person(raw: list[Any]) -> None:
    """Of the laws: what events make of them."""
    assert_taken(folded(numbered(raw)))


def _row(facet: str, field: str) -> Callable[[dict[str, Any]], list[Any]]:
    """What gives the first row of the field."""
    return lambda state: next(iter(state[facet][field].values()))


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: state.update(v=VERSION + 1),
        lambda state: state.update(events=-1),
        lambda state: state.update(newest_ms="yesterday"),
        lambda state: state.update(touches=[]),
        lambda state: _row("touches", "rows")(state).pop(),
        lambda state: _row("touches", "rows")(state).append("more"),
        lambda state: _row("touches", "mails")(state).pop(),
        lambda state: _row("signals", "rows")(state).insert(0, "kind"),
        lambda state: _row("signals", "rows")(state).__setitem__(4, "a title"),
        lambda state: _row("traits", "facts")(state).__setitem__(0, 3),
        lambda state: state["traits"].update(address=["ana@example.com"]),
        lambda state: next(iter(state["consents"]["rows"].values())).update({"k": [1, True, "form", ""]}),
        lambda state: state["consents"].update(refusals={"opt_out": -1}),
        lambda state: state["interests"]["by_key"].update({"topic:seo": {"x": 1}}),
        lambda state: state["interests"]["by_key"].update({"topic:seo": {"600": 2**63}}),
        lambda state: state["engagement"].update(hours={"0": -1}),
        lambda state: state["identity"].update(ids="|short"),
        lambda state: state["identity"].update(past="a:b"),
        lambda state: state["history"].update(taken=["seo-1"]),
        lambda state: state["attribution"].update(took={"seo-1": 10**15}),
        lambda state: next(iter(state["triggers"]["by_purpose"].values())).pop("due_ms"),
    ],
)
def test_published_shape_refuses_who_is_broken(damage: Damage) -> None:
    """Else a state that nobody can decode would end the worker that absorbs it: it is a dead letter."""
    state = richest()
    Absorb.model_validate(record_of(state))
    damage(state)
    with pytest.raises(ValidationError):
        Absorb.model_validate(record_of(state))
    with pytest.raises(DecodeError):
        decode_event(PROFILE_SELF, orjson.dumps(record_of(state)))
