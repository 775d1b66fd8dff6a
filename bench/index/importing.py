"""What an import costs by stage: read and checked, published, embedded, indexed; and from file to searchable."""

import time
from pathlib import Path

from bench.index.made import Made
from bench.index.searching import EDGE, emptied, entries_of, write_s
from bench.node import Place
from schemas.course import Course
from schemas.topics import CATALOG_COURSES
from services.recommender.adapters.catalogue.catalogue import TOPICS, ViewedCatalogue
from services.recommender.adapters.catalogue.importing import import_catalogue
from services.recommender.adapters.embedding.stemmed_words import StemmedWords
from services.recommender.adapters.index.edge_store import open_edge_store
from services.recommender.adapters.index.generations import open_generations
from services.recommender.adapters.index.sync import IndexKeeper, Sharing
from services.recommender.adapters.index.vector_cache import TOPICS as VECTORS
from services.recommender.adapters.index.vector_cache import VectorShelf
from services.recommender.core.retrieval.documents import embedded_text
from services.recommender.ports import Embedder
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.tasks import Tasks


def courses_of(count: int, characters: int) -> list[Course]:
    """So many courses with descriptions of so many characters."""
    made = Made()
    return [made.course(number, characters) for number in range(count)]


async def read_rate(path: Path, count: int) -> float:
    """Rows a second of a dry run."""
    start = time.perf_counter()
    done = await import_catalogue(path, None, _silent)
    return _rate(done.courses, count, start)


async def publish_rate(path: Path, count: int, place: Place) -> float:
    """Rows a second of an import, acknowledged by a broker."""
    publisher = Publisher(Kafka(place.address), "import")
    await publisher.start()
    try:
        start = time.perf_counter()
        done = await import_catalogue(path, publisher.send, _silent)
        return _rate(done.courses, count, start)
    finally:
        await publisher.stop()


async def embed_rate(embedder: Embedder, courses: list[Course]) -> float:
    """Rows a second of the embedder alone, in batches as the keeper has them."""
    start = time.perf_counter()
    for first in range(0, len(courses), 16):
        await embedder.passages([embedded_text(each) for each in courses[first : first + 16]])
    return len(courses) / (time.perf_counter() - start)


async def index_rate(count: int, characters: int) -> float:
    """Rows a second of an index whose vectors are there."""
    entries = entries_of(count, characters)
    async with emptied(EDGE) as index:
        return count / await write_s(index, entries)


async def searchable_rates(place: Place, embedder: Embedder, courses: list[Course]) -> tuple[float, float]:
    """Rows a second from the topic to an index in force: embedded here, and again in a replica that reads the vectors.

    The catalogue is on the topic before; reading topics and opening the folder are in the time.
    """
    publisher = Publisher(Kafka(place.address), "bench")
    await publisher.start()
    try:
        first = await _searchable_s(place, embedder, publisher, "first", len(courses))
        again = await _searchable_s(place, embedder, publisher, "again", len(courses))
    finally:
        await publisher.stop()
    return len(courses) / first, len(courses) / again


async def _searchable_s(place: Place, embedder: Embedder, publisher: Publisher, name: str, count: int) -> float:
    catalogue, words = ViewedCatalogue(), StemmedWords()
    shelf = VectorShelf(embedder.name, embedder.dimension, publisher)
    views = View(Kafka(place.address), TOPICS, catalogue.apply), View(Kafka(place.address), VECTORS, shelf.apply)
    start = time.perf_counter()
    index = await open_generations(open_edge_store(place.folder / name), embedder, words)
    try:
        for each in views:
            await each.start(Tasks())
        if len(catalogue.courses) != count:
            raise RuntimeError(f"{CATALOG_COURSES.name}: expected {count} courses, came {len(catalogue.courses)}")
        await IndexKeeper(catalogue, embedder, words, index, Sharing(shelf, index, name)).catch_up()
        return time.perf_counter() - start
    finally:
        for each in views:
            await each.stop()
        await index.close()


def _rate(done: int, expected: int, start: float) -> float:
    if done != expected:
        raise RuntimeError(f"expected {expected} good rows, came {done}")
    return done / (time.perf_counter() - start)


def _silent(_: str) -> None:
    """Progress is the workload's own."""
