"""One request from record to recommendation, or to the decision that says why none."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.course import Course
from schemas.decision import Decision
from schemas.email import Feedback
from schemas.identity import message_id_of
from schemas.llm import Answer, Fault, NoAnswer
from schemas.recommendation import Recommendation, RecommendationRequest
from schemas.standing import CourseRow, TopicRow
from services.recommender.adapters.fake_clock import FakeClock
from services.recommender.adapters.index.fake_index import FakeIndex
from services.recommender.core.course_statistics import CourseStatistics
from services.recommender.core.values import Vector
from services.recommender.pipeline import recommend
from services.recommender.world import World
from services.runtime.outcome import Emit, Message, Unavailable

TAKEN_AT = "2026-10-01T00:00:00Z"


class Away:
    """An embedder nobody reaches."""

    name, dimension = "away", 64

    async def query(self, text: str) -> Vector:
        """Nothing."""
        raise Unavailable(text)

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """Nothing."""
        raise Unavailable(texts[0])


@dataclass(frozen=True)
class Scene:
    """A catalogue, and the ways to ask for a recommendation of it."""

    courses: list[Course]
    course_of: Callable[..., Course]
    request_of: Callable[..., RecommendationRequest]
    world_of: Callable[..., Awaitable[World]]
    ask_for: Callable[..., Message]
    answer: Callable[..., Answer]

    async def world(self, *replies: Any, **changes: Any) -> World:
        """A world with these courses."""
        return await self.world_of(self.courses, replies, **changes)

    async def recommended(self, request: RecommendationRequest, world: World) -> Recommendation:
        """What the request leads to, which is one recommendation."""
        outcome = await recommend(self.ask_for(request), world)
        assert isinstance(outcome, Emit)
        (send,) = outcome.records
        assert isinstance(send.event, Recommendation)
        return send.event

    async def ended(self, request: RecommendationRequest, world: World) -> tuple[Decision, Feedback]:
        """What the request leads to, which is its end."""
        outcome = await recommend(self.ask_for(request), world)
        assert isinstance(outcome, Emit)
        decision, feedback = (send.event for send in outcome.records)
        assert isinstance(decision, Decision)
        assert isinstance(feedback, Feedback)
        return decision, feedback


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Scene:
    """Six courses of three topics, one of them Spanish."""
    course_of = request.getfixturevalue("course_of")
    courses = [
        course_of("email-basics"),
        course_of("email-automation", level="advanced"),
        course_of("email-copy"),
        course_of("crm-basics", topics=("crm",)),
        course_of("seo-basics", topics=("seo",)),
        course_of("correo-basico", language="es"),
    ]
    names = ("course_of", "request_of", "world_of", "ask_for", "answer")
    return Scene(courses, *(request.getfixturevalue(name) for name in names))


def _asks(world: World) -> list[float]:
    """The patience of each question the model was asked."""
    return [within_s for _, within_s in getattr(world.model, "asks", [])]


async def test_valid_replies_are_the_upper_rungs(scene: Scene, job_value: dict[str, Any]) -> None:
    """Job, imagined course and pick are the model's; the questions are kept raw."""
    pick = {
        "picks": [{"course_id": "email-copy", "fits": "yes"}],
        "cites": ["s1"],
        "reason": "It helps to write the first emails",
    }
    world = await scene.world(scene.answer(job_value), scene.answer(pick))
    event = await scene.recommended(scene.request_of(), world)
    assert event.rungs == {"job": "llm", "imagine": "llm", "retrieve": "lanes", "pick": "llm"}
    assert (event.job.text, event.pick.course_id, event.course.id) == (job_value["job"], "email-copy", "email-copy")
    assert (event.pick.reason, event.pick.cites, event.pick.propensity) == (pick["reason"], ("s1",), 1.0)
    assert [(each.stage, each.outcome) for each in event.asked] == [("job+imagine", "answer"), ("pick", "answer")]
    assert event.asked[0].prompt_id == "job_imagine.v2"


@pytest.mark.parametrize("off", [{}, {"model": None}])
async def test_without_a_model_the_rules_answer(scene: Scene, off: dict[str, Any]) -> None:
    """The lower rungs alone make a whole recommendation, and say so: asked in vain, or nobody to ask."""
    event = await scene.recommended(scene.request_of(), await scene.world(**off))
    assert event.rungs == {"job": "rules", "imagine": "composed", "retrieve": "lanes", "pick": "posterior"}
    assert event.course.topics == ("email-marketing",)
    assert event.candidates[0].course_id == event.course.id
    assert {each.outcome for each in event.asked} == {"off"}


@pytest.mark.parametrize(
    ("broken", "rungs"),
    [
        ({"cites": ["s7"]}, ("rules", "llm")),
        ({"job": "<b>Buy now at once</b>"}, ("rules", "llm")),
        ({"title": "No"}, ("llm", "composed")),
        ({"stage": "", "level": ""}, ("rules", "composed")),
    ],
)
async def test_invalid_replies_are_the_next_rungs_turn(
    scene: Scene, job_value: dict[str, Any], broken: dict[str, Any], rungs: tuple[str, str]
) -> None:
    """Each stage by itself; what was wrong is recorded."""
    first = scene.answer(job_value | broken)
    world = await scene.world(first, scene.answer({"picks": [{"course_id": "unknown", "fits": "yes"}]}))
    event = await scene.recommended(scene.request_of(), world)
    assert (event.rungs["job"], event.rungs["imagine"], event.rungs["pick"]) == (*rungs, "posterior")
    assert [each.outcome for each in event.asked] == ["invalid", "invalid"]
    assert all(each.detail for each in event.asked)


async def test_patience_is_for_the_whole_decision(scene: Scene, job_value: dict[str, Any]) -> None:
    """What the first question took is gone; with too little left the model says that it was not asked."""
    world = await scene.world(scene.answer(job_value, duration_s=12.0))
    await scene.recommended(scene.request_of(), world)
    assert _asks(world) == [30.0, 18.0]
    slow = await scene.world(NoAnswer(Fault.TIMEOUT, "slow", 29.5), NoAnswer(Fault.NO_TIME, "0.5 s were left"))
    event = await scene.recommended(scene.request_of(), slow)
    assert _asks(slow) == [30.0, 0.5]
    assert [each.outcome for each in event.asked] == ["timeout", "no_time"]


async def test_taken_completed_and_recommended_courses_are_never_candidates(scene: Scene) -> None:
    """Whatever else speaks for them."""
    request = scene.request_of(
        history=[{"course_id": "email-basics", "taken_at": TAKEN_AT}],
        completed=["email-copy"],
        recommended=["crm-basics"],
    )
    event = await scene.recommended(request, await scene.world())
    assert {each.course_id for each in event.candidates} == {"email-automation", "seo-basics"}


async def test_a_history_adds_the_text_lane(scene: Scene) -> None:
    """Only where there is one that the index knows."""
    known = scene.request_of(history=[{"course_id": "email-basics", "taken_at": TAKEN_AT}])
    alike = await scene.world_of([*scene.courses, scene.course_of("email-basics-again")])
    event = await scene.recommended(known, alike)
    assert any("text" in each.lanes for each in event.candidates)
    unknown = scene.request_of(history=[{"course_id": "gone", "taken_at": TAKEN_AT}])
    event = await scene.recommended(unknown, await scene.world())
    assert not any("text" in each.lanes for each in event.candidates)


async def test_too_few_in_her_language_brings_the_businesss_own(scene: Scene) -> None:
    """One Spanish course is too few to choose from; it stays a candidate."""
    event = await scene.recommended(scene.request_of(language="es"), await scene.world())
    assert "correo-basico" in {each.course_id for each in event.candidates}
    assert {"email-automation", "email-basics", "email-copy"} <= {each.course_id for each in event.candidates}


async def test_what_a_lead_said_is_embedded_and_what_a_model_imagined(scene: Scene, job_value: dict[str, Any]) -> None:
    """Without the embedder, their words and interests go on; nothing that the rules compose is looked for."""
    event = await scene.recommended(scene.request_of(), await scene.world())
    assert event.rungs["retrieve"] == "lanes"
    assert {name for each in event.candidates for name in each.lanes} == {"interests", "meant", "said"}
    event = await scene.recommended(scene.request_of(), await scene.world(embedder=Away()))
    assert event.rungs["retrieve"] == "words"
    assert {name for each in event.candidates for name in each.lanes} == {"interests", "said"}
    event = await scene.recommended(scene.request_of(), await scene.world(scene.answer(job_value), embedder=Away()))
    assert (event.rungs["imagine"], event.rungs["retrieve"]) == ("llm", "words")
    assert {name for each in event.candidates for name in each.lanes} == {"interests", "named", "said"}
    event = await scene.recommended(scene.request_of(), await scene.world(scene.answer(job_value)))
    assert any("imagined" in each.lanes for each in event.candidates)


async def test_what_others_took_together_is_found(scene: Scene) -> None:
    """Partners of her last course come first, and the topic's next courses count too."""
    statistics = CourseStatistics(
        {"email-basics": CourseRow(course_id="email-basics", partners={"seo-basics": 9, "gone": 99})},
        {"email-marketing": TopicRow(topic="email-marketing", total=2.0, following={"seo-basics": 2.0})},
    )
    nothing_said = {"title": "", "signals": [], "facts": [], "interests": []}
    request = scene.request_of(history=[{"course_id": "email-basics", "taken_at": TAKEN_AT}], **nothing_said)
    event = await scene.recommended(request, await scene.world(statistics=statistics))
    assert event.course.id == "seo-basics"
    assert {"together": 1, "topic": 1}.items() <= event.candidates[0].lanes.items()
    assert "gone" not in {each.course_id for each in event.candidates}


async def test_outcomes_decide_where_no_model_picks(scene: Scene, now: datetime) -> None:
    """The first of the list gives way when its mails led to nothing."""
    plain = await scene.recommended(scene.request_of(), await scene.world())
    first, second = (each.course_id for each in plain.candidates[:2])
    at_ms = int(now.timestamp() * 1000)
    statistics = CourseStatistics({first: CourseRow(course_id=first, bad=400.0, outcome_ms=at_ms)})
    event = await scene.recommended(scene.request_of(), await scene.world(statistics=statistics))
    assert [each.course_id for each in event.candidates[:2]] == [first, second]
    assert event.course.id == second


async def test_lanes_that_find_nothing_leave_what_is_popular(scene: Scene) -> None:
    """An index that is still empty is not the end: the catalogue is known."""
    world = await scene.world()
    await world.index.remove([each.id for each in scene.courses])
    event = await scene.recommended(scene.request_of(), world)
    assert event.rungs["retrieve"] == "popular"
    assert event.course.topics == ("email-marketing",)


async def test_usual_arm_gets_the_popular_choice_and_no_model(scene: Scene) -> None:
    """Nothing is asked or imagined, and nothing is tried out."""
    world = await scene.world()
    request = scene.request_of(arm="usual", history=[{"course_id": "email-basics", "taken_at": TAKEN_AT}])
    event = await scene.recommended(request, world)
    assert event.rungs == {"job": "rules", "retrieve": "popular", "pick": "popular"}
    assert (event.imagined, event.pick.propensity, event.pick.is_exploration) == (None, 1.0, False)
    assert event.course.id == "email-automation"
    assert _asks(world) == []


async def test_no_candidate_ends_the_trigger(scene: Scene, now: datetime) -> None:
    """A decision with what was understood, and `not_sent`, which gives the touch back."""
    world = await scene.world_of([scene.course_of("email-basics", status="withdrawn")])
    decision, feedback = await scene.ended(scene.request_of(), world)
    assert (decision.stage, decision.ending, decision.reason) == ("recommender", "refused", "no_candidate")
    assert decision.job is not None
    assert (decision.ended_at, decision.rungs["job"]) == (now, "rules")
    assert (feedback.id, feedback.word) == (f"{decision.decision_id}:not_sent", "not_sent")
    assert feedback.reason == "no_candidate"
    assert (feedback.decision_id, feedback.message_id) == (decision.decision_id, message_id_of(decision.decision_id))


async def test_expired_requests_are_not_thought_about(scene: Scene, now: datetime) -> None:
    """At the very instant of expiry it is too late."""
    world = await scene.world()
    decision, feedback = await scene.ended(scene.request_of(expires_at=now), world)
    assert (decision.ending, feedback.reason, _asks(world)) == ("expired", "expired", [])


@pytest.mark.parametrize(("arm", "reason"), [("holdout", "holdout"), ("whispered", "unknown_arm")])
async def test_holdout_arm_gets_no_mail(scene: Scene, arm: str, reason: str) -> None:
    """Profile ends it; one that comes all the same ends here. An arm of a later version may be kept from mail too."""
    ended, _ = await scene.ended(scene.request_of(arm=arm), await scene.world())
    assert (ended.ending, ended.reason) == ("held_out", reason)


async def test_no_record_of_an_ending_holds_address_or_name(scene: Scene, now: datetime) -> None:
    """The recipient is passed on unread, never kept."""
    decision, _ = await scene.ended(scene.request_of(expires_at=now), await scene.world_of([]))
    assert not [each for each in ("ana@example.com", "Ana") if each in decision.model_dump_json()]


async def test_an_index_that_is_away_is_asked_again(scene: Scene) -> None:
    """The runtime retries the whole request."""
    with pytest.raises(Unavailable):
        await recommend(scene.ask_for(scene.request_of()), await scene.world(index=FakeIndex(is_away=True)))


async def test_each_stage_is_timed(scene: Scene, now: datetime) -> None:
    """By a clock that only goes forward."""
    world = await scene.world(clock=FakeClock(now, step_s=0.5))
    event = await scene.recommended(scene.request_of(expires_at=now + timedelta(days=1)), world)
    assert event.timings_s == {"job": 0.5, "retrieve": 0.5, "pick": 0.5}
    assert event.generation == "fake"
