"""Whatever a profile holds and whatever a model answers: a recommendation that may be made, or a recorded end."""

import asyncio
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.course import Course
from schemas.decision import Decision
from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply, Usage
from schemas.program import Topic
from schemas.recommendation import Recommendation, RecommendationRequest
from schemas.topics import BY_SHORT, CATALOG_COURSES, RECOMMENDATION_REQUESTS
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.fake_words import FakeWords
from services.recommender.adapters.fake_clock import FakeClock
from services.recommender.adapters.index.fake_index import FakeIndex
from services.recommender.adapters.index.sync import IndexKeeper
from services.recommender.adapters.prompt_files import read_prompts
from services.recommender.core.asking.replies import InvalidReply, imagined_of, job_of, picks_of
from services.recommender.core.values import Policy
from services.recommender.pipeline import recommend
from services.recommender.world import World
from services.runtime.outcome import Emit, Message

NOW = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
EXAMPLE = RecommendationRequest.model_validate_json(
    Path("schemas/examples/recommendation.requests/conversion.json").read_bytes()
)
TOPICS = {"a": Topic(title={"en": "Alpha"}, neighbours=("b",)), "b": Topic(title={"en": "Beta", "es": "Beta"})}
LEVELS = ("beginner", "intermediate", "advanced")
COURSES = [
    Course.model_validate({
        "id": f"c{number}", "title": f"Course number {number}",
        "description": f"What course {number} is about, in short.",
        "url": "https://academy.example.com/c", "topics": ["a" if number % 2 else "b"], "level": LEVELS[number % 3],
        "language": "es" if number % 5 == 0 else "en", "status": "withdrawn" if number == 7 else "open",
        "updated_at": NOW,
    })
    for number in range(14)
]  # fmt: skip
IDS = st.sampled_from([*(each.id for each in COURSES), "gone"])
KEYS = st.sampled_from(["topic:a", "topic:b", "topic:unknown", "item:c1", "item:gone", "other"])
SLUGS = st.sampled_from(["a", "b", "unknown"])
SNAPSHOTS = st.fixed_dictionaries({
    "interests": st.lists(st.fixed_dictionaries({"key": KEYS, "weight": st.floats(-10, 10)}), max_size=6),
    "signals": st.lists(
        st.fixed_dictionaries({
            "id": st.integers(1, 20).map("s{}".format), "kind": st.sampled_from(["read", "pricing"]),
            "title": st.text(),
            "item": st.none() | IDS,
            "topics": st.lists(SLUGS, max_size=3), "last_at": st.just(NOW),
            "count": st.integers(1, 5), "weight": st.floats(-5, 5),
        }),
        max_size=5,
    ),
    "facts": st.lists(
        st.fixed_dictionaries({
            "name": st.sampled_from(["role", "goal", "name"]), "value": st.text(), "source": st.just("form"),
            "is_verified": st.booleans(), "said_at": st.just(NOW),
        }),
        max_size=3,
    ),
    "history": st.lists(st.fixed_dictionaries({"course_id": IDS, "taken_at": st.just(NOW)}), max_size=8),
    "completed": st.lists(IDS, max_size=8),
    "recommended": st.lists(IDS, max_size=14),
    "evidence": st.floats(0, 100),
    "version": st.integers(0, 10),
    "hash": st.just("0"),
})  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("cites", "job", "stage", "confidence", "title", "description", "skills", "level", "picks", "reason")
PICKS = st.lists(
    st.fixed_dictionaries({"course_id": IDS, "fits": st.sampled_from(["yes", "partly", "no"])}), min_size=1, max_size=3
)
LIKELY = (
    st.sampled_from(["conversion", "s1", "c1", "ready", "beginner", "A sentence that is long enough to be taken here."])
    | st.just(["conversion"]) | st.just(0.5) | PICKS
)  # fmt: skip
VALUES = st.dictionaries(st.sampled_from(FIELDS), LIKELY | JSON)
REPLIES = st.lists(
    st.builds(lambda value: Answer(value, "{}", "any", Usage(), 0.1), VALUES)
    | st.builds(lambda fault: NoAnswer(fault, "why"), st.sampled_from(Fault)),
    max_size=2,
)

ASKED = st.fixed_dictionaries({
    "arm": st.sampled_from(["treatment", "usual"]),
    "language": st.sampled_from(["en", "es", "pl"]),
    "decision_id": st.uuids().map(str),
    "trigger": st.builds(lambda title: EXAMPLE.trigger.model_dump() | {"title": title}, st.none() | st.text()),
})  # fmt: skip


class Told:
    """A model that answers what it was told, then nothing."""

    def __init__(self, replies: list[Reply]) -> None:
        self.replies = list(replies)

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The next reply."""
        return self.replies.pop(0) if self.replies else NoAnswer(Fault.OFF, f"{ask.stage} {within_s}")


async def _indexed() -> tuple[ViewedCatalogue, FakeEmbedder, FakeWords, FakeIndex]:
    parts = ViewedCatalogue(), FakeEmbedder(), FakeWords(), FakeIndex()
    for each in COURSES:
        parts[0].apply(Message(CATALOG_COURSES, 0, 0, each.id.encode(), each, 0))
    await IndexKeeper(*parts).catch_up()
    return parts


CATALOGUE, EMBEDDER, WORDS, INDEX = asyncio.run(_indexed())
POLICY = Policy(TOPICS, "en", 45.0, {}, playbook_explore={EXAMPLE.trigger.playbook: 0.1})


def _event(request: RecommendationRequest, replies: list[Reply]) -> Any:
    world = World(Told(replies), EMBEDDER, WORDS, INDEX, CATALOGUE, FakeClock(NOW), read_prompts(), POLICY)
    message = Message(RECOMMENDATION_REQUESTS, 0, 0, request.person.encode(), request, 0)
    outcome = asyncio.run(recommend(message, world))
    assert isinstance(outcome, Emit)
    for send in outcome.records:
        assert send.topic is BY_SHORT[send.topic.short]
    return outcome.records[0].event


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SNAPSHOTS, REPLIES, ASKED)
def test_any_profile_and_any_reply_lead_to_an_outcome(
    snapshot: dict[str, Any], replies: list[Reply], asked: dict[str, Any]
) -> None:
    """A course that is open and new to the person, its propensity and evidence; or a refusal with its record."""
    raw = EXAMPLE.model_dump() | asked | {"snapshot": snapshot}
    request = RecommendationRequest.model_validate(raw)
    event = _event(request, replies)
    if isinstance(event, Decision):
        assert event.ending == "refused"
        assert event.reason == "nothing_fits" or (event.reason == "no_candidate" and not event.candidates)
        return
    assert isinstance(event, Recommendation)
    known = {*snapshot["completed"], *snapshot["recommended"], *(each["course_id"] for each in snapshot["history"])}
    candidates = [each.course_id for each in event.candidates]
    assert not known & set(candidates)
    assert event.pick.course_id == event.course.id
    assert event.course.id in candidates
    assert all(CATALOGUE.courses[each].status == "open" for each in candidates)
    assert len(candidates) == len(set(candidates)) <= 10
    citable = {
        "conversion",
        *(each.id for each in request.snapshot.signals),
        *(f"fact:{each.name}" for each in request.snapshot.facts),
    }
    assert set(event.job.cites) | set(event.pick.cites) <= citable
    assert 0 < event.pick.propensity <= 1 + 1e-9
    assert math.isfinite(event.candidates[0].score)
    assert Recommendation.model_validate_json(event.model_dump_json()) == event


@given(VALUES)
def test_any_reply_is_taken_or_refused(value: dict[str, Any]) -> None:
    """A checked reply holds what was allowed; every other is one kind of error."""
    try:
        assert set(job_of(value, ["conversion", "s1"]).cites) <= {"conversion", "s1"}
    except InvalidReply as error:
        assert str(error)
    try:
        assert imagined_of(value, ["conversion", "s1"]).level in LEVELS
    except InvalidReply as error:
        assert str(error)
    try:
        assert set(picks_of(value, ["c1", "c2"], ["conversion"]).fits) <= {"c1", "c2"}
    except InvalidReply as error:
        assert str(error)
