"""Who asks to be forgotten is forgotten, and stays so."""

from typing import Any

HOUR = 3_600_000


def _erase(world: Any, **over: Any) -> dict[str, Any]:
    event: dict[str, Any] = world.event("privacy", name="erase", trusted=True, privacy="erase", **over)
    return event


def test_erasure_leaves_a_receipt_and_nothing_else(world: Any) -> None:
    """What waited ends with its record."""
    world.take(world.guide(traits={"company": "Acme"}))
    world.take(_erase(world))
    value = world.values["u:ana"]
    assert sorted(value) == ["gone", "n", "new", "size", "v"]
    assert len(value["gone"][1]) == 64
    assert [(each.reason, each.snapshot.interests) for each in world.sent] == [("erased", ())]


def test_nothing_revives_an_erased_person(world: Any) -> None:
    """Later events are dropped; a conversion still ends with its record."""
    world.take(_erase(world))
    world.take(world.event(path="/blog/seo/x"), world.guide())
    assert "i" not in world.values["u:ana"]
    assert world.counts["after_erasure"] == 2
    assert [(each.ending, each.reason) for each in world.sent] == [("not_asked", "erased")]


def test_a_conversion_after_erasure_ends_once(world: Any) -> None:
    """Its client sends it again; of anything else not even the id is kept."""
    world.take(_erase(world), world.event(path="/blog/seo/x"), world.guide(id="m"), world.guide(id="m"))
    assert [(each.ending, each.trigger.event_id) for each in world.sent] == [("not_asked", "m")]
    assert len(world.values["u:ana"]["ids"]) == 13


def test_an_erased_person_absorbs_nobody(world: Any) -> None:
    """What waited there ends with its record."""
    world.take(world.guide(person="a:b"), _erase(world))
    world.take(world.event("linked", person="a:b", link="u:ana"))
    world.loop()
    assert "i" not in world.values["u:ana"]
    assert [each.reason for each in world.sent] == ["erased"]


def test_erasure_of_a_linked_person_reaches_the_known_one(world: Any) -> None:
    """The pointer is followed."""
    world.take(world.event("linked", person="a:b", link="u:ana"))
    world.take(_erase(world, person="a:b"))
    world.loop()
    assert "gone" in world.values["u:ana"]


def test_an_export_changes_nothing(world: Any) -> None:
    """It is answered elsewhere."""
    world.take(world.event("privacy", trusted=True, privacy="export"))
    assert world.counts["export"] == 1
