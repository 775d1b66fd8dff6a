"""What courses.signals is told of a mail that shows several courses: each is a trial of its own."""

import re
from dataclasses import replace
from typing import Any

import pytest

from schemas.recommendation import RecommendationRequest
from schemas.standing import Outcome
from services.profile.core.caps import MAX_TOUCHES
from services.profile.core.facets.clicks import SETTLE_MS
from services.profile.core.facets.mails import forget
from services.profile.core.person import apply
from services.profile.core.transition import cause_of
from services.profile.pipeline import dues, encode, fire
from tests.profile_values import told_of, touch
from tests.unit.profile.conftest import KEY, World

MINUTE, DAY = 60_000, 86_400_000
ALSO = {"crm-1": "https://a.example/c?id=2", "ads-1": "https://a.example/ads-1"}


def _asked(world: World) -> str:
    """One mail is asked for; its decision."""
    world.take(world.guide())
    requests = [each for each in world.tick(30 * MINUTE) if isinstance(each, RecommendationRequest)]
    return requests[0].decision_id


def _enrolled(world: World, course: str, time_ms: int) -> Any:
    return world.event("conversion", name="Course Enrolled", properties={"course_id": course}, time_ms=time_ms)


def _feedback(world: World, decision: str, word: str, course: str = "seo-1", **fact: Any) -> Any:
    about = {"word": word, "message_id": "m", "decision_id": decision, **fact}
    return world.event("feedback", feedback=about, trusted=True, properties={"course": course})


def _shown(world: World, decision: str, word: str) -> Any:
    """Feedback with the further courses of a mail of three, as a connector echoes them."""
    return _feedback(world, decision, word, also=ALSO)


def _outcomes(world: World) -> list[tuple[str, str, str | None]]:
    return [(each.course_id, each.word, each.was) for each in world.sent if isinstance(each, Outcome)]


def test_no_two_outcomes_of_a_person_can_be_joined(world: World) -> None:
    """Neither by a decision nor by a time that only one mail has."""
    world.take(_shown(world, _asked(world), "unsubscribed"))
    assert len([each for each in world.sent if isinstance(each, Outcome)]) == 3
    for each in [each for each in world.sent if isinstance(each, Outcome)]:
        assert set(each.model_dump()) == {"kind", "course_id", "word", "was", "occurred_ms"}
        assert each.occurred_ms % DAY == 0


def test_all_courses_of_a_mail_count_as_recommended(world: World) -> None:
    """Once the mail went out, and not before; so none of them is recommended again."""
    decision = _asked(world)
    world.take(_shown(world, decision, "failed"))
    assert world.person().history.recommended == {}
    world.take(_shown(world, decision, "sent"))
    assert set(world.person().history.recommended) == {"seo-1", "crm-1", "ads-1"}


def test_name_of_a_recommended_course_is_cut(world: World) -> None:
    """A hundred characters, as an item's: longer ones are no course's, and would fill the history."""
    world.take(_feedback(world, _asked(world), "sent", "x" * 150))
    assert world.person().history.recommended.keys() == {"x" * 100}


def test_further_courses_that_no_catalogue_holds_are_left_aside(world: World) -> None:
    """So is the first one, named twice."""
    also = {"Not A Slug": "https://a.example/1", "seo-1": "https://a.example/2"}
    world.take(_feedback(world, _asked(world), "delivered", also=also))
    assert set(world.person().history.recommended) == {"seo-1"}
    assert len(world.person().touches.mails) == 1


@pytest.mark.parametrize(
    ("url", "course"),
    [
        ("https://a.example/c?id=2", "crm-1"),
        ("https://a.example/c?id=2&utm_source=mail&utm_medium=email#top", "crm-1"),
        ("https://a.example/ads-1?utm_source=mail", "ads-1"),
        ("https://a.example/ads-1/more", "seo-1"),
        ("https://a.example/seo-1", "seo-1"),
        ("https://a.example/c?id=1", "seo-1"),
        ("", "seo-1"),
    ],
)
def test_a_click_counts_for_the_course_whose_link_it_was(world: World, url: str, course: str) -> None:
    """By the link, whatever a tracker put after it; any other link of the mail is the first course's."""
    decision = _asked(world)
    world.take(_shown(world, decision, "delivered"))
    world.now += MINUTE
    world.take(_feedback(world, decision, "clicked") | {"url": url})
    world.tick(SETTLE_MS)
    assert _outcomes(world) == [(course, "clicked", None)]


def test_a_click_that_names_its_course_counts_for_it(world: World) -> None:
    """Where a tracker says the course and no link; it never becomes the course that the mail is about."""
    decision = _asked(world)
    world.take(_shown(world, decision, "sent") | {"properties": {}}, _feedback(world, decision, "clicked", "ads-1"))
    world.tick(SETTLE_MS)
    assert _outcomes(world) == [("ads-1", "clicked", None)]
    world.take(_feedback(world, decision, "clicked"))
    world.tick(SETTLE_MS)
    assert _outcomes(world)[1:] == [("seo-1", "clicked", None)]


def test_taking_a_further_course_is_its_conversion(world: World) -> None:
    """And says nothing of the others, which led to nothing when the mail has had its time."""
    decision = _asked(world)
    world.take(_shown(world, decision, "delivered"))
    world.take(_enrolled(world, "ads-1", time_ms=world.now + 1))
    assert _outcomes(world) == [("ads-1", "converted", None)]
    world.tick(world.rules.memory_ms)
    assert sorted(_outcomes(world)[1:]) == [("crm-1", "nothing", None), ("seo-1", "nothing", None)]
    assert dues(world.person()) is None


def test_a_conversion_that_is_told_leaves_the_others_their_end(world: World) -> None:
    """A mail that was answered was read, so what led to nothing is told of its other courses."""
    decision = _asked(world)
    world.take(_shown(world, decision, "sent"), _feedback(world, decision, "converted", "crm-1"))
    world.tick(world.rules.memory_ms)
    assert sorted(_outcomes(world)) == [
        ("ads-1", "nothing", None), ("crm-1", "converted", None), ("seo-1", "nothing", None),
    ]  # fmt: skip


def test_a_refusal_is_of_every_course_of_the_mail(world: World) -> None:
    """One that was clicked is taken back; repeats tell nothing twice."""
    decision = _asked(world)
    world.take(_shown(world, decision, "sent"), _feedback(world, decision, "clicked") | {"url": ALSO["ads-1"]})
    world.tick(SETTLE_MS)
    world.take(_feedback(world, decision, "complained"), _shown(world, decision, "complained"))
    assert sorted(_outcomes(world)[1:]) == [
        ("ads-1", "refused", "clicked"), ("crm-1", "refused", None), ("seo-1", "refused", None),
    ]  # fmt: skip


def test_a_mail_of_three_goes_whole(world: World) -> None:
    """Given back, forgotten with its touch, or linked away: no row of it stays."""
    first = _asked(world)
    world.take(_shown(world, first, "failed"), _feedback(world, first, "not_sent"))
    assert world.person().touches.mails == {}
    second = _asked(world)
    world.take(_shown(world, second, "sent"))
    assert {each[:36] for each in world.person().touches.mails} == {second}
    world.take(_feedback(world, second, "complained"))
    mails = world.person().touches.mails
    assert len(mails) == 3
    forget(mails, second)
    assert mails == {}


def test_many_mails_of_five_stay_within_the_profiles_size(world: World) -> None:
    """The longest ids a catalogue may hold, and the longest names of courses."""
    world.take(world.guide())
    person, rules = world.person(), world.rules
    for number in range(MAX_TOUCHES):
        decision = f"{number:08x}-0000-5000-8000-000000000000"
        person.touches.reserve(decision, touch(world.now + number, world.now + DAY), KEY, rules.memory_ms)
        also = {f"{number}-{place}-".ljust(100, "x"): f"https://a.example/{number}/{place}" for place in range(4)}
        event = _feedback(world, decision, "sent", f"{number}-".ljust(100, "x"), also=also)
        apply(person, told_of(event, rules), "u:ana", rules, world.now)
        assert len(encode(person)) <= person.size
    assert len(encode(person)) < 64 * 1024


def test_the_id_of_what_a_timer_tells_joins_nothing(world: World) -> None:
    """A request's is its decision's; what courses.signals hears has one that names neither decision nor person."""
    world.take(world.guide())
    world.now += 30 * MINUTE
    asked = world.fired()
    decision = asked.sends[0].event.decision_id
    assert cause_of(asked, 3) == f"timer/3/recommendation.requests/{decision}"
    world.keep(asked)
    world.take(_shown(world, decision, "sent"))
    world.now += world.rules.memory_ms
    told = fire("u:ana", world.person(), world.checkpoint, world.rules, world.now)
    assert told is not None
    assert [send.topic.short for send in told.sends] == ["courses.signals"] * 3
    assert re.fullmatch("timer/3/[0-9a-f]{32}", cause_of(told, 3))
    assert cause_of(told, 3) == cause_of(told, 3) != cause_of(replace(told, values={}), 3)
    assert cause_of(replace(told, sends=()), 3) == ""
