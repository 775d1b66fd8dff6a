"""An embedder that embeds no short text twice."""

import asyncio

import pytest

from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.remembered import LONGEST, RememberedEmbedder
from services.recommender.core.values import Vector
from services.runtime.outcome import Unavailable


class Counted(FakeEmbedder):
    """The fake, which tells what it was asked for, and is away when told so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.is_away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def query(self, text: str) -> Vector:
        """The vector, if it is there."""
        self.asked.append(text)
        await self.gate.wait()
        if self.is_away:
            raise Unavailable(text)
        return await super().query(text)


async def test_a_title_is_embedded_once() -> None:
    """And its vector is the same; the name and length are the other's."""
    inner = Counted()
    embedder = RememberedEmbedder(inner)
    first, again = [await embedder.query("Payroll in plain words") for _ in range(2)]
    assert first == again == await FakeEmbedder().query("Payroll in plain words")
    assert inner.asked == ["Payroll in plain words"]
    assert (embedder.name, embedder.dimension) == (inner.name, inner.dimension)
    assert await embedder.passages(["a", "b"]) == await inner.passages(["a", "b"])


async def test_what_was_least_lately_asked_for_is_forgotten_first() -> None:
    """Being asked for again keeps a text."""
    inner = Counted()
    embedder = RememberedEmbedder(inner, kept=2)
    for text in "abacab":
        await embedder.query(text)
    assert inner.asked == ["a", "b", "c", "b"]


async def test_a_long_text_is_not_kept() -> None:
    """What a person wrote freely does not come back."""
    inner, text = Counted(), "word " * LONGEST
    embedder = RememberedEmbedder(inner)
    for _ in range(2):
        await embedder.query(text)
    assert inner.asked == [text, text]


async def test_a_failure_is_not_remembered() -> None:
    """The next decision asks again."""
    inner = Counted()
    embedder = RememberedEmbedder(inner)
    inner.is_away = True
    with pytest.raises(Unavailable):
        await embedder.query("a")
    inner.is_away = False
    assert await embedder.query("a") == await FakeEmbedder().query("a")


async def test_who_wait_for_one_text_ask_once() -> None:
    """Where the one that asks is called off, the next of them asks."""
    inner = Counted()
    inner.gate.clear()
    embedder = RememberedEmbedder(inner)
    asking = [asyncio.ensure_future(embedder.query("a")) for _ in range(3)]
    await asyncio.sleep(0)
    assert inner.asked == ["a"]
    asking[0].cancel()
    inner.gate.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert found[1] == found[2] == await FakeEmbedder().query("a")
    assert inner.asked == ["a", "a"]
