"""What is due waits for the state that a link has sent on its way, a minute at most."""

from collections.abc import Sequence
from typing import Any

import pytest

from schemas.recommendation import RecommendationRequest
from services.profile.core.facets.identity import Identity
from services.profile.core.facets.interests import Interests
from services.profile.core.facets.traits import Trait
from services.profile.core.person import Person
from services.profile.pipeline import dues
from tests.unit.profile.conftest import World, WorldOf

MINUTE = 60_000
BACKLOG = 7_200_000


def _form(world: World, *links: str, **over: Any) -> dict[str, Any]:
    """A conversion that a backlog brings two hours late, by a call that links these persons."""
    return world.guide(received_ms=world.now - BACKLOG, links=list(links), **over)


def _absorb(world: World, from_person: str = "a:b", past: Sequence[str] = ()) -> None:
    """The state of a person who read of CRM comes."""
    interests, identity = Interests({"topic:crm": {"682": 500_000}}), Identity(past=[*past])
    state = Person(events=1, newest_ms=world.now, interests=interests, identity=identity)
    world.absorb(state, from_person, f"l-{from_person}")


def _counted(world: World) -> tuple[int, int]:
    """How many triggers waited, and how many in vain."""
    return world.counts.get("link_awaited", 0), world.counts.get("link_overdue", 0)


def test_a_due_trigger_waits_for_the_state_and_is_decided_when_it_comes(world: World) -> None:
    """At once then, and on all of it; the wait is counted, and nothing of it stays."""
    world.take(_form(world, "a:b"))
    assert world.tick() == []
    assert dues(world.person()) == world.now + MINUTE
    world.now += 1_500
    _absorb(world)
    [request] = world.tick()
    assert isinstance(request, RecommendationRequest)
    assert {each.key for each in request.snapshot.interests} == {"topic:seo", "topic:crm"}
    assert _counted(world) == (1, 0)
    assert world.person().identity.awaited == {}


@pytest.mark.parametrize("kind", ["page", "track", "identify", "alias"])
def test_an_event_of_any_kind_tells_of_a_link(world: World, kind: str) -> None:
    """Of the call that links: it may be a page that says nothing more than that."""
    world.take(world.event(kind, links=["a:b"]))
    assert world.person().identity.awaited == {"a:b": world.now}


def test_the_state_brings_the_timer_forward(world: World) -> None:
    """The step that absorbs says when to look again; else the whole minute would pass."""
    world.take(_form(world, "a:b"))
    world.tick()
    step = world.absorb(Person())
    assert step.timers == ((world.person().triggers.by_purpose["next-step"].due_ms, "u:ana"),)


def test_a_link_that_was_refused_costs_a_minute_once(world: World) -> None:
    """What was refused brings nothing, however often it is said: the next trigger does not wait for it."""
    world.take(_form(world, "a:b"))
    assert world.tick() == []
    assert world.tick(MINUTE - 1) == []
    [request] = world.tick(1)
    assert [each.key for each in request.snapshot.interests] == ["topic:seo"]
    world.take(_form(world, "a:b", name="Trial Started"))
    assert len(world.tick()) == 1
    assert _counted(world) == (1, 1)


def test_what_is_due_later_does_not_wait(world: World) -> None:
    """Live, the state has come before the quiet period ends."""
    world.take(world.guide(links=["a:b"]))
    _absorb(world)
    assert len(world.tick(3_600_000)) == 1
    assert _counted(world) == (0, 0)


@pytest.mark.parametrize("past", [(), ("a:c",)])
def test_a_state_that_came_before_its_link_was_heard_of_is_not_awaited(world: World, past: tuple[str, ...]) -> None:
    """`profile.self` may be ahead of `events.clean`; whom the absorbed one had absorbed is here too."""
    _absorb(world, past=past)
    world.take(_form(world, "a:b", *past))
    assert len(world.tick()) == 1
    assert _counted(world) == (0, 0)


def test_who_comes_with_another_is_awaited_no_longer(world: World) -> None:
    """A browser that an address had absorbed brings nothing itself: its link to the user is refused."""
    world.take(_form(world, "a:b", "e:x"))
    assert world.tick() == []
    _absorb(world, "e:x", past=["a:b"])
    assert len(world.tick()) == 1
    assert _counted(world) == (1, 0)


def test_every_state_is_awaited(world: World) -> None:
    """The first of two does not end the wait; what still lacks is said to be overdue."""
    world.take(_form(world, "a:b", "a:c"))
    world.tick()
    _absorb(world)
    assert world.tick(MINUTE - 1) == []
    assert len(world.tick(1)) == 1
    assert _counted(world) == (1, 1)


def test_links_heard_of_later_do_not_prolong_the_wait(world: World) -> None:
    """Whoever sends one link after another keeps no mail away."""
    world.take(_form(world, "a:b"))
    world.tick()
    for number in range(3):
        world.now += 15_000
        world.take(world.event("alias", name="alias", links=[f"a:{number}"]))
    assert world.tick(14_999) == []
    assert len(world.tick(1)) == 1


def test_a_trigger_that_was_put_off_waits_anew(world_of: WorldOf) -> None:
    """At its next look, where another link was heard of just before."""
    world = world_of(quiet_hours={"time_zone": "UTC", "start": 12, "end": 11})
    world.take(_form(world, "a:b"))
    assert world.tick() == []
    assert world.tick(MINUTE) == []
    trigger = world.person().triggers.by_purpose["next-step"]
    assert (trigger.due_ms > world.now, trigger.held_ms) == (True, None)
    world.now = trigger.due_ms
    world.take(world.event("alias", name="alias", links=["a:c"]))
    assert world.tick() == []
    assert len(world.tick(MINUTE)) == 1
    assert _counted(world) == (2, 2)


def test_an_alias_says_nothing_but_whom_it_links(world: World) -> None:
    """No trigger waits on for it, and no hour of the week is the person's."""
    world.take(world.guide())
    before = world.person()
    world.now += 5_000
    world.take(world.event("alias", name="alias", links=["a:b", "u:ana"], path="/blog/crm/x"))
    after = world.person()
    assert after.identity.awaited == {"a:b": world.now}
    assert (after.triggers, after.interests, after.signals) == (before.triggers, before.interests, before.signals)
    assert after.engagement.hours == before.engagement.hours != {}
    assert world.counts["folded"] == 2


def test_nothing_of_a_wait_goes_along(world: World) -> None:
    """Who is awaited, and which trigger waits, is a matter of the person's own key; the trigger itself goes."""
    world.take(_form(world, "a:b"))
    world.tick()
    assert world.person().triggers.by_purpose["next-step"].held_ms == world.now
    world.take(world.event("linked", name="identity.linked", link="u:eve", trusted=True))
    [sent] = world.sent
    assert "awaited" not in sent.state["identity"]
    assert "held_ms" not in sent.state["triggers"]["by_purpose"]["next-step"]
    assert world.person().identity.awaited == {}
    sent.state["identity"]["awaited"] = {"a:z": 5}
    world.raw("profile.self", sent.model_dump_json())
    assert world.person("u:eve").identity.awaited == {}


def test_a_late_call_tells_whom_its_person_was_linked_to(world: World) -> None:
    """It is re-keyed with whom it links, and that state is forwarded: both meet, and nothing is awaited."""
    world.take(
        world.event("linked", name="identity.linked", link="u:eve", trusted=True),
        _form(world, "a:b"),
        world.event("linked", name="identity.linked", person="a:b", link="u:ana"),
    )
    absorb = [each for each in world.sent if each.from_person == "a:b"]
    world.sent = [each for each in world.sent if each.from_person != "a:b"]
    world.loop()
    assert world.person("u:eve").identity.awaited == {"a:b": world.now}
    world.sent += absorb
    world.loop()
    assert world.person("u:eve").identity.awaited == {}
    assert world.counts["forwarded"] == 1


def test_an_erasure_ends_a_wait(world: World) -> None:
    """The trigger ends, and nobody is awaited: what comes is not absorbed."""
    world.take(_form(world, "a:b"))
    world.tick()
    world.take(world.event("privacy", name="erase", privacy="erase", trusted=True))
    assert [each.reason for each in world.sent] == ["erased"]
    assert world.person().identity.awaited == {}
    world.take(_form(world, "a:c"))
    assert world.person().identity.awaited == {}


def test_at_most_eight_are_awaited(world: World) -> None:
    """The ones heard of last."""
    for number in range(10):
        world.now += 1
        world.take(world.event("alias", name="alias", links=[f"a:{number}"]))
    assert list(world.person().identity.awaited) == [f"a:{number}" for number in range(2, 10)]


def test_a_repeat_tells_nothing_anew(world: World) -> None:
    """The same call by another partition, when the state has come and was pushed out of who came before."""
    form = _form(world, "a:b")
    world.take(form)
    _absorb(world)
    with world.changed() as person:
        person.identity.past = []
    world.take({**form, "at": ["events.raw", 1, 0, 0]})
    assert world.person().identity.awaited == {}
    assert world.counts["repeat_id"] == 1


def test_what_awaits_keeps_the_limit(world: World) -> None:
    """The longest of persons are few beside it; where all must shrink, they are too; so where a trigger waits."""
    interests = {"item:" + "x" * 250 + f"{n}": {f"{month}": 1 for month in range(660, 684)} for n in range(120)}
    world.take(_form(world, "a:b"))
    with world.changed() as person:
        person.size, person.interests = 60_000, Interests(interests)
    assert world.tick() == []
    assert (world.counts["shrunk"], _counted(world)) == (1, (1, 0))
    for number in range(8):
        world.now += 1
        world.take(world.event("alias", name="alias", links=["a:" + "\u6f22" * 297 + f"{number}"]))
    with world.changed() as person:
        person.traits.facts = {f"{n}" + "x" * 250: Trait(0, n, "\u6f22" * 300, "") for n in range(29)}
        person.size = 60_000
    world.take(world.event("alias", name="alias", links=["a:new"]))
    assert {each[-3:] for each in world.person().identity.awaited} == {"\u6f22\u6f227", "new"}
    assert len(world.persons.raw["u:ana"]) <= 48 * 1024


def test_a_link_to_no_person_is_a_dead_letter(world: World) -> None:
    """What begins as none, or is too long, was not made by ingest."""
    for bad in ("x", "a:" + "b" * 299):
        step = world.take(world.event(links=[bad]))
        assert [each.reason for each in step.rejects] == ["undecodable"]
