"""Builders of the recommender's tests: each names only what matters to the case."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from schemas.course import Course
from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply, Usage
from schemas.program import Topic
from schemas.recommendation import RecommendationRequest
from schemas.topics import CATALOG_COURSES, RECOMMENDATION_REQUESTS
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.fake_words import FakeWords
from services.recommender.adapters.fake_clock import FakeClock
from services.recommender.adapters.index.fake_index import FakeIndex
from services.recommender.adapters.index.sync import IndexKeeper
from services.recommender.adapters.prompt_files import read_prompts
from services.recommender.core.person import Person, person_of
from services.recommender.core.values import Policy, Vector
from services.recommender.world import World
from services.runtime.outcome import Message

NOW = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
EXAMPLE = Path("schemas/examples/recommendation.requests/conversion.json")
TOPICS = {
    "email-marketing": Topic(title={"en": "Email marketing", "es": "Correo"}, neighbours=("crm",)),
    "crm": Topic(title={"en": "CRM and pipeline", "es": "CRM"}),
    "seo": Topic(title={"en": "Search", "es": "Buscadores"}),
}
OFF = NoAnswer(Fault.OFF, "not asked")


@dataclass
class ToldModel:
    """A model that answers what it was told, in turn, then nothing; it keeps what it was asked."""

    replies: list[Reply] = field(default_factory=list)
    asks: list[tuple[Ask, float]] = field(default_factory=list)

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The next reply."""
        self.asks.append((ask, within_s))
        return self.replies.pop(0) if self.replies else OFF


@pytest.fixture
def now() -> datetime:
    """The instant of every decision."""
    return NOW


@pytest.fixture
def request_of() -> Callable[..., RecommendationRequest]:
    """A request; names of the snapshot's or the trigger's fields change these."""
    example = RecommendationRequest.model_validate_json(EXAMPLE.read_bytes())

    def build(**changes: Any) -> RecommendationRequest:
        raw = example.model_dump()
        for name, value in changes.items():
            part = next((raw[part] for part in ("snapshot", "trigger") if name in raw[part]), raw)
            part[name] = value
        return RecommendationRequest.model_validate(raw)

    return build


@pytest.fixture
def course_of() -> Callable[..., Course]:
    """A course by its id; its title is made of the id."""

    def build(course_id: str, **changes: Any) -> Course:
        title = f"Course {course_id}".replace("-", " ")
        fields: dict[str, Any] = {
            "id": course_id,
            "title": title,
            "description": f"{title}: what a small team needs to know.",
            "url": f"https://academy.example.com/{course_id}",
            "topics": ("email-marketing",),
            "level": "beginner",
            "language": "en",
            "updated_at": NOW,
        }
        return Course.model_validate(fields | changes)

    return build


@pytest.fixture
def answer() -> Callable[..., Answer]:
    """An answer with this JSON object."""

    def build(value: dict[str, Any], duration_s: float = 1.0) -> Answer:
        return Answer(value, str(value), "told", Usage(10, 5), duration_s)

    return build


@pytest.fixture
def job_value() -> dict[str, Any]:
    """A valid reply to the first question."""
    return {
        "cites": ["s1", "conversion"],
        "job": "Build the first automated emails of a small shop",
        "stage": "exploring",
        "confidence": 0.7,
        "title": "Automated emails for small shops",
        "description": "Plan and build the first three automated emails. Measure what they bring.",
        "skills": ["planning", "copy"],
        "level": "beginner",
    }


@pytest.fixture
def told_model() -> type[ToldModel]:
    """The model of these tests."""
    return ToldModel


@pytest.fixture
def policy() -> Policy:
    """A policy that tries nothing out."""
    return Policy(TOPICS, "en", 45.0, {"conversion-follow-up": 30.0})


@pytest.fixture
def who_of(request_of: Callable[..., RecommendationRequest], policy: Policy) -> Callable[..., Person]:
    """The person of a request with these changes."""
    return lambda **changes: person_of(request_of(**changes), policy.topics)


@pytest.fixture
def ask_for(policy: Policy) -> Callable[[RecommendationRequest], Message]:
    """A request as it comes from its topic."""
    del policy
    return lambda request: Message(RECOMMENDATION_REQUESTS, 0, 0, request.person.encode(), request, 0)


@pytest.fixture
def record_of() -> Callable[..., Message]:
    """A course, or its tombstone, as it comes from its topic."""
    return lambda course_id, course: Message(CATALOG_COURSES, 0, 0, course_id.encode(), course, 0)


@pytest.fixture
def world_of(policy: Policy, record_of: Callable[..., Message], now: datetime) -> Callable[..., Awaitable[World]]:
    """A world with these courses in its index."""

    async def build(courses: Sequence[Course], replies: Sequence[Reply] = (), **changes: Any) -> World:
        catalogue, embedder, words, index = ViewedCatalogue(), FakeEmbedder(), FakeWords(), FakeIndex()
        for each in courses:
            catalogue.apply(record_of(each.id, each))
        await IndexKeeper(catalogue, embedder, words, index).catch_up()
        world = World(
            ToldModel(list(replies)), embedder, words, index, catalogue, FakeClock(now), read_prompts(), policy
        )
        return replace(world, **changes)

    return build


@pytest.fixture
def plain_means() -> Callable[[Mapping[str, Vector], Mapping[str, Course]], dict[str, Vector]]:
    """The mean vector of each topic's courses, taken of all at once."""

    def build(vectors: Mapping[str, Vector], courses: Mapping[str, Course]) -> dict[str, Vector]:
        topics = {topic for each in vectors for topic in courses[each].topics}
        of = {topic: [vectors[each] for each in vectors if topic in courses[each].topics] for topic in topics}
        return {topic: tuple(map(fmean, zip(*held, strict=True))) for topic, held in of.items()}

    return build


@pytest.fixture
def file_of(tmp_path: Path, course_of: Callable[..., Course]) -> Callable[..., Path]:
    """A catalogue file of these lines; a course by its id."""

    def build(*lines: str) -> Path:
        path = tmp_path / "catalogue.jsonl"
        rows = [course_of(each).model_dump_json() if each.isalnum() else each for each in lines]
        path.write_text("\n".join(rows), encoding="utf-8")
        return path

    return build
