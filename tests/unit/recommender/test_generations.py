"""A new embedder or tokenizer fills a generation beside the one in force; there is an answer at every instant."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from schemas.course import Course
from schemas.llm import Answer, Fault, NoAnswer
from schemas.recommendation import Recommendation, RecommendationRequest
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.fake_words import FakeWords
from services.recommender.adapters.index.edge_store import EdgeStore, open_edge_store
from services.recommender.adapters.index.fake_index import FakeStore
from services.recommender.adapters.index.generations import Generations, SpokenEmbedder, SpokenWords, open_generations
from services.recommender.adapters.index.sync import IndexKeeper, Sharing
from services.recommender.core.retrieval.generation import Generation
from services.recommender.core.values import Filter, Search, Vector
from services.recommender.pipeline import recommend
from services.recommender.ports import Store
from services.recommender.world import World
from services.runtime.outcome import Emit, Message, Unavailable

COURSES = 40
NO_PICK = NoAnswer(Fault.OFF, "")
BEFORE = FakeEmbedder(name="before")
EVERYTHING = Filter(("en",))


@dataclass(slots=True)
class SlowEmbedder:
    """Another embedder, with another length; it waits to be let on before each batch."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    inner: FakeEmbedder = field(default_factory=lambda: FakeEmbedder(dimension=32, name="after"))

    @property
    def name(self) -> str:
        """Its name."""
        return self.inner.name

    @property
    def dimension(self) -> int:
        """Its length."""
        return self.inner.dimension

    async def query(self, text: str) -> Vector:
        """At once."""
        return await self.inner.query(text)

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """When let on."""
        await self.gate.wait()
        return await self.inner.passages(texts)


@pytest.fixture
def catalogue(course_of: Callable[..., Course], record_of: Callable[..., Message]) -> ViewedCatalogue:
    """Forty courses."""
    made = ViewedCatalogue()
    for number in range(COURSES):
        made.apply(record_of(f"c-{number}", course_of(f"c-{number}")))
    return made


@pytest.fixture(params=["fake", "edge"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store in memory, and on disk."""
    made: Store = FakeStore() if request.param == "fake" else open_edge_store(tmp_path / "qdrant")
    yield made
    await made.close()


@pytest.fixture
async def filled(store: Store, catalogue: ViewedCatalogue) -> Store:
    """The store with the generation before in force, whole."""
    index = await open_generations(store, BEFORE, FakeWords())
    await IndexKeeper(catalogue, BEFORE, FakeWords(), index, Sharing(force=index)).catch_up()
    return store


async def _answers(index: Generations) -> int:
    """How many courses a search by the index's own vectors finds."""
    stored = await index.vectors([f"c-{number}" for number in range(COURSES)])
    (hits,) = await index.search([Search(next(iter(stored.values())), EVERYTHING, COURSES)])
    return len(hits)


async def test_an_empty_store_is_filled_before_it_answers(store: Store, catalogue: ViewedCatalogue) -> None:
    """Then it is in force, and so it is at the next start."""
    index = await open_generations(store, BEFORE, FakeWords())
    assert not index.is_in_force
    keeper = IndexKeeper(catalogue, BEFORE, FakeWords(), index, Sharing(force=index))
    await keeper.catch_up()
    assert index.is_in_force
    assert await store.current() == Generation.of("before", BEFORE.dimension, FakeWords().name)
    again = await open_generations(store, BEFORE, FakeWords())
    assert (again.is_in_force, await again.swap(), await _answers(again)) == (True, False, COURSES)


async def test_there_is_an_answer_at_every_instant(filled: Store, catalogue: ViewedCatalogue) -> None:
    """Searches that never pause while another embedder's generation is filled and put in force."""
    after = SlowEmbedder()
    index = await open_generations(filled, after, FakeWords())
    catalogue.mean = None
    keeper = IndexKeeper(catalogue, after, FakeWords(), index, Sharing(force=index))
    await keeper.begin()
    mean_before = catalogue.mean
    filling = asyncio.create_task(keeper.catch_up())
    answers: list[tuple[str, int]] = []
    while not filling.done():
        answers.append((index.generation, await _answers(index)))
        if len(answers) > 20:
            after.gate.set()
        await asyncio.sleep(0)
    await filling
    answers.append((index.generation, await _answers(index)))
    names = [name.partition("~")[0] for name, _ in answers]
    assert {count for _, count in answers} == {COURSES}
    assert names == sorted(names, key=["before", "after"].index)
    assert set(names) == {"before", "after"}
    assert [len(each or ()) for each in (mean_before, catalogue.mean)] == [BEFORE.dimension, after.dimension]


@pytest.fixture
def rung_in(
    request_of: Callable[..., RecommendationRequest], ask_for: Callable[..., Message]
) -> Callable[[World], Awaitable[tuple[str, str]]]:
    """A decision's rung of retrieval, and the embedder of the generation that answered."""

    async def decide(world: World) -> tuple[str, str]:
        outcome = await recommend(ask_for(request_of()), world)
        assert isinstance(outcome, Emit)
        event: Recommendation = outcome.records[0].event
        return event.rungs["retrieve"], event.generation.partition("~")[0]

    return decide


@pytest.fixture
async def world(
    world_of: Callable[..., Awaitable[World]], answer: Callable[..., Answer], job_value: dict[str, Any]
) -> World:
    """A world whose model imagines a course for each decision, and picks none."""
    return await world_of([], [answer(job_value), NO_PICK] * 2)


async def test_decisions_step_down_while_the_next_generation_fills(
    filled: Store,
    catalogue: ViewedCatalogue,
    world: World,
    rung_in: Callable[[World], Awaitable[tuple[str, str]]],
) -> None:
    """Words alone before the swap, since the new embedder speaks another language; all lanes after it."""
    after = SlowEmbedder()
    index = await open_generations(filled, after, FakeWords())
    asking = replace(world, embedder=SpokenEmbedder(after, index), words=SpokenWords(FakeWords(), index))
    filling = replace(asking, catalogue=catalogue, index=index)
    assert await rung_in(filling) == ("words", BEFORE.name)
    with pytest.raises(Unavailable, match="another embedder"):
        await filling.embedder.query("email")
    after.gate.set()
    await IndexKeeper(catalogue, after, FakeWords(), index, Sharing(force=index)).catch_up()
    assert await rung_in(filling) == ("lanes", after.name)


async def test_another_tokenizer_leaves_the_words_lane_out(filled: Store, catalogue: ViewedCatalogue) -> None:
    """The dense lanes go on; after the swap there are words."""
    words = FakeWords()
    other = Generation.of(BEFORE.name, BEFORE.dimension, "another")
    index = Generations(filled, other, await filled.prepare(other))
    await index.look()
    spoken = SpokenWords(words, index)
    assert (index.has_embedder, index.has_words) == (True, False)
    assert (spoken.query("email", "en").ids, spoken.document("email", "en").ids != ()) == ((), True)
    await IndexKeeper(catalogue, BEFORE, words, index, Sharing(force=index)).catch_up()
    assert spoken.query("email", "en") == words.query("email", "en")


async def test_a_course_withdrawn_while_filling_returns_from_neither(
    filled: Store, catalogue: ViewedCatalogue, record_of: Callable[..., Message]
) -> None:
    """The generation in force forgets it at once, the next one never had it."""
    after = SlowEmbedder()
    after.gate.set()
    index = await open_generations(filled, after, FakeWords())
    await index.remove(["c-1"])
    assert await _answers(index) == COURSES - 1
    catalogue.apply(record_of("c-1", None))
    await IndexKeeper(catalogue, after, FakeWords(), index, Sharing(force=index)).catch_up()
    assert await _answers(index) == COURSES - 1
    assert "c-1" not in await index.hashes()


async def test_the_generation_before_is_dropped_after_the_swap(filled: Store, catalogue: ViewedCatalogue) -> None:
    """Not sooner, and the one in force never."""
    after = SlowEmbedder()
    after.gate.set()
    index = await open_generations(filled, after, FakeWords())
    assert await index.tidy() == ()
    await IndexKeeper(catalogue, after, FakeWords(), index, Sharing(force=index)).catch_up()
    assert [each.embedder for each in await index.tidy()] == ["before"]
    assert [each.embedder for each in await filled.kept()] == ["after"]
    assert await _answers(index) == COURSES


async def test_a_store_of_many_is_tidied_only_by_who_swapped(catalogue: ViewedCatalogue) -> None:
    """What lies beside may be another replica's, which is filling it; nor while another's is in force."""
    store = FakeStore(is_shared=True)
    index = await open_generations(store, BEFORE, FakeWords())
    filling = Generation.of("filling", 8, "words")
    await store.prepare(filling)
    await store.point(index.spoken)
    await index.look()
    assert await index.tidy() == ()
    await store.point(filling)
    swapped = await open_generations(store, BEFORE, FakeWords())
    await IndexKeeper(catalogue, BEFORE, FakeWords(), swapped, Sharing(force=swapped)).catch_up()
    await store.point(filling)
    assert await swapped.tidy() == ()
    await store.point(swapped.spoken)
    assert await swapped.tidy() == (filling,)


async def test_a_generation_in_force_that_does_not_open_is_passed_over(
    tmp_path: Path, catalogue: ViewedCatalogue
) -> None:
    """The wanted one is filled before it answers, as at a first start."""
    store: EdgeStore = open_edge_store(tmp_path / "qdrant")
    await store.point(Generation.of("gone", 8, "words"))
    index = await open_generations(store, BEFORE, FakeWords())
    assert (index.is_in_force, index.generation.partition("~")[0]) == (False, "before")
    await IndexKeeper(catalogue, BEFORE, FakeWords(), index, Sharing(force=index)).catch_up()
    assert await _answers(index) == COURSES
    await index.close()


async def test_a_store_that_is_away_at_start_is_let_go() -> None:
    """The process ends with the store's word, and holds nothing."""
    with pytest.raises(Unavailable):
        await open_generations(FakeStore(is_away=True), BEFORE, FakeWords())
