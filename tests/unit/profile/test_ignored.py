"""A mail that came and led to nothing: the person is less interested in what it showed."""

from typing import Any

import pytest

from schemas.program import Program
from schemas.recommendation import RecommendationRequest
from services.profile.core.facets.interests import Interests
from services.profile.core.rules import Rules
from services.profile.pipeline import compiled, encode
from tests.unit.profile.conftest import World, program

MINUTE, DAY = 60_000, 86_400_000
COURSE = {"name": "Course Viewed", "path": "/courses/seo-1", "title": "A sitemap for shops"}


def rules(**signals: Any) -> Rules:
    """The test's rules with other values of `signals.yaml`."""
    value = program().model_dump(mode="json")
    return compiled(Program.model_validate({**value, "signals": {**value["signals"], **signals}}))


def weights(world: World) -> dict[str, float]:
    """The interests of Ana's snapshot now."""
    person = world.person("u:ana")
    interests: Interests = person.interests
    return interests.weights(world.now, person.newest_ms, world.rules.half_life_ms)


def mailed(world: World, word: str | None, course: str = "seo-1") -> dict[str, float]:
    """Ana got a mail about the course, of which this was heard, and its time passed; gives her interests before."""
    world.take(world.guide())
    [asked] = [each for each in world.tick(1_800_000) if isinstance(each, RecommendationRequest)]
    fact = {"message_id": "m", "decision_id": asked.decision_id}
    for each in ("delivered", word):
        if each is not None:
            heard = {"word": each, **fact, "machine": "no"}
            world.take(world.event("feedback", feedback=heard, trusted=True, properties={"course": course}))
            world.now += MINUTE
    before = weights(world)
    world.tick(30 * DAY)
    return before


def test_ignored_mail_lowers_what_it_showed(world: World) -> None:
    """The course, and the topics that the person's own signal of it named; other interests decay alone."""
    world.take(world.event(**COURSE), world.event(path="/blog/crm/x"))
    before = mailed(world, None)
    after = weights(world)
    lowered = 0.25 * 2 ** ((world.rules.memory_ms - 30 * DAY) / world.rules.half_life_ms)
    expected = {"topic:crm": 0.0, "topic:seo": lowered, "item:seo-1": lowered}
    assert {key: before[key] / 2 - after[key] for key in after} == pytest.approx(expected, abs=0.001)


def test_ignored_mail_about_a_course_that_was_never_met_lowers_it_alone(world: World) -> None:
    """Nothing here says of what topics it is."""
    before = mailed(world, None, "crm-9")
    after = weights(world)
    assert after.keys() - before.keys() == {"item:crm-9"}
    assert after["item:crm-9"] < 0


@pytest.mark.parametrize("word", ["clicked", "bounced"])
def test_mail_that_was_heeded_or_never_read_lowers_nothing(world: World, word: str) -> None:
    """A click is no neglect, and nobody neglects what bounced."""
    before = mailed(world, word)
    assert weights(world).keys() == before.keys()
    assert all(weight > 0 for weight in weights(world).values())


def test_ignoring_is_heard_once(world: World) -> None:
    """However often the person is looked at afterwards."""
    mailed(world, None)
    after = encode(world.person("u:ana"))
    world.tick(40 * DAY)
    assert encode(world.person("u:ana")) == after


def test_business_may_say_that_it_means_nothing(world: World) -> None:
    """`ignored_weight: 0` leaves the interests as they are; what courses.signals is told stays."""
    world.rules = rules(ignored_weight=0)
    before = mailed(world, None)
    assert weights(world).keys() == before.keys()
    assert [each.word for each in world.sent if hasattr(each, "word")] == ["nothing"]


def test_weight_above_nothing_is_refused() -> None:
    """An ignored mail makes nobody more interested."""
    with pytest.raises(ValueError, match="ignored_weight"):
        rules(ignored_weight=0.1)
