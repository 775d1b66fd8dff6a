"""Three lanes with filters, as a decision asks them, on the embedded engine and on the client's local mode."""

import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from qdrant_client import AsyncQdrantClient

from bench.index.made import DIMENSION, Made
from services.recommender.adapters.embedding.stemmed_words import StemmedWords
from services.recommender.adapters.index.edge_store import open_edge_store
from services.recommender.adapters.index.qdrant_store import QdrantStore
from services.recommender.core.retrieval.documents import content_hash, words_text
from services.recommender.core.retrieval.generation import Generation
from services.recommender.core.values import Entry, Filter, Search
from services.recommender.ports import Index, Store

EDGE, LOCAL = "edge", "local-mode"
MADE = Generation.of("made", DIMENSION, "words")
DEPTH = 100  # hits of each lane
WITHOUT = 10  # courses that each search leaves out
QUERY_CHARACTERS = 400


def entries_of(count: int, characters: int) -> list[Entry]:
    """So many courses as the index holds them."""
    made, words = Made(), StemmedWords()
    courses = [made.course(number, characters) for number in range(count)]
    return [
        Entry(
            each.id, content_hash(each), each.language, each.level, each.topics, vector,
            words.document(words_text(each), each.language),
        )
        for each, vector in zip(courses, made.vectors(count), strict=True)
    ]  # fmt: skip


@asynccontextmanager
async def emptied(subject: str) -> AsyncIterator[Index]:
    """An empty index of the subject, on disk; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kindling-bench-") as name, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # local mode says at each call what it cannot do
        store: Store
        if subject == EDGE:
            store = open_edge_store(Path(name) / "index")
        else:
            store = QdrantStore(AsyncQdrantClient(path=name), None)
        try:
            yield await store.prepare(MADE)
        finally:
            await store.close()


async def write_s(index: Index, entries: Sequence[Entry]) -> float:
    """Seconds that the index takes to hold the entries."""
    start = time.perf_counter()
    await index.write(entries)
    return time.perf_counter() - start


async def search_s(index: Index, count: int, times: int) -> list[float]:
    """Seconds of each decision's search, in ascending order; the first few are not counted."""
    made, words, taken = Made(seed=7), StemmedWords(), []
    for number in range(times + 3):
        without = frozenset(f"c-{made.chance.randrange(count)}" for _ in range(WITHOUT))
        where = Filter(("en",), without)
        imagined, centroid = made.vectors(2)
        terms = words.query(made.text(QUERY_CHARACTERS), "en")
        asked = [Search(near, where, DEPTH) for near in (imagined, centroid, terms)]
        start = time.perf_counter()
        await index.search(asked)
        if number >= 3:  # noqa: PLR2004 the first touch of everything
            taken.append(time.perf_counter() - start)
    return sorted(taken)
