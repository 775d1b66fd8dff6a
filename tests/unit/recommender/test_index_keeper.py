"""The index follows the catalogue."""

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import pytest

from schemas.course import Course
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.fake_words import FakeWords
from services.recommender.adapters.index.fake_index import FakeIndex
from services.recommender.adapters.index.sync import IndexKeeper
from services.recommender.core.values import Entry, Vector
from services.runtime.outcome import Message, Unavailable

Kept: TypeAlias = tuple[ViewedCatalogue, FakeEmbedder, FakeIndex, IndexKeeper]


@pytest.fixture
def kept() -> Kept:
    """A catalogue, its index and embedder, and the keeper between them."""
    catalogue, embedder, index = ViewedCatalogue(), FakeEmbedder(), FakeIndex()
    return catalogue, embedder, index, IndexKeeper(catalogue, embedder, FakeWords(), index)


async def test_same_content_is_embedded_once(
    kept: Kept, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """Not again for a new price, nor by a second process over the same index."""
    catalogue, embedder, index, keeper = kept
    for number in range(40):
        catalogue.apply(record_of(f"c{number}", course_of(f"c{number}")))
    await keeper.catch_up()
    catalogue.apply(record_of("c1", course_of("c1", price_minor=5, currency="EUR")))
    await keeper.catch_up()
    await IndexKeeper(catalogue, embedder, FakeWords(), index).catch_up()
    assert len(embedder.embedded) == len(index.entries) == 40


async def test_changed_content_is_embedded_again(
    kept: Kept, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """Only the course that changed."""
    catalogue, embedder, index, keeper = kept
    for each in ("a", "b"):
        catalogue.apply(record_of(each, course_of(each)))
    await keeper.catch_up()
    catalogue.apply(record_of("a", course_of("a", title="Another title")))
    await keeper.catch_up()
    assert len(embedder.embedded) == 3
    assert len(index.entries) == 2


async def test_tombstone_and_withdrawal_remove(
    kept: Kept, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """Whichever way a course goes, the index forgets it; a tombstone of a stranger is no matter."""
    catalogue, _, index, keeper = kept
    for each in ("a", "b", "c"):
        catalogue.apply(record_of(each, course_of(each)))
    await keeper.catch_up()
    catalogue.apply(record_of("a", None))
    catalogue.apply(record_of("b", course_of("b", status="withdrawn")))
    catalogue.apply(record_of("stranger", None))
    await keeper.catch_up()
    assert set(index.entries) == {"c"}
    assert set(catalogue.courses) == {"b", "c"}


async def test_what_the_catalogue_no_longer_has_is_removed_at_start(
    kept: Kept, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """A tombstone that was compacted away is noticed by its absence."""
    catalogue, embedder, index, keeper = kept
    catalogue.apply(record_of("a", course_of("a")))
    await keeper.catch_up()
    later = ViewedCatalogue()
    await IndexKeeper(later, embedder, FakeWords(), index).catch_up()
    assert index.entries == {}
    assert later.mean is None


async def test_mean_moves_only_when_the_index_doubles(
    kept: Kept, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """So that a history's centre hardly depends on when it is asked."""
    catalogue, _, _, keeper = kept
    means = []
    for each in ("a", "b", "c", "d"):
        catalogue.apply(record_of(each, course_of(each)))
        await keeper.catch_up()
        means.append(catalogue.mean)
    assert means[0] != means[1] == means[2] != means[3]


async def test_a_new_topic_has_a_mean_as_soon_as_it_is_indexed(
    kept: Kept,
    course_of: Callable[..., Course],
    record_of: Callable[..., Message],
    plain_means: Callable[..., dict[str, Vector]],
) -> None:
    """So has one whose courses come, change or go; the catalogue's own mean stays as it is all the while."""
    catalogue, _, index, keeper = kept
    for number in range(10):
        catalogue.apply(record_of(f"c{number}", course_of(f"c{number}")))
    await keeper.catch_up()
    mean = catalogue.mean
    steps: tuple[tuple[str, Course | None], ...] = (
        ("new", course_of("new", topics=("seo",))),
        ("c1", course_of("c1", topics=("seo", "email-marketing"))),
        ("new", course_of("new", title="Quite another", topics=("seo",))),
        ("c1", course_of("c1", topics=("crm",))),
        ("new", course_of("new", title="Quite another", topics=("seo",), status="withdrawn")),
        ("c2", None),
    )
    topics = []
    for course_id, course in steps:
        catalogue.apply(record_of(course_id, course))
        await keeper.catch_up()
        wanted = plain_means({each.course_id: each.vector for each in index.entries.values()}, catalogue.courses)
        assert catalogue.topic_means.keys() == wanted.keys()
        assert all(catalogue.topic_means[topic] == pytest.approx(each) for topic, each in wanted.items())
        assert catalogue.mean == mean
        topics.append(sorted(wanted))
    assert topics[0] == ["email-marketing", "seo"]
    assert topics[-1] == ["crm", "email-marketing"]


class Unacked(FakeIndex):
    """An index that takes what it is given and, where it is told so, does not say so."""

    is_silent = False

    async def write(self, entries: Sequence[Entry]) -> None:
        """Put the entries in."""
        await super().write(entries)
        if self.is_silent:
            raise Unavailable("no ack came")


async def test_topic_means_are_right_after_an_ack_was_lost(
    course_of: Callable[..., Course],
    record_of: Callable[..., Message],
    plain_means: Callable[..., dict[str, Vector]],
) -> None:
    """What is counted is taken anew then; the catalogue's own mean is kept."""
    catalogue, index = ViewedCatalogue(), Unacked()
    keeper = IndexKeeper(catalogue, FakeEmbedder(), FakeWords(), index)
    for number in range(10):
        catalogue.apply(record_of(f"c{number}", course_of(f"c{number}")))
    await keeper.catch_up()
    mean = catalogue.mean
    catalogue.apply(record_of("c3", course_of("c3", title="Quite another", topics=("seo",))))
    index.is_silent = True
    with pytest.raises(Unavailable):
        await keeper.catch_up()
    index.is_silent = False
    await keeper.catch_up()
    wanted = plain_means({each.course_id: each.vector for each in index.entries.values()}, catalogue.courses)
    assert catalogue.topic_means.keys() == wanted.keys() == {"email-marketing", "seo"}
    assert all(catalogue.topic_means[topic] == pytest.approx(each) for topic, each in wanted.items())
    assert catalogue.mean == mean


async def test_a_store_that_is_away_is_asked_again(
    kept: Kept, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """Nothing is marked as done before it is."""
    catalogue, _, index, keeper = kept
    catalogue.apply(record_of("a", course_of("a")))
    index.is_away = True
    with pytest.raises(Unavailable):
        await keeper.catch_up()
    index.is_away = False
    await keeper.catch_up()
    assert set(index.entries) == {"a"}


async def test_following_catches_up_at_each_change(
    kept: Kept, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """Through a time when the store is away, too."""
    catalogue, _, index, keeper = kept
    index.is_away = True
    following = asyncio.create_task(keeper.follow(lambda _: 0.0))
    catalogue.apply(record_of("a", course_of("a")))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not keeper.caught_up.is_set()
    index.is_away = False
    await keeper.caught_up.wait()
    following.cancel()
    assert set(index.entries) == {"a"}


class Odd(FakeEmbedder):
    """An embedder with something else for one of the texts."""

    def __init__(self, vector: Vector) -> None:
        super().__init__()
        self.odd = vector

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """The fake's vectors but for that text."""
        vectors = await super().passages(texts)
        return tuple(self.odd if "odd" in text else vector for text, vector in zip(texts, vectors, strict=True))


@pytest.mark.parametrize("vector", [(), (math.nan,) * 64, (0.0,) * 64, (1.0,) * 63])
async def test_82_what_is_no_vector_is_not_written(
    vector: Vector, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """The others of its batch are, it is found by its words, and it is tried again with the next change."""
    catalogue, index, embedder = ViewedCatalogue(), FakeIndex(), Odd(vector)
    keeper = IndexKeeper(catalogue, embedder, FakeWords(), index)
    for each in ("a", "odd", "z"):
        catalogue.apply(record_of(each, course_of(each)))
    await keeper.catch_up()
    assert {each: entry.vector is None for each, entry in index.entries.items()} == {
        "a": False,
        "odd": True,
        "z": False,
    }
    assert keeper.caught_up.is_set()
    embedder.odd = (1.0,) + (0.0,) * 63
    await keeper.catch_up()
    assert index.entries["odd"].vector == embedder.odd
