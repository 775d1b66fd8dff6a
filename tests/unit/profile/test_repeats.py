"""What comes again within 30 days counts once: exactly where it must not be lost, by short marks where it may."""

from binascii import b2a_base64
from hashlib import blake2b
from typing import Any

import pytest

from services.profile.core.facets.identity import DONE, SEEN
from services.profile.core.mark import SHORT, WHOLE
from services.profile.core.person import Person
from services.profile.core.reasons import Became
from tests.unit.profile.conftest import World

DAY = 86_400_000
HEARD = ["page", "conversion", "feedback", "privacy", "link"]


def _event(world: World, what: str) -> dict[str, Any]:
    """One event of each kind, as it came first."""
    if what == "conversion":
        return world.guide(id="m")
    if what == "feedback":
        return {**world.feedback("opened"), "id": "m"}
    if what == "privacy":
        return world.event("privacy", id="m", privacy="opt_out", trusted=True)
    if what == "link":
        return world.event("alias", id="m", links=["a:b"], trusted=True)
    return world.event(id="m", path="/blog/crm/x")


def _again(world: World, event: dict[str, Any], days: int = 0) -> dict[str, Any]:
    """As a client that was away for so long sends it: received later."""
    world.now += days * DAY
    return {**event, "received_ms": world.now, "at": world.event()["at"]}


@pytest.mark.parametrize("what", HEARD)
@pytest.mark.parametrize("days", [0, 1, 29, 30])
def test_what_comes_again_within_30_days_is_a_repeat(world: World, what: str, days: int) -> None:
    """Whatever was folded between; the state is stored, so a restart or another owner knows it too."""
    event = _event(world, what)
    world.take(event)
    for number in range(300):
        world.take(world.event(id=f"other-{number}"))
    before = world.person().events
    world.take(_again(world, event, days))
    assert (world.person().events, world.counts["repeat_id"]) == (before, 1)


@pytest.mark.parametrize("what", ["page", "conversion"])
def test_after_30_days_marks_go(world: World, what: str) -> None:
    """At the next event: what is never asked for again takes no room."""
    world.take(_event(world, what))
    world.take(_again(world, {**_event(world, what), "id": "later"}, 31))
    one = world.person().identity
    kept = one.seen if what == "page" else one.done
    assert len(kept) == (SHORT if what == "page" else WHOLE)
    assert sum(each.count for each in [*one.seen_days, *one.done_days]) == 1


def test_many_page_views_are_bounded(world: World) -> None:
    """The oldest marks go: a page view that is heard twice costs little."""
    for batch in range(SEEN.most // 100 + 2):
        world.take(*[world.event(id=f"{batch}-{number}") for number in range(100)])
    one = world.person().identity
    assert (len(one.seen), sum(each.count for each in one.seen_days)) == (SEEN.most * SHORT, SEEN.most)
    assert world.counts.get("repeat_id", 0) == 0


def test_page_views_push_out_no_conversion(world: World) -> None:
    """Each has a ring of its own: whoever floods a person with page views makes no conversion count twice."""
    world.take(world.guide(id="m"))
    for batch in range(SEEN.most // 100 + 2):
        world.take(*[world.event(id=f"{batch}-{number}") for number in range(100)])
    world.take(world.guide(id="m"))
    assert (world.counts["repeat_id"], world.counts[Became.REPEAT]) == (1, 1)


def test_false_repeats_are_rarer_than_one_in_a_million() -> None:
    """A full ring is asked for 200,000 others, of 2**36 marks that there are."""
    ring = "".join(_short(number) for number in range(SEEN.most))
    assert SEEN.most / 64**SHORT <= 1 / 30e6
    assert sum(SEEN.holds(ring, _short(number)) for number in range(SEEN.most, SEEN.most + 200_000)) <= 1
    assert DONE.most * WHOLE / 64**WHOLE <= 1e-30


def test_marks_as_they_were_before_are_known(world: World) -> None:
    """A state that yesterday's version stored: neither a page nor a conversion of it counts again."""
    with world.changed() as person:
        person.events, person.newest_ms = 1, 1
        person.identity.ids = _old("browser", "page") + _old("server", "sale") + _old("server/feedback", "opened")
    world.take(world.event(id="page"), world.guide(id="sale"), {**world.feedback("opened"), "id": "opened"})
    assert (world.person().events, world.counts["repeat_id"]) == (1, 3)
    world.take(world.event(id="x"), world.guide(id="y"))
    assert (world.person().events, world.person().identity.ids[:1]) == (3, "|")


def test_the_old_ring_goes_when_30_days_have_passed(world: World) -> None:
    """Then all that it knew is too old to come again."""
    with world.changed() as person:
        person.events, person.newest_ms, person.identity.ids = 1, 1, _old("browser", "page")
    event = world.event(id="one")
    world.take(event)
    world.take({**_again(world, event, 30), "id": "two"})
    assert world.person().identity.ids != ""
    world.take({**_again(world, event, 1), "id": "three"})
    assert world.person().identity.ids == ""


def test_a_link_brings_the_marks_of_both(world: World) -> None:
    """What was folded of the visitor is known of the person, with its day."""
    said = world.event(person="a:b", id="m", path="/blog/crm/x")
    world.take(said, world.guide(id="n"), world.event("linked", person="a:b", link="u:ana"))
    world.loop()
    one = world.person().identity
    assert (len(one.seen), len(one.done)) == (SHORT, 2 * WHOLE)
    world.take({**_again(world, said), "person": "u:ana"}, world.guide(id="n"))
    assert world.counts["repeat_id"] == 2


def test_a_state_with_false_counts_is_absorbed_all_the_same(world: World) -> None:
    """A record that nobody of ours wrote: marks that no day counts, and days that count none."""
    other = Person(events=1, newest_ms=5)
    other.identity.seen, other.identity.done = "aaaaaabbbbbb", "a" * 20
    other.identity.seen_days = []
    world.absorb(other, record_id="1")
    assert world.counts["absorbed"] == 1
    world.take(world.event(id="later"))
    assert len(world.person().identity.seen) == SHORT


def _short(number: int) -> str:
    return b2a_base64(blake2b(f"{number}".encode(), digest_size=6).digest())[:SHORT].decode()


def _old(space: str, message_id: str) -> str:
    return "|" + blake2b(message_id.encode(), digest_size=6, person=space.encode()).hexdigest()
