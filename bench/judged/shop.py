"""A recommender over one catalogue, in memory and exact, that tries nothing out; its vectors are kept in a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.judged.catalogues import Catalogue
from bench.recommendation.search import ExactIndex
from bench.recommendation.vectors import vectors
from bench.requests import NOW
from schemas.recommendation import Recommendation, RecommendationRequest
from schemas.topics import CATALOG_COURSES, RECOMMENDATION_REQUESTS
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.embedding.stemmed_words import StemmedWords
from services.recommender.adapters.prompt_files import read_prompts
from services.recommender.adapters.replay import PastClock
from services.recommender.core.course_statistics import NEUTRAL, CourseStatistics
from services.recommender.core.retrieval.centroids import Means
from services.recommender.core.values import Entry, Hit, Policy, Search, Vector
from services.recommender.pipeline import recommend
from services.recommender.ports import Embedder, Model
from services.recommender.world import World
from services.runtime.llm_client import NoLlm
from services.runtime.outcome import Emit, Message

PATIENCE_S = 60.0


class Remembering:
    """An embedder that embeds no text twice: many subjects ask with the same words."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self._queries = embedder, dict[str, Vector]()
        self.name, self.dimension = embedder.name, embedder.dimension

    async def query(self, text: str) -> Vector:
        """The vector to search with."""
        if text not in self._queries:
            self._queries[text] = await self._embedder.query(text)
        return self._queries[text]

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """The vectors to be found by."""
        return await self._embedder.passages(texts)


@dataclass(frozen=True, slots=True)
class Searched:
    """The exact index behind the product's port; it is not written to."""

    index: ExactIndex
    generation: str = "exact"

    async def search(self, searches: Sequence[Search]) -> tuple[tuple[Hit, ...], ...]:
        """The hits of each search."""
        return tuple(self.index.search(each) for each in searches)

    async def vectors(self, course_ids: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors."""
        return {each: self.index.vector(each) for each in course_ids if each in self.index.place}

    async def hashes(self) -> dict[str, str]:
        """Nothing is kept equal to anything."""
        return {}

    async def write(self, entries: Sequence[Entry]) -> None:
        """Refuse: what is searched is given at the start."""
        raise NotImplementedError

    async def remove(self, course_ids: Sequence[str]) -> None:
        """Refuse, as above."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True)
class Shop:
    """One business: its catalogue, what finds its courses, and the product over them."""

    catalogue: Catalogue
    index: ExactIndex
    words: StemmedWords
    embedder: Embedder
    world: World

    async def shown(
        self, request: RecommendationRequest, model: Model | None = None, statistics: CourseStatistics = NEUTRAL
    ) -> tuple[str, ...]:
        """The pick, then the other candidates by rank; empty where the product recommends nothing."""
        event = await self.decided(request, model, statistics)
        if event is None:
            return ()
        picked = event.pick.course_id
        return (picked, *(each.course_id for each in event.candidates if each.course_id != picked))

    async def decided(
        self, request: RecommendationRequest, model: Model | None = None, statistics: CourseStatistics = NEUTRAL
    ) -> Recommendation | None:
        """What the pipeline recommends; None where it ends the request."""
        message = Message(RECOMMENDATION_REQUESTS, 0, 0, request.person.encode(), request, 0)
        outcome = await recommend(message, replace(self.world, model=model or NoLlm(), statistics=statistics))
        event = outcome.records[0].event if isinstance(outcome, Emit) else None
        return event if isinstance(event, Recommendation) else None


def opened(catalogue: Catalogue, embedder: Embedder, cache: Path) -> Shop:
    """The shop of a catalogue. Its courses are embedded once for all runs; call it where no event loop runs."""
    words = StemmedWords()
    index = ExactIndex(catalogue.courses, vectors(catalogue.courses, embedder, cache), words)
    view = ViewedCatalogue()
    for each in catalogue.courses.values():
        view.apply(Message(CATALOG_COURSES, 0, 0, each.id.encode(), each, 0))
    view.mean, view.topic_means = index.mean, _topic_means(catalogue, index.vectors)
    policy = Policy(catalogue.topics, catalogue.language, PATIENCE_S, {})
    asked = Remembering(embedder)
    world = World(NoLlm(), asked, words, Searched(index), view, PastClock(NOW), read_prompts(), policy)
    return Shop(catalogue, index, words, asked, world)


def _topic_means(catalogue: Catalogue, vectors_of: Mapping[str, Vector]) -> dict[str, Vector]:
    means = Means()
    for course_id, vector in vectors_of.items():
        means.count(course_id, vector, catalogue.courses[course_id].topics)
    return means.of_topics()
