"""On a first start words answer at once, and vectors join as they are made."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from schemas.course import Course
from schemas.recommendation import Recommendation, RecommendationRequest
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.fake_words import FakeWords
from services.recommender.adapters.index.edge_store import open_edge_store
from services.recommender.adapters.index.fake_index import FakeStore
from services.recommender.adapters.index.generations import Generations, SpokenEmbedder, open_generations
from services.recommender.adapters.index.progress import Progress
from services.recommender.adapters.index.sync import BATCH, IndexKeeper, Sharing
from services.recommender.core.retrieval.documents import has_vector, words_only
from services.recommender.core.values import Entry, Filter, Search, Vector
from services.recommender.pipeline import recommend
from services.recommender.ports import Store
from services.recommender.world import World
from services.runtime.outcome import Emit, Message, Unavailable

COURSES = 3 * BATCH + 5
IDS = [f"c-{number}" for number in range(COURSES)]
EVERYTHING = Filter(("en",))


@dataclass(slots=True)
class Held(FakeEmbedder):
    """An embedder that makes a batch for each word it is given, or is away."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    asked: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    is_away: bool = False

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """When let on."""
        self.asked.release()
        await self.turns.acquire()
        if self.is_away:
            raise Unavailable("the embedder is away")
        return await FakeEmbedder.passages(self, texts)


@dataclass(slots=True)
class Filling:
    """A first fill under way: what it is made of, and what it told."""

    catalogue: ViewedCatalogue
    embedder: Held
    index: Generations
    keeper: IndexKeeper
    told: list[Mapping[str, int | float | str]] = field(default_factory=list)

    async def found(self) -> tuple[int, int]:
        """How many courses words find, and how many a vector does."""
        near, words = await self.embedder.query("course"), FakeWords().query("course", "en")
        hits = await self.index.search([Search(words, EVERYTHING, 200), Search(near, EVERYTHING, 200)])
        return len(hits[0]), len(hits[1])

    async def batch(self) -> None:
        """Let one batch be made; return when the next is asked for."""
        self.embedder.turns.release()
        await self.embedder.asked.acquire()


@pytest.fixture(params=["fake", "edge"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store, in memory and on disk."""
    made: Store = FakeStore() if request.param == "fake" else open_edge_store(tmp_path / "qdrant")
    yield made
    await made.close()


@pytest.fixture
def catalogue(course_of: Callable[..., Course], record_of: Callable[..., Message]) -> ViewedCatalogue:
    """Some courses: three batches, and a few."""
    made = ViewedCatalogue()
    for each in IDS:
        made.apply(record_of(each, course_of(each)))
    return made


async def _filling(store: Store, catalogue: ViewedCatalogue) -> Filling:
    embedder = Held()
    index = await open_generations(store, embedder, FakeWords())
    told: list[Mapping[str, int | float | str]] = []
    sharing = Sharing(force=index, progress=Progress(told.append))
    return Filling(catalogue, embedder, index, IndexKeeper(catalogue, embedder, FakeWords(), index, sharing), told)


@pytest.fixture
async def filling(store: Store, catalogue: ViewedCatalogue) -> Filling:
    """A first fill, not begun."""
    return await _filling(store, catalogue)


@contextlib.asynccontextmanager
async def _begun(filling: Filling) -> AsyncIterator["asyncio.Task[None]"]:
    """The fill as it waits for its first batch; called off at the end."""
    task = asyncio.create_task(filling.keeper.catch_up())
    await filling.embedder.asked.acquire()
    yield task
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Unavailable):
        await task


async def test_words_answer_before_the_first_vector_is_made(filling: Filling, store: Store) -> None:
    """The generation is in force, for the next process too, and every course is found by its words."""
    async with _begun(filling):
        assert filling.index.is_in_force
        assert await store.current() == filling.index.spoken
        assert await filling.found() == (COURSES, 0)
        assert filling.embedder.embedded == []
        assert filling.told[-1] == {"behind": COURSES, "without_vector": COURSES}


async def test_a_decision_is_made_by_words_alone(
    filling: Filling,
    world_of: Callable[..., Any],
    request_of: Callable[..., RecommendationRequest],
    ask_for: Callable[..., Message],
) -> None:
    """A lead gets a course while no course has a vector."""
    async with _begun(filling):
        world: World = replace(await world_of([]), catalogue=filling.catalogue, index=filling.index)
        outcome = await recommend(ask_for(request_of()), world)
        assert isinstance(outcome, Emit)
        event = outcome.records[0].event
        assert isinstance(event, Recommendation)
        assert event.course.id in IDS


async def test_vectors_join_as_they_are_made(filling: Filling) -> None:
    """A batch at a time; the mean is taken of the first, and of all at the end."""
    async with _begun(filling) as task:
        assert filling.catalogue.mean is None
        seen: list[tuple[int, int]] = []
        means: list[Vector | None] = []
        for _ in range(3):
            await filling.batch()
            seen.append(await filling.found())
            means.append(filling.catalogue.mean)
        filling.embedder.turns.release()
        await task
    assert seen == [(COURSES, BATCH), (COURSES, 2 * BATCH), (COURSES, 3 * BATCH)]
    assert await filling.found() == (COURSES, COURSES)
    assert None not in means
    stored = await filling.index.vectors(IDS)
    whole = tuple(sum(values) / COURSES for values in zip(*stored.values(), strict=True))
    assert filling.catalogue.mean == pytest.approx(whole, abs=1e-6)
    assert filling.catalogue.topic_means["email-marketing"] == pytest.approx(whole, abs=1e-6)
    assert filling.told[-1] == {}


async def test_a_fill_that_was_killed_goes_on_where_it_was(
    filling: Filling, store: Store, catalogue: ViewedCatalogue
) -> None:
    """The next process answers from its first moment, and makes only the vectors that are missing."""
    async with _begun(filling):
        await filling.batch()
    again = await _filling(store, catalogue)
    assert again.index.is_in_force
    assert await again.found() == (COURSES, BATCH)
    catalogue.mean = None
    await again.keeper.begin()
    assert catalogue.mean is not None
    async with _begun(again) as task:
        for _ in range(3):
            again.embedder.turns.release()
        await task
    assert len(again.embedder.embedded) == COURSES - BATCH
    assert await again.found() == (COURSES, COURSES)


async def test_a_vector_that_another_replica_put_words_over_is_made_good(filling: Filling) -> None:
    """It began at the same moment, was slower to write its words, and is gone: the store is looked at once more."""
    async with _begun(filling) as task:
        await filling.batch()
        course = filling.catalogue.courses[IDS[0]]
        terms = FakeWords().document(course.title, "en")
        hash_of = words_only(filling.catalogue.open_hashes[course.id])
        await filling.index.write([Entry(course.id, hash_of, "en", course.level, course.topics, None, terms)])
        assert await filling.found() == (COURSES, BATCH - 1)
        for _ in range(4):
            filling.embedder.turns.release()
        await task
    assert await filling.found() == (COURSES, COURSES)
    assert len(filling.embedder.embedded) == COURSES + 1


async def test_what_comes_or_goes_meanwhile_does_not_wait_for_the_rest(
    filling: Filling, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """After the batch at hand a new course is found by its words, and a withdrawn one by nothing."""
    async with _begun(filling):
        filling.catalogue.apply(record_of("new", course_of("new")))
        filling.catalogue.apply(record_of("c-1", None))
        await filling.batch()
        held = await filling.index.hashes()
        assert ("new" in held, "c-1" in held, has_vector(held["new"])) == (True, False, False)
        assert len(filling.embedder.embedded) == BATCH


async def test_a_changed_course_keeps_its_entry_until_its_vector_is_made(
    filling: Filling, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """It is found by the vector it had; one that never had any is found by its new words at once."""
    async with _begun(filling):
        await filling.batch()
        first, last = min(IDS), max(IDS)  # of the batch that is made, and of the last one
        for each in (first, last):
            filling.catalogue.apply(record_of(each, course_of(each, title="Wholly altered")))
        await filling.batch()
        assert has_vector((await filling.index.hashes())[first])
        (hits,) = await filling.index.search([Search(FakeWords().query("altered", "en"), EVERYTHING, 9)])
        assert [each.course_id for each in hits] == [last]


async def test_an_embedder_that_is_away_leaves_words_answering(
    filling: Filling,
    caplog: pytest.LogCaptureFixture,
    course_of: Callable[..., Course],
    record_of: Callable[..., Message],
) -> None:
    """The reason is in the log and told; new courses come in by their words; when it is back the rest is made."""
    embedder = filling.embedder
    embedder.is_away = True
    with caplog.at_level(logging.WARNING):
        following = asyncio.create_task(filling.keeper.follow(lambda _: 0.0))
        await embedder.asked.acquire()
        filling.catalogue.apply(record_of("new", course_of("new")))
        await filling.batch()
    assert await filling.found() == (COURSES + 1, 0)
    assert {"behind": COURSES, "reason": "the embedder is away"} in filling.told
    assert [each.__dict__["reason"] for each in caplog.records if each.message == "index behind"] == [
        "the embedder is away"
    ]
    embedder.is_away = False
    for _ in range(COURSES):
        embedder.turns.release()
    await filling.keeper.caught_up.wait()
    following.cancel()
    assert await filling.found() == (COURSES + 1, COURSES + 1)
    assert filling.told[-1] == {}


async def test_a_course_for_which_no_vector_comes_holds_up_no_other(
    catalogue: ViewedCatalogue, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """It is asked for once in a catching up, however often the catalogue changes under it."""
    numbers: Iterator[int] = iter(range(5))

    class Refusing(FakeEmbedder):
        """Gives nothing for what is odd; a new course comes with each of the first batches."""

        async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
            for number in numbers:
                catalogue.apply(record_of(f"z-{number}", course_of(f"z-{number}")))
                break
            made = await FakeEmbedder.passages(self, texts)
            return tuple(() if "odd" in text else vector for text, vector in zip(texts, made, strict=True))

    embedder = Refusing()
    odd = [f"a-odd-{number}" for number in range(2 * BATCH)]
    for each in odd:
        catalogue.apply(record_of(each, course_of(each)))
    index = await open_generations(FakeStore(), embedder, FakeWords())
    await IndexKeeper(catalogue, embedder, FakeWords(), index, Sharing(force=index)).catch_up()
    held = await index.hashes()
    assert len(held) == COURSES + len(odd) + 5
    assert sorted(each for each, of in held.items() if not has_vector(of)) == sorted(odd)
    assert len(embedder.embedded) == len(held)


async def test_few_vectors_are_not_searched_by(filling: Filling) -> None:
    """The nearest of the few that have one may be far from all that is asked for: until half have one, words answer."""
    asking = SpokenEmbedder(FakeEmbedder(), filling.index)
    async with _begun(filling):
        for _ in range(2):
            with pytest.raises(Unavailable, match="fewer than 50% of the courses"):
                await asking.query("course")
            await filling.batch()
        assert 0.5 * COURSES <= 2 * BATCH < COURSES
        assert await asking.query("course")
