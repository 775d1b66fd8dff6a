"""A recommender over the academy's catalogue, in memory, that tries nothing out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.golden.leads import Lead, request_of
from bench.requests import NOW
from schemas.course import Course
from schemas.program import Program
from schemas.recommendation import Recommendation, RecommendationRequest
from schemas.topics import CATALOG_COURSES, RECOMMENDATION_REQUESTS
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.embedding.stemmed_words import StemmedWords
from services.recommender.adapters.index.fake_index import FakeIndex
from services.recommender.adapters.index.sync import IndexKeeper
from services.recommender.adapters.prompt_files import read_prompts
from services.recommender.adapters.replay import PastClock
from services.recommender.core.values import Policy
from services.recommender.pipeline import recommend
from services.recommender.ports import Embedder, Model
from services.recommender.world import World
from services.runtime.llm_client import NoLlm
from services.runtime.outcome import Emit, Message
from services.runtime.program import read_catalogue, read_program

ACADEMY = Path(__file__).parents[2] / "examples" / "academy"
PATIENCE_S = 60.0


class NothingChosen(Exception):  # noqa: N818 a lead for whom the golden set expects a course
    """A lead ended without a recommendation."""


def academy() -> tuple[Program, tuple[Course, ...]]:
    """The business, and its courses."""
    return read_program(ACADEMY), tuple(read_catalogue(ACADEMY / "catalogue.jsonl"))


async def world_over(program: Program, courses: Sequence[Course], embedder: Embedder) -> World:
    """A world without a model; the index is the exact one in memory, which every other is held to."""
    catalogue, words, index = ViewedCatalogue(), StemmedWords(), FakeIndex()
    for each in courses:
        catalogue.apply(Message(CATALOG_COURSES, 0, 0, each.id.encode(), each, 0))
    await IndexKeeper(catalogue, embedder, words, index).catch_up()
    policy = Policy(program.signals.topics, program.brand.languages[0], PATIENCE_S, {})
    return World(NoLlm(), embedder, words, index, catalogue, PastClock(NOW), read_prompts(), policy)


async def decided(lead: Lead, world: World, program: Program, model: Model, arm: str = "treatment") -> Recommendation:
    """What the pipeline recommends to this lead.

    Raises:
        NothingChosen: it ended without a recommendation.
    """
    request = RecommendationRequest.model_validate(request_of(lead, program).model_copy(update={"arm": arm}))
    message = Message(RECOMMENDATION_REQUESTS, 0, 0, request.person.encode(), request, 0)
    outcome = await recommend(message, replace(world, model=model))
    event = outcome.records[0].event if isinstance(outcome, Emit) else None
    if not isinstance(event, Recommendation):
        raise NothingChosen(f"lead {lead.id} ended without a recommendation: {event}")
    return event
