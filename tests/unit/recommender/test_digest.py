"""The courses of a mail that shows more than one: the pick, then good ones that do not say the same thing again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from schemas.course import Course
from schemas.recommendation import Candidate, Recommendation, RecommendationRequest
from services.recommender.core.choice.digest import digest
from services.recommender.core.values import Policy, Shortlist
from services.recommender.pipeline import recommend
from services.recommender.world import World
from services.runtime.outcome import Emit, Message

Shown = Callable[..., Awaitable[Recommendation]]


@pytest.fixture
def courses(course_of: Callable[..., Course]) -> list[Course]:
    """Three of one topic, and two beside it."""
    rows = (("email-basics", "email-marketing"), ("email-copy", "email-marketing"), ("email-lists", "email-marketing"))
    return [course_of(name, topics=(topic,)) for name, topic in (*rows, ("crm-basics", "crm"), ("seo-basics", "seo"))]


@pytest.fixture
def shown(
    courses: Sequence[Course],
    request_of: Callable[..., RecommendationRequest],
    world_of: Callable[..., Awaitable[World]],
    ask_for: Callable[..., Message],
    policy: Policy,
) -> Shown:
    """The recommendation where the playbook wants so many courses."""

    async def build(number: int, answers: Sequence[Any] = (), **changes: Any) -> Recommendation:
        wanted = replace(policy, playbook_courses={"conversion-follow-up": number})
        outcome = await recommend(ask_for(request_of(**changes)), await world_of(courses, answers, policy=wanted))
        assert isinstance(outcome, Emit)
        (send,) = outcome.records
        assert isinstance(send.event, Recommendation)
        return send.event

    return build


def test_a_digest_says_no_thing_twice(course_of: Callable[..., Course]) -> None:
    """The second course is of another topic, though one of the same topic scores higher; the pick stays the first."""
    known = [course_of("a"), course_of("b"), course_of("c", topics=("seo",))]
    rows = zip(known, (1.0, 0.9, 0.6), strict=True)
    candidates = tuple(Candidate(course_id=each.id, title=each.title, lanes={}, score=score) for each, score in rows)
    plain = Shortlist(candidates, {each.id: each for each in known}, "lanes")
    assert [each.id for each in digest(plain, known[:1], (), 2)] == ["a", "c"]
    assert [each.id for each in digest(plain, known[2:], (), 2)] == ["c", "a"]
    assert [each.id for each in digest(plain, known[1:2], (), 1)] == ["b"]
    disappointing = replace(plain, appeals={"a": 0.5, "b": 1.0})
    assert [each.id for each in digest(disappointing, known[2:], (), 9)] == ["c", "b", "a"]


@pytest.mark.parametrize("arm", ["treatment", "usual"])
async def test_a_playbook_of_three_shows_two_more(shown: Shown, arm: str) -> None:
    """After the pick: new to them, each once; all else is as for one."""
    event = await shown(3, arm=arm, recommended=["crm-basics"])
    ids = [event.course.id, *(each.id for each in event.also)]
    assert len(set(ids)) == len(ids) == 3
    assert event.course.id == event.pick.course_id
    assert set(ids) <= {each.course_id for each in event.candidates}
    assert "crm-basics" not in ids
    alone = await shown(1, arm=arm, recommended=["crm-basics"])
    assert [each.id for each in alone.spares] == [each.id for each in event.also]
    assert alone == event.model_copy(update={"also": (), "spares": event.also, "timings_s": alone.timings_s})


async def test_the_models_pick_stays_the_first(shown: Shown, job_value: dict[str, Any], answer: Any) -> None:
    """Whatever the fused rank says."""
    pick = {
        "picks": [{"course_id": "seo-basics", "fits": "yes"}],
        "cites": ["s1"],
        "reason": "It helps to be found by new readers",
    }
    event = await shown(2, (answer(job_value), answer(pick)))
    assert (event.rungs["pick"], event.course.id, len(event.also)) == ("llm", "seo-basics", 1)


async def test_a_digest_is_as_long_as_there_are_courses(shown: Shown, courses: Sequence[Course]) -> None:
    """Two candidates are two courses, and one is a mail of one."""
    for left in (2, 1):
        event = await shown(5, recommended=[each.id for each in courses][left:])
        assert len(event.also) == left - 1
