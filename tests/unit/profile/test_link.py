"""Anonymous persons become known; attackers do not become anybody."""

from typing import Any

import orjson
import pytest

from services.profile.core.facets.consents import Consents
from services.profile.core.facets.engagement import Engagement
from services.profile.core.facets.history import History
from services.profile.core.facets.identity import Identity
from services.profile.core.facets.interests import Interests
from services.profile.core.facets.signals import Signals
from services.profile.core.facets.touches import Touches
from services.profile.core.facets.traits import Address, Trait, Traits
from services.profile.core.person import Person
from tests.profile_values import consent, signal, touch
from tests.unit.profile.conftest import World


def _link(world: World, person: str = "a:b", known: str = "u:ana", **over: Any) -> dict[str, Any]:
    return world.event("linked", name="identity.linked", person=person, link=known, **over)


def test_an_anonymous_state_goes_to_the_known_person(world: World) -> None:
    """One record carries it; a pointer stays, and what it held is forgotten here."""
    world.take(world.event(path="/blog/seo/x"), world.event(person="a:b", path="/blog/crm/x"), _link(world))
    world.loop()
    assert sorted(world.person().interests.by_key) == ["topic:crm", "topic:seo"]
    assert world.person().identity.past == ["a:b"]
    assert world.person("a:b").identity.forward == "u:ana"
    assert world.person("a:b").interests.by_key == {}


def test_a_late_event_follows_the_pointer(world: World) -> None:
    """It counts for the known person, with the rank of an anonymous browser."""
    world.take(_link(world))
    world.take(world.event("identify", person="a:b", traits={"role": "clerk"}))
    world.loop()
    assert world.person().traits.facts["role"].rank == 0
    assert world.counts["rekeyed"] == 1


def test_an_absorb_record_that_comes_again_changes_nothing(world: World) -> None:
    """A second record of the same link is a repeat."""
    world.take(world.event(person="a:b", path="/blog/crm/x"), _link(world))
    record = world.sent[0].model_dump_json().encode()
    world.raw("profile.self", record)
    once = world.persons.raw["u:ana"]
    world.raw("profile.self", record)
    assert world.persons.raw["u:ana"] == once


def test_a_link_is_made_once(world: World) -> None:
    """The same again is a repeat, another is refused: the first stands."""
    world.take(_link(world), _link(world), _link(world, known="u:eve"))
    assert (world.counts["linked"], world.counts["link_repeated"], world.counts["link_refused"]) == (1, 1, 1)
    assert world.person("a:b").identity.forward == "u:ana"


def test_a_browser_never_merges_two_known_people(world: World) -> None:
    """Only a server may; and nobody is linked to an anonymous person or to himself."""
    world.take(
        _link(world, person="u:ana", known="u:eve"),
        _link(world, person="e:x", known="u:eve"),
        _link(world, known="a:c"),
        _link(world, person="u:ana", known="u:ana", trusted=True),
    )
    assert world.counts["link_refused"] == 4
    world.take(_link(world, person="e:x", known="u:ana", trusted=True))
    assert world.counts["linked"] == 1


def test_a_circle_of_links_ends(world: World) -> None:
    """A and B linked to each other at once lead to states with every event, and to no endless record."""
    world.take(
        world.event(person="u:a", path="/blog/seo/x"),
        world.event(person="u:b", path="/blog/crm/x"),
        _link(world, person="u:a", known="u:b", trusted=True),
        _link(world, person="u:b", known="u:a", trusted=True),
    )
    world.loop()
    held = [key for person in ("u:a", "u:b") for key in world.person(person).interests.by_key]
    assert sorted(held) == ["topic:crm", "topic:seo"]
    assert world.counts["forwarded"] >= 1
    world.take(_link(world, person="u:a", known="u:b", trusted=True))
    world.loop()
    world.take(_link(world, person="u:b", known="u:a", trusted=True))
    assert sorted(world.person("u:b").interests.by_key) == ["topic:crm", "topic:seo"]
    assert world.counts["link_refused"] == 1


def test_a_late_event_in_a_circle_ends_where_it_began(world: World) -> None:
    """It is folded when it comes back to its owner."""
    world.take(
        _link(world, person="u:a", known="u:b", trusted=True), _link(world, person="u:b", known="u:a", trusted=True)
    )
    world.sent.clear()
    world.take(world.event(person="u:a", path="/blog/seo/x"))
    world.loop()
    assert list(world.person("u:a").interests.by_key) == ["topic:seo"]


@pytest.mark.parametrize("kind", ["page", "conversion"])
def test_a_late_event_of_a_machine_says_nothing(world: World, kind: str) -> None:
    """As one that comes in a pack."""
    late = {"kind": "rekey", "id": "1", "person": "u:ana", "from_person": "a:b"}
    event = world.event(kind, person="a:b", name="Guide Downloaded", path="/blog/seo/x", bot=True)
    world.raw("profile.self", orjson.dumps({**late, "event": event}))
    assert world.person().events == 0
    assert world.counts == {"bot": 1} | ({"conversion_bot": 1} if kind == "conversion" else {})


def test_what_waits_goes_along(world: World) -> None:
    """The trigger of an anonymous person is decided for the known one; of two for one purpose the first stays."""
    world.take(
        world.guide(person="a:b"),
        world.guide(received_ms=world.now + 1),
        world.guide(person="a:c", name="Trial Started"),
    )
    world.take(_link(world), _link(world, person="a:c"))
    world.loop()
    waits = world.person().triggers.by_purpose
    assert (waits["next-step"].event, waits["trial"].event) == ("m-0", "m-2")
    ended = [(each.trigger.event_id, each.reason) for each in world.sent]
    assert ended == [("m-1", "purpose_taken")]


def test_touches_refusals_and_courses_go_along(world: World) -> None:
    """Caps hold over a link, and so does every refusal."""
    state = Person(
        events=3, newest_ms=5,
        touches=Touches({"5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f": touch(word="sent")}),
        history=History(taken={"c": 1}, completed={"c": 1}, recommended={"c": 5}),
        consents=Consents({"marketing": {"": consent()}}, {"opt_out": 4}),
        engagement=Engagement({"clicked": {"0": 5}}, {"3": 1}),
        signals=Signals({f"k|{n}": signal(n) for n in range(25)}),
        traits=Traits({"role": Trait(0, 1, "x", "")}, Address(2, 1, "a@b.example", "k")),
        identity=Identity(ids="|00000000000a"),
    )  # fmt: skip
    world.absorb(state, record_id="1")
    person = world.person()
    for gone, came in ((state.touches, person.touches), (state.history, person.history), (state.traits, person.traits),
                       (state.consents, person.consents), (state.engagement, person.engagement)):  # fmt: skip
        assert came == gone
    assert (person.events, person.newest_ms) == (3, 5)
    assert person.identity.ids == "|00000000000a"
    assert sorted(person.signals.rows) == sorted(f"k|{n}" for n in range(5, 25))


def test_a_call_that_its_own_link_overtook_is_folded(world: World) -> None:
    """What was sent away had seen the link, not the call; a link that ingest once gave its call's id included."""
    call = world.guide(id="m", at=["conversions.raw", 0, 0, 0])
    world.take(world.event(person="a:b", path="/blog/crm/x"), _link(world, id="m", trusted=True))
    world.loop()
    world.take(call)
    assert world.person().triggers.by_purpose["next-step"].event == "m"
    assert world.counts.get("repeat_id", 0) == 0


def test_what_a_client_sends_again_after_a_link_is_a_repeat(world: World) -> None:
    """The same call goes by the pointer, to the person who has taken over what it was folded into."""
    said = {"id": "m", "person": "a:b", "path": "/blog/crm/x"}
    world.take(world.event(**said), _link(world), world.event(**said))
    world.loop()
    assert (world.person().events, world.counts["rekeyed"], world.counts["repeat_id"]) == (1, 1, 1)


def test_a_link_that_comes_again_after_a_circle_is_a_repeat(world: World) -> None:
    """The pointer is gone then; the link's own id still says that it was made."""
    one = _link(world, id="one", person="u:a", known="u:b", trusted=True)
    world.take(one, _link(world, person="u:b", known="u:a", trusted=True))
    world.loop()
    assert world.person("u:a").identity.forward is None
    world.take({**one, "at": ["events.raw", 1, 0, 0]})
    assert (world.counts["linked"], world.counts["repeat_id"]) == (2, 1)


def test_a_browser_uses_up_no_id_of_a_server(world: World) -> None:
    """Nor the other way round: whoever knows or guesses an id keeps no conversion away."""
    world.take(world.event(id="m", path="/blog/seo/x"), world.guide(id="m"), world.event(id="m"))
    assert (world.person().events, world.counts["repeat_id"]) == (2, 1)
    assert world.person().triggers.by_purpose["next-step"].event == "m"


def test_an_enormous_guest_is_cut(world: World) -> None:
    """Two large states make one within the limit."""
    interests = {"item:" + "x" * 280 + f"{n}": {f"{month}": 1 for month in range(660, 684)} for n in range(110)}
    hours = {f"{n}": 1 for n in range(168)}
    state = Person(interests=Interests(interests), engagement=Engagement(hours=hours))
    for number in range(3):
        world.absorb(state, record_id=f"{number}")
    assert world.counts["shrunk"] >= 1
    assert len(world.persons.raw["u:ana"]) < 64 * 1024


def test_what_is_small_and_dear_goes_last(world: World) -> None:
    """Hours and the oldest facts go only where nothing else is left to drop."""
    facts = {f"{n}" + "x" * 290: Trait(0, n, "\u6f22" * 300, "\u6f22" * 300) for n in range(2, 32)}
    world.absorb(Person(engagement=Engagement(hours={"1": 1}), traits=Traits(facts)))
    person = world.person()
    assert person.engagement.hours == {}
    assert sorted(int(name.rstrip("x")) for name in person.traits.facts) == [*range(28, 32)]


def test_a_decision_keeps_the_limit_too(world: World) -> None:
    """The touch it reserves may be what is too much."""
    world.take(world.guide(path="/blog/seo/x"))
    interests = {"item:" + "x" * 250 + f"{n}": {f"{month}": 1 for month in range(660, 684)} for n in range(120)}
    with world.changed() as person:
        person.size, person.interests.by_key = 60_000, person.interests.by_key | interests
    world.tick(3_600_000)
    assert world.counts["shrunk"] == 1
