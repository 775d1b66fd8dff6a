"""A first start: from the import of a catalogue to the first search, and to the last vector."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.index.importing import publish_rate
from bench.measurement import MILLIS
from bench.node import Place
from services.recommender.adapters.catalogue.catalogue import TOPICS, ViewedCatalogue
from services.recommender.adapters.embedding.stemmed_words import StemmedWords
from services.recommender.adapters.index.edge_store import open_edge_store
from services.recommender.adapters.index.generations import Generations, open_generations
from services.recommender.adapters.index.sync import IndexKeeper, Sharing
from services.recommender.adapters.index.vector_cache import TOPICS as VECTORS
from services.recommender.adapters.index.vector_cache import VectorShelf
from services.recommender.core.values import Filter, Search
from services.recommender.ports import Embedder
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.tasks import Tasks, first_of

NAME = "filling"


@dataclass(frozen=True, slots=True)
class Filled:
    """Seconds since the import began; CPU of this process for each course, from the topic to its vector in the index.

    `found_at_first` are the hits of the first search that is answered.
    """

    first_search_s: float
    last_vector_s: float
    cpu_ms_a_course: float
    found_at_first: int


async def filled(path: Path, count: int, place: Place, embedder: Embedder) -> Filled:
    """Import the file of so many courses into an empty topic, then start a replica on an empty folder.

    Raises:
        RuntimeError: a course was not imported, has no vector at the end, or the first search finds nothing.
    """
    start = time.perf_counter()
    await publish_rate(path, count, place)
    publisher = Publisher(Kafka(place.address), NAME)
    await publisher.start()
    catalogue, shelf = ViewedCatalogue(), VectorShelf(embedder.name, embedder.dimension, publisher)
    views = View(Kafka(place.address), TOPICS, catalogue.apply), View(Kafka(place.address), VECTORS, shelf.apply)
    cpu_s = time.process_time()
    index = await open_generations(open_edge_store(place.folder / NAME), embedder, StemmedWords())
    try:
        for each in views:
            await each.start(Tasks())
        keeper = IndexKeeper(catalogue, embedder, StemmedWords(), index, Sharing(shelf, index, NAME))
        filling = asyncio.create_task(keeper.catch_up())
        await first_of(index.in_force.wait(), asyncio.shield(filling))
        found = await _found(catalogue, index)
        first_s = time.perf_counter() - start
        await filling
        last_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu_s
        await _check(sorted(catalogue.courses), count, index)
        return Filled(first_s, last_s, MILLIS * cpu_s / count, found)
    finally:
        for view in views:
            await view.stop()
        await publisher.stop()
        await index.close()


async def _found(catalogue: ViewedCatalogue, index: Generations) -> int:
    """How many courses the words of the last one's title find."""
    last = catalogue.courses[max(catalogue.courses)]
    words = StemmedWords().query(last.title, last.language)
    (hits,) = await index.search([Search(words, Filter((last.language,)), 100)])
    if not hits:
        raise RuntimeError(f"expected words to find {last.id}, came nothing")
    return len(hits)


async def _check(course_ids: Sequence[str], count: int, index: Generations) -> None:
    if (vectors := len(await index.vectors(course_ids))) != count:
        raise RuntimeError(f"expected {count} courses with a vector, came {vectors}")
