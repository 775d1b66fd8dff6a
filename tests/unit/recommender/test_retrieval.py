"""What is found for a person, by the whole way from the request to the candidates."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from schemas.course import Course
from schemas.llm import Answer
from schemas.recommendation import Recommendation, RecommendationRequest
from services.recommender.pipeline import recommend
from services.recommender.world import World
from services.runtime.outcome import Emit, Message

TAKEN_AT = "2026-10-01T00:00:00Z"

Decide = Callable[..., Awaitable[Recommendation]]


@pytest.fixture
def decided(
    request_of: Callable[..., RecommendationRequest],
    course_of: Callable[..., Course],
    world_of: Callable[..., Awaitable[World]],
    ask_for: Callable[..., Message],
) -> Decide:
    """What is recommended to the person of these changes, where the model replies so."""

    async def decide(*replies: Answer, **changes: Any) -> Recommendation:
        courses = [
            course_of("email-basics"),
            course_of("email-copy"),
            course_of("seo-basics", topics=("seo",)),
            course_of("email-tuning", after=("crm-basics",)),
        ]
        outcome = await recommend(ask_for(request_of(**changes)), await world_of(courses, replies))
        assert isinstance(outcome, Emit)
        event = outcome.records[0].event
        assert isinstance(event, Recommendation)
        return event

    return decide


async def test_the_shadow_is_the_choice_without_a_model(
    decided: Decide, answer: Callable[..., Answer], job_value: dict[str, Any]
) -> None:
    """Of the same lists less the model's, also of a person who took courses, for whom the model's count by rank."""
    nothing_said: dict[str, Any] = {"title": "", "signals": [], "facts": [], "interests": []}
    learner = nothing_said | {"history": [{"course_id": "email-copy", "taken_at": TAKEN_AT}]}
    imagined = answer(job_value | {"title": "Course seo basics", "skills": ["seo", "basics"]})
    advised, alone = await decided(imagined, **learner), await decided(**learner)
    assert advised.pick.course_id == "seo-basics" != alone.pick.course_id
    assert advised.shadow is not None
    assert advised.shadow.course_id == alone.pick.course_id


async def test_what_builds_on_a_course_is_for_who_took_it(decided: Decide) -> None:
    """By what the person took or completed, and by nobody else's."""
    stranger, graduate = await decided(), await decided(completed=["crm-basics"])
    assert "email-tuning" not in {each.course_id for each in stranger.candidates}
    assert "email-tuning" in {each.course_id for each in graduate.candidates}
