"""The person is the loop over its facets: one more is one more field, and no facet knows another."""

import ast
from pathlib import Path
from typing import Any, ClassVar, Self

import orjson
import pytest

from services.profile.core.facet import Arrival, Change, Effect, Facet, Look
from services.profile.core.part import Part
from services.profile.core.person import LIMIT_BYTES, Person, decode, encode, facets, grow, hearing_usual, merge
from services.profile.core.reasons import Count
from services.profile.core.snapshot import shown
from services.profile.pipeline import Input, advance
from tests.unit.profile.conftest import NOW, World
from tests.unit.profile.test_stored_values import VALUES

FACETS = sorted(Path("services/profile/core/facets").glob("*.py"))
MOST = 4_000


class Places(Facet):
    """A facet of this test: the places that a person's events were about, and how often."""

    HEARS_USUAL: ClassVar[bool] = True

    visits: dict[str, int] = {}

    def apply(self, change: Change) -> Effect | None:
        """Count the event's place."""
        place = (change.event.get("properties") or {}).get("place")
        if not isinstance(place, str):
            return None
        self.visits[place] = self.visits.get(place, 0) + 1
        return Effect(len(place) + 20, counted=[Count.EXPORT])

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add the other's visits."""
        assert arrival.from_person
        for place, count in other.visits.items():
            self.visits[place] = self.visits.get(place, 0) + count

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep those visited most."""
        assert newest_ms < half_life_ms
        kept = sorted(self.visits, key=lambda each: (-self.visits[each], each))[: MOST // share]
        self.visits = {each: self.visits[each] for each in kept}

    def show(self, look: Look) -> dict[str, Any]:
        """The place visited most."""
        assert look.share
        return {"place": max(self.visits, key=lambda each: (self.visits[each], each), default=None)}


class Placed(Person):
    """A person who has it."""

    places = Part(Places)


@pytest.fixture
def ana(world: World) -> Placed:
    """Ana, whose two events were at the pier."""
    persons: dict[str, Person] = {"u:ana": Placed()}
    events = [world.event(properties={"place": "pier"}), world.event(properties={"place": "pier"})]
    pack = Input("events.clean", 0, 0, NOW, None, orjson.dumps({"v": 1, "events": events}))
    step = advance([pack], {}, persons.get, world.rules, NOW)
    assert step.counts[Count.EXPORT] == 2
    person = step.values["u:ana"]
    assert isinstance(person, Placed)
    return person


def test_facet_more_is_folded_and_stored(ana: Placed) -> None:
    """By the pipeline as it is; a worker without it keeps the part as one of a later version."""
    assert ana.places.visits == {"pier": 2}
    back = decode(encode(ana), Placed)
    assert isinstance(back, Placed)
    assert (back.places, encode(back)) == (ana.places, encode(ana))
    assert encode(decode(encode(ana))) == encode(ana)


def test_facet_more_is_merged(ana: Placed) -> None:
    """With all others, in either order."""
    other = Placed(places=Places({"pier": 1, "quay": 5}))
    other_first = decode(encode(other), Placed)
    assert isinstance(other_first, Placed)
    merge(other_first, ana, "a:b", 1.0)
    merge(ana, other, "a:b", 1.0)
    assert ana.places.visits == {"pier": 3, "quay": 5}
    assert other_first.places == ana.places


def test_facet_more_is_shrunk_and_bounds_the_person(ana: Placed) -> None:
    """What it said that it adds counts against the limit."""
    ana.places.visits |= {f"place {number:05}": 1 for number in range(MOST)}
    assert grow(ana, LIMIT_BYTES, 1e15)
    assert ana.places.visits["pier"] == 2
    assert len(encode(ana)) <= ana.size < LIMIT_BYTES


def test_facet_more_is_shown(ana: Placed, world: World) -> None:
    """In a snapshot, beside the fields of the others."""
    fields = shown(ana, Look("u:ana", NOW, NOW, world.rules, 1))
    assert fields["place"] == "pier"
    assert {"interests", "evidence", "signals", "facts", "history", "completed", "recommended"} < fields.keys()


@pytest.mark.parametrize("path", FACETS, ids=lambda path: path.stem)
def test_facet_knows_no_other(path: Path) -> None:
    """What two of them need stands in `facet.py`, or beside it; mails are a part of the touches."""
    known = {
        node.module.rsplit(".", 1)[-1]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and ".core.facets" in node.module
    }
    assert known <= ({"facets", "mails"} if path.stem == "touches" else set())


def test_facets_are_those_of_a_person() -> None:
    """Each module of the folder is one, named as its module is, but for the mails of touches."""
    names = {path.stem for path in FACETS} - {"__init__", "mails"}
    assert {type(each).__module__.rsplit(".", 1)[-1] for each in facets(Person())} == names
    assert {type(getattr(Person(), each)).__name__.lower() for each in names} == names


def test_facet_that_says_nothing_of_what_changes_it_is_our_bug(world: World) -> None:
    """It is not passed over: whoever adds one hears of it at the first event, and at the first link."""
    change: Any = world.event()
    with pytest.raises(NotImplementedError):
        Facet().apply(change)
    with pytest.raises(NotImplementedError):
        Facet().merge(Facet(), Arrival("a:b", 0, 1.0))


def test_new_facet_is_as_one_of_nothing_stored() -> None:
    """So that a person who was stored before a facet was there has an empty one, and stores none of it."""
    person = decode(encode(Person()))
    assert facets(person) == facets(Person())
    assert orjson.loads(encode(person)).keys() == {"v", "events", "newest_ms", "size"}


@pytest.mark.parametrize("kind", ["page", "track", "identify", "conversion"])
def test_facet_that_is_not_asked_would_have_done_nothing(world: World, kind: str) -> None:
    """A usual event passes it by: it says nothing to it, of whatever kind, and in a month of its own."""
    person = decode(max(VALUES, key=len))
    event: Any = world.event(kind, name="Guide Downloaded", path="/courses/c1", traits={"role": "a"}, language="en")
    change = Change(
        event, "u:ana", NOW, NOW, has_month_turned=True, is_known=True, is_behaviour=True,
        meaning=world.rules.meaning(event), course=None, now_ms=NOW, rules=world.rules,
    )  # fmt: skip
    passed = [facet for facet in facets(person) if not facet.HEARS_USUAL]
    before = encode(person)
    assert [facet.apply(change) for facet in passed] == [None] * len(passed)
    assert encode(person) == before
    assert {type(each) for each in hearing_usual(person)}.isdisjoint(map(type, passed))
