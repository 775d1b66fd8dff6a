"""Who asks to be forgotten is forgotten, and stays so."""

from typing import Any

from services.profile.core.facets.identity import Identity
from services.profile.core.mark import WHOLE
from services.profile.core.person import ERASED_BYTES, Person
from services.profile.pipeline import encode
from tests.unit.profile.conftest import World

HOUR = 3_600_000


def _erase(world: World, **over: Any) -> dict[str, Any]:
    return world.event("privacy", name="erase", trusted=True, privacy="erase", **over)


def test_erasure_leaves_a_receipt_and_nothing_else(world: World) -> None:
    """What waited ends with its record."""
    world.take(world.guide(traits={"company": "Acme"}))
    world.take(_erase(world))
    person = world.person()
    assert person.identity.erased is not None
    assert (person.identity.erased.time_ms, len(person.identity.erased.receipt)) == (world.now, 64)
    assert encode(person) == encode(
        Person(events=1, size=ERASED_BYTES, identity=Identity(erased=person.identity.erased))
    )
    assert [(each.reason, each.snapshot.interests) for each in world.sent] == [("erased", ())]


def test_nothing_revives_an_erased_person(world: World) -> None:
    """Later events are dropped; a conversion still ends with its record."""
    world.take(_erase(world))
    world.take(world.event(path="/blog/seo/x"), world.event("identify", traits={"role": "editor"}), world.guide())
    assert world.person().interests.by_key == {}
    assert world.person().traits.facts == {}
    assert world.counts["after_erasure"] == 3
    assert [(each.ending, each.reason) for each in world.sent] == [("not_asked", "erased")]


def test_a_conversion_after_erasure_ends_once(world: World) -> None:
    """Its client sends it again; of anything else not even the id is kept."""
    world.take(_erase(world), world.event(path="/blog/seo/x"), world.guide(id="m"), world.guide(id="m"))
    assert [(each.ending, each.trigger.event_id) for each in world.sent] == [("not_asked", "m")]
    assert (len(world.person().identity.done), world.person().identity.seen) == (WHOLE, "")


def test_an_erased_person_absorbs_nobody(world: World) -> None:
    """What waited there ends with its record."""
    world.take(world.guide(person="a:b"), _erase(world))
    world.take(world.event("linked", person="a:b", link="u:ana"))
    world.loop()
    assert world.person().interests.by_key == {}
    assert [each.reason for each in world.sent] == ["erased"]


def test_erasure_of_a_linked_person_reaches_the_known_one(world: World) -> None:
    """The pointer is followed."""
    world.take(world.event("linked", person="a:b", link="u:ana"))
    world.take(_erase(world, person="a:b"))
    world.loop()
    assert world.person().identity.erased is not None


def test_an_export_changes_nothing(world: World) -> None:
    """It is answered elsewhere."""
    world.take(world.event("privacy", trusted=True, privacy="export"))
    assert world.counts["export"] == 1
