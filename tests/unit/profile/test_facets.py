"""The person is the loop over its facets: one more is one more field, and no facet knows another."""

import ast
from pathlib import Path
from typing import Any, ClassVar, Self

import orjson
import pytest
from msgspec.structs import replace

from services.profile.core.arrivals import says_more
from services.profile.core.event import clean
from services.profile.core.facet import Arrival, Change, Effect, Facet, Look, Visit
from services.profile.core.kind import kind_of
from services.profile.core.part import Part
from services.profile.core.person import LIMIT_BYTES, Person, apply, decode, encode, facets, grow, hear, merge
from services.profile.core.reasons import Count
from services.profile.core.snapshot import shown
from services.profile.pipeline import Input, Read, advance
from tests.profile_values import told_of
from tests.unit.profile.conftest import NOW, World
from tests.unit.profile.test_stored_values import VALUES

FACETS = sorted(Path("services/profile/core/facets").glob("*.py"))
MOST = 4_000
LONGEST = 20  # characters of a place


class Places(Facet):
    """A facet of this test: the places that a person's events were about, and how often."""

    HEARD_BYTES: ClassVar[int] = 20 + LONGEST

    visits: dict[str, int] = {}

    def hear(self, visit: Visit) -> int:
        """Count the place of each: no act has it, its whole event does."""
        size = 0
        for act in visit.acts:
            place = (visit.event(act).get("properties") or {}).get("place")
            if isinstance(place, str):
                self.visits[place[:LONGEST]] = self.visits.get(place[:LONGEST], 0) + 1
                size += 20 + LONGEST
        return size

    def apply(self, change: Change) -> Effect | None:
        """Count who said more at a place: it is among the visits already."""
        place = (change.event.get("properties") or {}).get("place")
        return Effect(counted=[Count.EXPORT]) if place in self.visits else None

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


def folded(world: World, *packs: list[Any]) -> Placed:
    """Ana, as the packs give her by one step."""
    records = [
        Input("events.clean", 0, offset, NOW, None, orjson.dumps({"v": 1, "events": events}))
        for offset, events in enumerate(packs)
    ]
    step = advance(records, {}, Read({"u:ana": Placed()}.get), world.rules, NOW)
    world.counts |= step.counts
    person = decode(step.values["u:ana"], Placed)
    assert isinstance(person, Placed)
    return person


@pytest.fixture
def ana(world: World) -> Placed:
    """Ana, whose two events were at the pier."""
    return folded(world, [world.event(properties={"place": "pier"}), world.event(properties={"place": "pier"})])


def test_facet_more_is_folded_and_stored(ana: Placed) -> None:
    """By the pipeline as it is; a worker without it keeps the part as one of a later version."""
    assert ana.places.visits == {"pier": 2}
    back = decode(encode(ana), Placed)
    assert isinstance(back, Placed)
    assert (back.places, encode(back)) == (ana.places, encode(ana))
    assert encode(decode(encode(ana))) == encode(ana)


def test_facet_more_finds_each_event_in_its_pack(world: World) -> None:
    """Acts of several packs are heard at once, beside events of others; of one that says more it is the event told."""
    packs = [
        [world.event(person="u:bo", properties={"place": "moon"}), world.event(properties={"place": "pier"})],
        [world.event(properties={"place": "quay"}), world.event("feedback"), world.event(properties={"n": 1})],
        [world.guide(properties={"place": "desk"}), world.event(properties={"place": "pier"})],
    ]
    assert folded(world, *packs).places.visits == {"pier": 2, "quay": 1, "desk": 1}
    assert (world.counts[Count.EXPORT], world.counts["broken_event"]) == (1, 1)


def test_facet_more_finds_events_that_came_after_their_person(world: World) -> None:
    """A late event that says no more than an act comes in no pack, but by itself."""
    late = {"kind": "rekey", "id": "1", "person": "u:ana", "from_person": "a:1",
            "event": world.event(person="a:1", properties={"place": "pier"})}  # fmt: skip
    record = Input("profile.self", 0, 0, NOW, None, orjson.dumps(late))
    step = advance([record], {}, Read({"u:ana": Placed()}.get), world.rules, NOW)
    person = decode(step.values["u:ana"], Placed)
    assert isinstance(person, Placed)
    assert person.places.visits == {"pier": 1}


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
    """What two of them need stands in `facet.py`, or beside it; mails and their clicks are a part of the touches."""
    known = {
        node.module.rsplit(".", 1)[-1]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and ".core.facets" in node.module
    }
    assert known <= ({"facets", "clicks", "mails"} if path.stem == "touches" else set())


def test_facets_are_those_of_a_person() -> None:
    """Each module of the folder is one, named as its module is, but for what touches are made of."""
    names = {path.stem for path in FACETS} - {"__init__", "clicks", "mails"}
    assert {type(each).__module__.rsplit(".", 1)[-1] for each in facets(Person())} == names
    assert {type(getattr(Person(), each)).__name__.lower() for each in names} == names


class Deaf(Facet):
    """A facet of this test that defines neither `hear` nor `apply`."""


def test_facet_that_says_nothing_of_what_changes_it_is_our_bug() -> None:
    """It is not passed over: whoever adds one hears of it when the person is defined, and at the first link."""
    with pytest.raises(TypeError, match="Deaf does neither"):
        Part(Deaf)
    with pytest.raises(NotImplementedError):
        Deaf().merge(Deaf(), Arrival("a:b", 0, 1.0))


def test_new_facet_is_as_one_of_nothing_stored() -> None:
    """So that a person who was stored before a facet was there has an empty one, and stores none of it."""
    person = decode(encode(Person()))
    assert facets(person) == facets(Person())
    assert orjson.loads(encode(person)).keys() == {"v", "events", "newest_ms", "size"}


def test_facet_is_asked_of_what_it_defines_alone(world: World) -> None:
    """Each is one of those that hear, or that apply; of the other it would have said that nothing was changed."""
    person = decode(max(VALUES, key=len))
    told, before = told_of(world.guide(), world.rules), encode(person)
    visit = Visit([told.act], NOW, world.rules, lambda _: clean(told.event))
    change: Any = told.event
    kind = kind_of(Person)
    deaf = [each for each in facets(person) if each not in kind.hearing(person)]
    mute = [each for each in facets(person) if each not in kind.applying(person)]
    assert deaf
    assert mute
    assert [each.hear(visit) for each in deaf] == [0] * len(deaf)
    assert [each.apply(change) for each in mute] == [None] * len(mute)
    still = [name for name in kind.parts if name not in kind.turning]
    assert still
    for name in still:
        getattr(person, name).turn(NOW)
    assert encode(person) == before


@pytest.mark.parametrize("weights", [(1.0, 3.0), (3.0, 1.0)])
def test_signal_keeps_the_greatest_weight_of_its_events(world: World, weights: tuple[float, float]) -> None:
    """Whichever of them came last."""
    told = told_of(world.event(path="/courses/c1"), world.rules)
    act, meaning = told.act, told.act.meaning
    assert meaning is not None
    acts = [
        replace(act, time_ms=act.time_ms + place, meaning=replace(meaning, weight=weight))
        for place, weight in enumerate(weights)
    ]
    person = Person()
    person.signals.hear(Visit(acts, 0, world.rules, lambda _: clean(told.event)))
    assert [(row.times, row.weight) for row in person.signals.rows.values()] == [(2, 3.0)]


@pytest.mark.parametrize("kind", ["page", "track", "identify"])
def test_facet_that_is_not_asked_would_have_done_nothing(world: World, kind: str) -> None:
    """An event that says no more than an act passes by who only applies: told, it says the same, in any month."""
    person, other = (decode(max(VALUES, key=len)) for _ in range(2))
    event: Any = world.event(kind, name="Quiz", path="/courses/c1", properties={"n": 1}, language="en", trusted=True)
    told = told_of(event, world.rules)
    assert not says_more(told.event, told.act.meaning)
    person.identity.keep(told.act.mark, told.act.received_ms)
    effect = apply(person, told, "u:ana", world.rules, NOW)
    assert (effect.ended, effect.counted, effect.told) == ([], [], [])
    assert hear(other, [told.act], world.rules, lambda _: clean(told.event)) == (1, 0)
    other.size = person.size
    assert encode(person) == encode(other)
