"""One request to the recommender and one recommendation to the composer, with whatever model they are to ask."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bench.lexicons import shipped_lexicons
from schemas.course import Course
from schemas.decision import Decision
from schemas.email import OutboundEmail
from schemas.program import Topic
from schemas.recommendation import Recommendation, RecommendationRequest
from schemas.topics import CATALOG_COURSES, RECOMMENDATION_REQUESTS, RECOMMENDATIONS
from services.composer import pipeline as composer
from services.composer.adapters.mail_renderer import MailRenderer
from services.composer.adapters.prompt_file import read_prompt
from services.composer.adapters.words_file import read_locales
from services.composer.core.values import Prompt
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.fake_words import FakeWords
from services.recommender.adapters.fake_clock import FakeClock
from services.recommender.adapters.index.fake_index import FakeIndex
from services.recommender.adapters.index.sync import IndexKeeper
from services.recommender.adapters.prompt_files import read_prompts
from services.recommender.core.values import Policy
from services.recommender.pipeline import recommend
from services.recommender.world import World
from services.runtime.fake_seal import FakeSeal
from services.runtime.llm_client import Model
from services.runtime.outcome import Emit, Message
from services.runtime.program import read_program
from tests.fake_suppressions import FakeSuppressions

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "schemas" / "examples"
NOW = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)


def signals(count: int) -> list[dict[str, Any]]:
    """So many signals of a snapshot."""
    return [
        {
            "id": f"s{number}",
            "kind": "read",
            "title": f"A page, number {number}",
            "last_at": NOW,
            "count": 1,
            "weight": 1,
        }
        for number in range(1, count + 1)
    ]


async def recommended(model: Model, *, patience_s: float = 45.0, **snapshot: Any) -> Recommendation:
    """What one request leads to."""
    raw = orjson.loads((EXAMPLES / "recommendation.requests" / "conversion.json").read_bytes())
    raw["snapshot"] |= snapshot
    request = RecommendationRequest.model_validate(raw)
    catalogue, embedder, words, index = ViewedCatalogue(), FakeEmbedder(), FakeWords(), FakeIndex()
    for number in range(4):
        course = Course.model_validate({
            "id": f"email-{number}", "title": f"Email course {number}", "description": "What a small team needs.",
            "url": f"https://academy.example.com/{number}", "topics": ("email-marketing",), "level": "beginner",
            "language": "en", "updated_at": NOW,
        })  # fmt: skip
        catalogue.apply(Message(CATALOG_COURSES, 0, 0, course.id.encode(), course, 0))
    await IndexKeeper(catalogue, embedder, words, index).catch_up()
    topics = {"email-marketing": Topic(title={"en": "Email marketing"})}
    policy = Policy(topics, "en", patience_s, {})
    world = World(model, embedder, words, index, catalogue, FakeClock(NOW), read_prompts(), policy)
    outcome = await recommend(Message(RECOMMENDATION_REQUESTS, 0, 0, b"u:1", request, 0), world)
    assert isinstance(outcome, Emit)
    (send,) = outcome.records
    assert isinstance(send.event, Recommendation)
    return send.event


async def composed(model: Model, reader: Prompt | None = None, **changes: Any) -> tuple[OutboundEmail, Decision]:
    """The mail of one recommendation, and its record; nobody reads it a second time unless a prompt says how."""
    raw = orjson.loads((EXAMPLES / "recommendations" / "course.json").read_bytes()) | changes
    raw["course"]["url"] = "https://www.tidewell.example/courses/email-automation-foundations"
    program = read_program(ROOT / "examples" / "academy")
    world = composer.World(
        program=program, prompt=read_prompt("copy.v2"), outbound_key=b"o" * 32, address_key=b"a" * 32,
        seal=FakeSeal(), model=model, renderer=MailRenderer(), suppressions=FakeSuppressions(b"s"),
        now=lambda: NOW, lexicons=shipped_lexicons(), locales=read_locales(program), reader=reader,
    )  # fmt: skip
    message = Message(RECOMMENDATIONS, 0, 0, b"", Recommendation.model_validate(raw), 0)
    outcome = await composer.compose(message, world)
    assert isinstance(outcome, Emit)
    mail, decision = (send.event for send in outcome.records)
    assert isinstance(mail, OutboundEmail)
    assert isinstance(decision, Decision)
    return mail, decision
