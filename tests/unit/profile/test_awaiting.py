"""What is due waits for the state that a link has sent on its way, a minute at most."""

from typing import Any

import orjson
import pytest

from schemas.recommendation import RecommendationRequest
from services.profile.pipeline import dues
from tests.profile_values import person_of

MINUTE = 60_000
BACKLOG = 7_200_000


def _form(world: Any, *links: str, **over: Any) -> dict[str, Any]:
    """A conversion that a backlog brings two hours late, by a call that links these persons."""
    event: dict[str, Any] = world.guide(received_ms=world.now - BACKLOG, links=list(links), **over)
    return event


def _absorb(world: Any, from_person: str = "a:b", person: str = "u:ana", **state: Any) -> None:
    """The state of a person who read of CRM comes."""
    said = {"n": 1, "new": world.now, "i": {"topic:crm": {"682": 500_000}}, **state}
    record = {"kind": "absorb", "id": f"l-{from_person}", "person": person, "from_person": from_person, "state": said}
    world.raw("profile.self", orjson.dumps(record))


def _counted(world: Any) -> tuple[int, int]:
    """How many triggers waited, and how many in vain."""
    return world.counts.get("link_awaited", 0), world.counts.get("link_overdue", 0)


def test_a_due_trigger_waits_for_the_state_and_is_decided_when_it_comes(world: Any) -> None:
    """At once then, and on all of it; the wait is counted, and nothing of it stays."""
    world.take(_form(world, "a:b"))
    assert world.tick() == []
    assert dues(person_of(world.values["u:ana"])) == world.now + MINUTE
    world.now += 1_500
    _absorb(world)
    [request] = world.tick()
    assert isinstance(request, RecommendationRequest)
    assert {each.key for each in request.snapshot.interests} == {"topic:seo", "topic:crm"}
    assert _counted(world) == (1, 0)
    assert "wait" not in world.values["u:ana"]


def test_the_state_brings_the_timer_forward(world: Any) -> None:
    """The step that absorbs says when to look again; else the whole minute would pass."""
    world.take(_form(world, "a:b"))
    world.tick()
    record = {"kind": "absorb", "id": "l", "person": "u:ana", "from_person": "a:b", "state": {}}
    step = world.raw("profile.self", orjson.dumps(record))
    assert step.timers == ((world.values["u:ana"]["pend"]["next-step"]["due"], "u:ana"),)


def test_a_link_that_was_refused_costs_a_minute_once(world: Any) -> None:
    """What was refused brings nothing, however often it is said: the next trigger does not wait for it."""
    world.take(_form(world, "a:b"))
    assert world.tick() == []
    assert world.tick(MINUTE - 1) == []
    [request] = world.tick(1)
    assert [each.key for each in request.snapshot.interests] == ["topic:seo"]
    world.take(_form(world, "a:b", name="Trial Started"))
    assert len(world.tick()) == 1
    assert _counted(world) == (1, 1)


def test_what_is_due_later_does_not_wait(world: Any) -> None:
    """Live, the state has come before the quiet period ends."""
    world.take(world.guide(links=["a:b"]))
    _absorb(world)
    assert len(world.tick(3_600_000)) == 1
    assert _counted(world) == (0, 0)


@pytest.mark.parametrize("absorbed", [{}, {"past": ["a:c"]}])
def test_a_state_that_came_before_its_link_was_heard_of_is_not_awaited(world: Any, absorbed: dict[str, Any]) -> None:
    """`profile.self` may be ahead of `events.clean`; whom the absorbed one had absorbed is here too."""
    _absorb(world, **absorbed)
    world.take(_form(world, "a:b", *absorbed.get("past", ())))
    assert len(world.tick()) == 1
    assert _counted(world) == (0, 0)


def test_who_comes_with_another_is_awaited_no_longer(world: Any) -> None:
    """A browser that an address had absorbed brings nothing itself: its link to the user is refused."""
    world.take(_form(world, "a:b", "e:x"))
    assert world.tick() == []
    _absorb(world, "e:x", past=["a:b"])
    assert len(world.tick()) == 1
    assert _counted(world) == (1, 0)


def test_every_state_is_awaited(world: Any) -> None:
    """The first of two does not end the wait; what still lacks is said to be overdue."""
    world.take(_form(world, "a:b", "a:c"))
    world.tick()
    _absorb(world)
    assert world.tick(MINUTE - 1) == []
    assert len(world.tick(1)) == 1
    assert _counted(world) == (1, 1)


def test_links_heard_of_later_do_not_prolong_the_wait(world: Any) -> None:
    """Whoever sends one link after another keeps no mail away."""
    world.take(_form(world, "a:b"))
    world.tick()
    for number in range(3):
        world.now += 15_000
        world.take(world.event("alias", name="alias", links=[f"a:{number}"]))
    assert world.tick(14_999) == []
    assert len(world.tick(1)) == 1


def test_a_trigger_that_was_put_off_waits_anew(world_of: Any) -> None:
    """At its next look, where another link was heard of just before."""
    world = world_of(quiet_hours={"time_zone": "UTC", "start": 12, "end": 11})
    world.take(_form(world, "a:b"))
    assert world.tick() == []
    assert world.tick(MINUTE) == []
    entry = world.values["u:ana"]["pend"]["next-step"]
    assert (entry["due"] > world.now, "held" in entry) == (True, False)
    world.now = entry["due"]
    world.take(world.event("alias", name="alias", links=["a:c"]))
    assert world.tick() == []
    assert len(world.tick(MINUTE)) == 1
    assert _counted(world) == (2, 2)


def test_an_alias_says_nothing_but_whom_it_links(world: Any) -> None:
    """No trigger waits on for it, and no hour of the week is the person's."""
    world.take(world.guide())
    before = world.values["u:ana"]
    world.now += 5_000
    world.take(world.event("alias", name="alias", links=["a:b", "u:ana"], path="/blog/crm/x"))
    value = world.values["u:ana"]
    assert value["wait"] == {"a:b": world.now}
    assert [value[part] == before[part] for part in ("pend", "i", "sig", "hour")] == [True] * 4
    assert world.counts["folded"] == 2


def test_nothing_of_a_wait_goes_along(world: Any) -> None:
    """Who is awaited, and which trigger waits, is a matter of the person's own key; the trigger itself goes."""
    world.take(_form(world, "a:b"))
    world.tick()
    assert "held" in world.values["u:ana"]["pend"]["next-step"]
    world.take(world.event("linked", name="identity.linked", link="u:eve", trusted=True))
    [sent] = world.sent
    assert "awaited" not in sent.state["identity"]
    assert "held_ms" not in sent.state["triggers"]["by_purpose"]["next-step"]
    assert "wait" not in world.values["u:ana"]
    sent.state["identity"]["awaited"] = {"a:z": 5}
    world.raw("profile.self", sent.model_dump_json())
    assert "wait" not in world.values["u:eve"]


def test_a_late_call_tells_whom_its_person_was_linked_to(world: Any) -> None:
    """It is re-keyed with whom it links, and that state is forwarded: both meet, and nothing is awaited."""
    world.take(
        world.event("linked", name="identity.linked", link="u:eve", trusted=True),
        _form(world, "a:b"),
        world.event("linked", name="identity.linked", person="a:b", link="u:ana"),
    )
    absorb = [each for each in world.sent if each.from_person == "a:b"]
    world.sent = [each for each in world.sent if each.from_person != "a:b"]
    world.loop()
    assert world.values["u:eve"]["wait"] == {"a:b": world.now}
    world.sent += absorb
    world.loop()
    assert "wait" not in world.values["u:eve"]
    assert world.counts["forwarded"] == 1


def test_an_erasure_ends_a_wait(world: Any) -> None:
    """The trigger ends, and nobody is awaited: what comes is not absorbed."""
    world.take(_form(world, "a:b"))
    world.tick()
    world.take(world.event("privacy", name="erase", privacy="erase", trusted=True))
    assert [each.reason for each in world.sent] == ["erased"]
    assert "wait" not in world.values["u:ana"]
    world.take(_form(world, "a:c"))
    assert "wait" not in world.values["u:ana"]


def test_at_most_eight_are_awaited(world: Any) -> None:
    """The ones heard of last."""
    for number in range(10):
        world.now += 1
        world.take(world.event("alias", name="alias", links=[f"a:{number}"]))
    assert list(world.values["u:ana"]["wait"]) == [f"a:{number}" for number in range(2, 10)]


def test_a_repeat_tells_nothing_anew(world: Any) -> None:
    """The same call by another partition, when the state has come and was pushed out of who came before."""
    form = _form(world, "a:b")
    world.take(form)
    _absorb(world)
    world.values["u:ana"]["past"] = []
    world.take({**form, "at": ["events.raw", 1, 0, 0]})
    assert "wait" not in world.values["u:ana"]
    assert world.counts["repeat_id"] == 1


def test_what_awaits_keeps_the_limit(world: Any) -> None:
    """The longest of persons are few beside it; where all must shrink, they are too; so where a trigger waits."""
    interests = {"item:" + "x" * 250 + f"{n}": {f"{month}": 1 for month in range(660, 684)} for n in range(120)}
    world.take(_form(world, "a:b"))
    world.values["u:ana"] |= {"size": 60_000, "i": interests}
    assert world.tick() == []
    assert (world.counts["shrunk"], _counted(world)) == (1, (1, 0))
    for number in range(8):
        world.now += 1
        world.take(world.event("alias", name="alias", links=["a:" + "\u6f22" * 297 + f"{number}"]))
    world.values["u:ana"]["fact"] = {f"{n}" + "x" * 250: [0, n, "\u6f22" * 300, ""] for n in range(32)}
    world.values["u:ana"]["size"] = 60_000
    world.take(world.event("alias", name="alias", links=["a:new"]))
    assert {each[-3:] for each in world.values["u:ana"]["wait"]} == {"\u6f22\u6f227", "new"}
    assert len(orjson.dumps(world.values["u:ana"])) <= 48 * 1024


def test_a_link_to_no_person_is_a_dead_letter(world: Any) -> None:
    """What begins as none, or is too long, was not made by ingest."""
    for bad in ("x", "a:" + "b" * 299):
        step = world.take(world.event(links=[bad]))
        assert [each.reason for each in step.rejects] == ["undecodable"]
