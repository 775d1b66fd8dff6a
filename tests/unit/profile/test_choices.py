"""What a person chose on the page behind a mail's link: a pause lets triggers wait, a language goes first."""

from typing import Any

import pytest

from schemas.speaker import Speaker
from services.profile.core.facets.choices import Chosen, Paused
from services.profile.core.person import Person
from tests.unit.profile.conftest import World, WorldOf

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LINK = {"trusted": True, "speaker": "signed_link"}


def chosen(world: World, **over: Any) -> dict[str, Any]:
    """A choice of Ana's, proven by her link."""
    return world.event("choice", name="chosen", **{**LINK, **over})


def paused(world: World, days: float = 30, **over: Any) -> dict[str, Any]:
    """A pause of so many days from now."""
    return chosen(world, until_ms=world.now + round(days * DAY), **over)


def test_trigger_in_a_pause_waits_until_its_deadline_and_ends(world: World) -> None:
    """It says why each time; the playbook's `expires_after_s` is two days, the first wait one day at most."""
    world.take(world.guide(), paused(world))
    [first] = world.tick(30 * MINUTE)
    assert (first.ending, first.reason, first.trigger.attempt) == ("waiting", "paused", 0)
    [second] = world.tick(DAY)
    assert (second.ending, second.reason) == ("waiting", "paused")
    [last] = world.tick(DAY)
    assert (last.ending, last.reason, last.trigger.attempt) == ("not_asked", "paused", 2)
    assert world.person().triggers.by_purpose == {}


def test_trigger_goes_on_when_the_pause_ends_in_time(world: World) -> None:
    """At the moment it ends, on the profile of that moment."""
    world.take(world.guide(), paused(world, days=0.5))
    [waiting] = world.tick(30 * MINUTE)
    assert waiting.reason == "paused"
    assert world.tick(11 * HOUR) == []
    [request] = world.tick(30 * MINUTE)
    assert (request.arm, request.trigger.attempt) == ("treatment", 1)


def test_trigger_that_nobody_looked_at_in_a_pause_is_too_old(world: World) -> None:
    """The pause is not why: a worker that was away is."""
    world.take(world.guide(), paused(world))
    assert [each.reason for each in world.tick(3 * DAY)] == ["too_old"]


def test_cap_beyond_a_pause_that_is_over_is_why_it_ends(world_of: WorldOf) -> None:
    """A pause that ended before the deadline held nothing up."""
    world = world_of(caps=[{"window_hours": 1000, "most": 1}])
    world.take(world.guide(), world.guide(name="Trial Started"))
    _, request = world.tick(30 * MINUTE)
    world.take(world.feedback("sent", request.decision_id), paused(world, days=0.1))
    assert [each.reason for each in world.tick(2 * DAY)] == ["cap_reached"]


def test_what_is_refused_for_good_does_not_wait_for_a_pause(world: World) -> None:
    """The rules go before it."""
    world.take(world.guide(consent=[]), paused(world))
    assert [each.reason for each in world.tick(HOUR)] == ["no_consent"]


def test_pause_asked_for_last_stands(world: World) -> None:
    """In whatever order the two come, and however long the one before was."""
    early, late = paused(world, days=90), paused(world, days=1, time_ms=world.now + MINUTE)
    for events in ([early, late], [late, early]):
        again = World(world.rules)
        again.take(*events)
        assert again.person().choices.paused == Paused(world.now + MINUTE, world.now + DAY)


@pytest.mark.parametrize("who", [each for each in Speaker if each is not Speaker.SIGNED_LINK])
def test_pause_is_the_persons_own(world: World, who: Speaker) -> None:
    """Nobody else's word pauses their mail, whatever the event says of its trust."""
    world.take(world.guide(), paused(world, speaker=who.value))
    assert world.person().choices.paused is None


@pytest.mark.parametrize("who", [each for each in Speaker if each.is_browser])
def test_no_browser_chooses_a_language(world: World, who: Speaker) -> None:
    """What it says of one is heard as it always was."""
    world.take(chosen(world, language="es", speaker=who.value, trusted=False))
    assert world.person().choices.language is None


def test_language_that_was_chosen_goes_before_what_is_heard_later(world: World) -> None:
    """Neither a browser's nor a server's call undoes it: they say in what a page was read."""
    world.take(chosen(world, language="es"))
    world.now += MINUTE
    world.take(world.event(language="en"), world.guide(language="en"))
    [request] = world.tick(HOUR)
    assert request.language == "es"


def test_language_chosen_last_stands(world: World) -> None:
    """One that the business has given up since is passed over."""
    late = chosen(world, language="pl", time_ms=world.now + 1)
    world.take(late, chosen(world, language="en"), world.guide(language="es"))
    assert world.person().choices.language == Chosen(world.now + 1, "pl")
    assert world.tick(HOUR)[0].language == "es"


def test_choices_follow_a_link_and_end_with_an_erasure(world: World) -> None:
    """The person who is linked brings them; the last stands, and nothing is left of an erased one."""
    world.take(paused(world), chosen(world, language="es"))
    ana = world.person()
    world.absorb(ana, "e:k", "l1")
    assert world.person().choices == ana.choices
    world.persons.raw.clear()
    world.absorb(ana, "e:k", "l2")
    assert world.person().choices == ana.choices
    world.absorb(Person(), "a:b", "l3")
    assert world.person().choices == ana.choices
    world.take(world.event("privacy", name="erase", privacy="erase", **LINK))
    assert not world.person().has("choices")


def test_choice_teaches_nothing(world: World) -> None:
    """It is no behaviour: it adds no interest, and lets no trigger wait on."""
    world.take(world.guide())
    before = world.person()
    world.now += MINUTE
    world.take(paused(world, path="/blog/seo/x"))
    after = world.person()
    assert (after.interests, after.signals, after.triggers) == (before.interests, before.signals, before.triggers)
    assert world.counts["folded"] == 2


def test_reader_sees_what_was_chosen(world: World) -> None:
    """As instants."""
    world.take(paused(world), chosen(world, language="es"))
    look: Any = None
    assert world.person().choices.readable(look) == {
        "paused": {"said": "2026-11-24 06:00:00 UTC", "until": "2026-12-24 06:00:00 UTC"},
        "language": {"said": "2026-11-24 06:00:00 UTC", "code": "es"},
    }
