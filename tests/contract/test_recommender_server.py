"""What only a Qdrant server does: it is away, it misbehaves, it refuses the key, and it counts requests."""

from collections.abc import Callable
from typing import Any

import pytest

from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.index.qdrant_store import QdrantStore, Server, open_qdrant_store
from services.recommender.core.retrieval.generation import Generation
from services.recommender.core.values import Filter, Search, Terms
from services.runtime.outcome import Misconfigured, Unavailable

EN = Filter(("en",))
EMBEDDER = FakeEmbedder()
OLD = Generation.of("old", EMBEDDER.dimension, "words")


def _by_url(url: str, timeout_s: float) -> QdrantStore:
    return open_qdrant_store(Server(url, None, timeout_s))


@pytest.mark.parametrize("fault", ["500", "429", "404", "html", "cut", "reset", "hang", "drip"])
async def test_every_trouble_of_a_server_is_unavailable(fault: str, qdrant_stand_in: Any) -> None:
    """Within the time of one call, also where it drips."""
    made = _by_url(qdrant_stand_in.url, 0.3)
    index = await made.prepare(OLD)
    qdrant_stand_in.fault = fault
    asks: tuple[Callable[[], Any], ...] = (
        index.hashes,
        made.current,
        lambda: index.search([Search((1.0,) * 64, EN, 3)]),
    )
    for ask in asks:
        with pytest.raises(Unavailable, match="Qdrant: "):
            await ask()
    await made.close()


async def test_a_server_that_refuses_the_key_is_the_operators_fault(qdrant_stand_in: Any) -> None:
    """The message names the setting."""
    qdrant_stand_in.fault = "403"
    made = _by_url(qdrant_stand_in.url, 1.0)
    with pytest.raises(Misconfigured, match="KINDLING_QDRANT_API_KEY"):
        await made.prepare(OLD)
    await made.close()


async def test_a_server_that_is_away_is_unavailable() -> None:
    """Nobody listens at that port."""
    made = _by_url("http://127.0.0.1:9", 2.0)
    with pytest.raises(Unavailable):
        await made.prepare(OLD)
    await made.close()


async def test_a_strangers_collection_is_the_operators_fault(qdrant_stand_in: Any) -> None:
    """It has our name and other vectors; it is not touched."""
    made = _by_url(qdrant_stand_in.url, 1.0)
    await made.prepare(OLD)
    other = Generation(OLD.embedder, 8, OLD.words)
    qdrant_stand_in.engine.create_collection(
        f"courses~{other.label}", vectors_config=qdrant_stand_in.engine.get_collection(f"courses~{OLD.label}")
        .config.params.vectors,
    )  # fmt: skip
    with pytest.raises(Misconfigured, match="64 dimensions, not of 8"):
        await made.prepare(other)
    await made.close()


async def test_a_search_is_one_request(qdrant_stand_in: Any) -> None:
    """However many lanes it has."""
    made = _by_url(qdrant_stand_in.url, 1.0)
    index = await made.prepare(OLD)
    qdrant_stand_in.calls.clear()
    near = await EMBEDDER.query("emails")
    await index.search([Search(near, EN, 10), Search(Terms((1,), (1.0,)), EN, 10), Search(near, EN, 2)])
    assert qdrant_stand_in.calls == [f"POST /collections/courses~{OLD.label}/points/query/batch"]
    await made.close()
