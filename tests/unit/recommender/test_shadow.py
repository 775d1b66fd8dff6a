"""What would have been picked without a model, beside every decision."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import REGISTRY

from schemas.course import Course
from schemas.errors import DecodeError
from schemas.llm import Answer
from schemas.recommendation import Recommendation, RecommendationRequest, Shadow
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.measure import measured
from services.recommender.core.endings import shadow_of
from services.recommender.core.values import Found, Picked, Policy, Shortlist
from services.recommender.pipeline import recommend
from services.recommender.world import World
from services.runtime.outcome import Emit, Message

AGREEMENT = "kindling_recommender_shadow_agreement_total"
Decide = Callable[..., Awaitable[Recommendation]]


@pytest.fixture
def courses(course_of: Callable[..., Course]) -> list[Course]:
    """Four on email, one on search."""
    return [
        *(course_of(each) for each in ("email-basics", "email-automation", "email-copy", "email-lists")),
        course_of("seo-basics", topics=("seo",)),
    ]


@pytest.fixture
def decide(
    courses: list[Course],
    world_of: Callable[..., Awaitable[World]],
    ask_for: Callable[..., Message],
    request_of: Callable[..., RecommendationRequest],
) -> Decide:
    """The recommendation that these replies lead to."""

    async def run(*replies: Any, request: RecommendationRequest | None = None, **changes: Any) -> Recommendation:
        outcome = await recommend(ask_for(request or request_of()), await world_of(courses, replies, **changes))
        measured(outcome)
        assert isinstance(outcome, Emit)
        event = outcome.records[0].event
        assert isinstance(event, Recommendation)
        return event

    return run


def _counted(agrees: str) -> float:
    return REGISTRY.get_sample_value(AGREEMENT, {"agrees": agrees}) or 0.0


def _shadow(event: Recommendation) -> Shadow:
    assert event.shadow is not None
    return event.shadow


async def test_without_a_model_the_shadow_is_the_choice(decide: Decide) -> None:
    """It agrees, all candidates are shared, and the metric, which is of models, does not count it."""
    before = _counted("yes")
    event = await decide()
    assert _shadow(event).course_id == event.pick.course_id
    assert (_shadow(event).agrees, _shadow(event).shared) == (True, len(event.candidates))
    assert _counted("yes") == before


async def test_an_imagined_course_is_held_against_the_composed_one(
    decide: Decide, answer: Callable[..., Answer], job_value: dict[str, Any]
) -> None:
    """The model leads elsewhere; the record says where the rules would have led, as if no model had been asked."""
    before = _counted("no")
    alone = await decide()
    imagined = {
        "title": "Course email copy",
        "description": "Course email copy: what a small team needs to know.",
        "skills": ["copy"],
    }
    event = await decide(answer(job_value | imagined))
    assert event.rungs["imagine"] == "llm"
    assert event.pick.course_id != alone.pick.course_id
    assert (_shadow(event).course_id, _shadow(event).agrees) == (alone.pick.course_id, False)
    assert _counted("no") == before + 1


async def test_a_pick_by_the_model_is_held_against_the_first(
    decide: Decide, answer: Callable[..., Answer], job_value: dict[str, Any]
) -> None:
    """Where only the pick is the model's, nothing is searched for again."""
    before = _counted("no")
    first = (await decide()).candidates
    reply = {
        "picks": [{"course_id": first[1].course_id, "fits": "yes"}],
        "cites": ["s1"],
        "reason": "It helps to write the first emails",
    }
    event = await decide(answer(job_value | {"level": ""}), answer(reply))
    assert (event.rungs["imagine"], event.rungs["pick"]) == ("composed", "llm")
    assert (_shadow(event).course_id, _shadow(event).agrees) == (first[0].course_id, False)
    assert _shadow(event).title == first[0].title
    assert _counted("no") == before + 1


async def test_trying_out_is_no_disagreement(
    decide: Decide, policy: Policy, answer: Callable[..., Answer], job_value: dict[str, Any]
) -> None:
    """The shadow is held against the base choice, not against the course that is tried out."""
    picks = [{"course_id": each.course_id, "fits": "yes"} for each in (await decide()).candidates[:2]]
    reply = answer({"picks": picks, "cites": ["s1"], "reason": "It helps to write the first emails"})
    exploring = replace(policy, playbook_explore={"conversion-follow-up": 1.0})
    event = await decide(answer(job_value | {"level": ""}), reply, policy=exploring)
    assert event.pick.is_exploration
    assert _shadow(event).course_id == event.candidates[0].course_id != event.pick.course_id
    assert _shadow(event).agrees


async def test_the_usual_arm_is_its_own_shadow(
    decide: Decide, request_of: Callable[..., RecommendationRequest]
) -> None:
    """No model has a part in it."""
    event = await decide(request=request_of(arm="usual"))
    assert (_shadow(event).course_id, _shadow(event).agrees) == (event.pick.course_id, True)


def test_nothing_found_has_no_shadow() -> None:
    """The rules found nothing: there is nothing to hold against."""
    nothing = Shortlist((), {}, "popular")
    pick: Any = None
    assert shadow_of(Found(nothing, nothing), Picked(pick, (), (), "x", "llm")) is None


async def test_a_reply_longer_than_the_record_is_no_answer(
    decide: Decide, answer: Callable[..., Answer], job_value: dict[str, Any]
) -> None:
    """Else the record could not be replayed."""
    padded = replace(answer(job_value), text="{" + " " * 4_000 + "}")
    event = await decide(padded)
    assert (event.rungs["job"], event.rungs["imagine"]) == ("rules", "composed")
    assert event.asked[0].detail.startswith("the reply: expected at most 4000 characters, came 4002")
    assert len(event.asked[0].text) == 4_000


def test_catalogues_of_the_same_courses_have_the_same_version(
    courses: list[Course], record_of: Callable[..., Message], course_of: Callable[..., Course]
) -> None:
    """Whatever the order, and whatever came and went."""
    one, other = ViewedCatalogue(), ViewedCatalogue()
    for each in courses:
        one.apply(record_of(each.id, each))
    for each in reversed(courses):
        other.apply(record_of(each.id, course_of(each.id, level="advanced")))
        other.apply(record_of(each.id, each))
    other.apply(record_of("gone", course_of("gone")))
    assert one.version != other.version
    other.apply(record_of("gone", None))
    other.apply(record_of("gone", None))
    assert one.version == other.version
    other.apply(record_of("email-copy", course_of("email-copy", price_minor=100, currency="EUR", topics=("crm",))))
    assert one.version != other.version
    assert ViewedCatalogue().version == "0" * 32


def test_course_whose_latest_record_cannot_be_read_is_out_of_sight(
    record_of: Callable[..., Message], course_of: Callable[..., Course], caplog: pytest.LogCaptureFixture
) -> None:
    """It may be withdrawn by a word of a later version; the former record of it says nothing any more."""
    catalogue = ViewedCatalogue()
    catalogue.apply(record_of("a", course_of("a")))
    catalogue.apply(record_of("b", course_of("b")))
    record = SimpleNamespace(topic="catalog.courses", partition=0, offset=2, key=b"a")
    catalogue.undecodable(record, DecodeError("a course", "another status came", b"{}"))
    assert (set(catalogue.courses), set(catalogue.open_hashes)) == ({"b"}, {"b"})
    assert [each.levelname for each in caplog.records] == ["ERROR"]
    catalogue.apply(record_of("a", course_of("a")))
    assert set(catalogue.courses) == {"a", "b"}
