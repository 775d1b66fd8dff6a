"""Courses are embedded once, whoever does it, and every replica reads the vectors."""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from schemas.course import Course
from schemas.topics import CATALOG_VECTORS, Topic
from schemas.vector import CourseVector, packed, unpacked, vector_key
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.fake_words import FakeWords
from services.recommender.adapters.index.fake_index import FakeIndex
from services.recommender.adapters.index.sync import IndexKeeper, Sharing
from services.recommender.adapters.index.vector_cache import VectorShelf
from services.recommender.core.retrieval.documents import text_hash
from services.recommender.core.retrieval.vectors import turned
from services.recommender.core.values import Stored, Vector
from services.runtime.outcome import Message, Send, Unavailable

HASH = "0" * 64


@dataclass
class Log:
    """The topic: what is put there is in every shelf that follows; away, it takes nothing."""

    shelves: list[VectorShelf] = field(default_factory=list)
    records: dict[bytes, CourseVector] = field(default_factory=dict)
    is_away: bool = False
    sent: int = 0

    async def send(self, sends: Sequence[Send]) -> None:
        """Take the events; others have their turn meanwhile."""
        await asyncio.sleep(0)
        if self.is_away:
            raise Unavailable("Kafka is away")
        for each in sends:
            self.sent += 1
            self._put(vector_key(each.event).encode(), each.event)

    async def send_raw(self, topic: Topic, key: bytes | None, value: bytes | None) -> None:
        """Take a tombstone."""
        assert (topic, value) == (CATALOG_VECTORS, None)
        if self.is_away:
            raise Unavailable("Kafka is away")
        self._put(key or b"", None)

    def shelf(self, embedder: str = "hashed-words-1", dimension: int = 64) -> VectorShelf:
        """A new shelf, that has read everything and follows."""
        made = VectorShelf(embedder, dimension, self)
        for key, event in self.records.items():
            made.apply(_record(key, event))
        self.shelves.append(made)
        return made

    def _put(self, key: bytes, event: CourseVector | None) -> None:
        if event is None:
            self.records.pop(key, None)
        else:
            self.records[key] = event
        for each in self.shelves:
            each.apply(_record(key, event))


def _record(key: bytes, event: CourseVector | None) -> Message:
    return Message(CATALOG_VECTORS, 0, 0, key, event, 0)


@pytest.fixture
def log() -> Log:
    """An empty topic."""
    return Log()


@pytest.fixture
def catalogue(course_of: Callable[..., Course], record_of: Callable[..., Message]) -> ViewedCatalogue:
    """Forty courses."""
    made = ViewedCatalogue()
    for number in range(40):
        made.apply(record_of(f"c-{number}", course_of(f"c-{number}")))
    return made


def _keeper(catalogue: ViewedCatalogue, shelf: VectorShelf, place: str = "", embedder: Any = None) -> tuple[Any, Any]:
    embedder, index = embedder or FakeEmbedder(), FakeIndex()
    keeper = IndexKeeper(catalogue, embedder, FakeWords(), index, Sharing(shelf, None, place))
    return keeper, (embedder, index)


async def test_a_replica_embeds_nothing_that_another_did(log: Log, catalogue: ViewedCatalogue) -> None:
    """Nor does a restart without a folder."""
    first, (embedder, _) = _keeper(catalogue, log.shelf())
    await first.catch_up()
    second, (other, index) = _keeper(catalogue, log.shelf())
    await second.catch_up()
    assert (len(embedder.embedded), len(other.embedded), len(index.entries)) == (40, 0, 40)


async def test_two_that_start_at_once_share_the_work(log: Log, catalogue: ViewedCatalogue) -> None:
    """Each begins at a place of its own and takes what the other has made meanwhile."""
    keepers = [_keeper(catalogue, log.shelf(), place) for place in ("a", "h")]
    await asyncio.gather(*(keeper.catch_up() for keeper, _ in keepers))
    embedded = [len(embedder.embedded) for _, (embedder, _) in keepers]
    assert all(each > 0 for each in embedded)
    assert 40 <= sum(embedded) <= 40 + 32  # at most a batch of each was under way when the other's came
    assert [len(index.entries) for _, (_, index) in keepers] == [40, 40]


async def test_a_new_level_writes_the_entry_without_embedding(
    log: Log, catalogue: ViewedCatalogue, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """A new title embeds it; the old text's vector is of no use then."""
    keeper, (embedder, index) = _keeper(catalogue, log.shelf())
    await keeper.catch_up()
    catalogue.apply(record_of("c-1", course_of("c-1", level="advanced")))
    await keeper.catch_up()
    assert (len(embedder.embedded), index.entries["c-1"].level) == (40, "advanced")
    catalogue.apply(record_of("c-1", course_of("c-1", title="Quite another")))
    await keeper.catch_up()
    assert len(embedder.embedded) == 41
    assert len(log.records) == 40


async def test_what_was_paid_for_is_kept_while_kafka_is_away(log: Log, catalogue: ViewedCatalogue) -> None:
    """The next call publishes it, and embeds nothing of it again."""
    keeper, (embedder, index) = _keeper(catalogue, log.shelf())
    log.is_away = True
    with pytest.raises(Unavailable):
        await keeper.catch_up()
    paid = len(embedder.embedded)
    assert paid > 0
    log.is_away = False
    await keeper.catch_up()
    assert (len(embedder.embedded), len(log.records), len(index.entries), log.sent) == (40, 40, 40, 40)


async def test_a_course_that_is_gone_for_good_leaves_no_vector(
    log: Log, catalogue: ViewedCatalogue, course_of: Callable[..., Course], record_of: Callable[..., Message]
) -> None:
    """One that is withdrawn keeps it: it may come back."""
    shelf = log.shelf()
    keeper, (embedder, _) = _keeper(catalogue, shelf)
    await keeper.catch_up()
    catalogue.apply(record_of("c-1", None))
    catalogue.apply(record_of("c-2", course_of("c-2", status="withdrawn")))
    await keeper.catch_up()
    assert shelf.get("c-1", text_hash(course_of("c-1"))) is None
    assert len(log.records) == 39
    catalogue.apply(record_of("c-2", course_of("c-2")))
    await keeper.catch_up()
    assert len(embedder.embedded) == 40


async def test_a_course_that_went_while_kafka_was_away_leaves_no_vector(
    log: Log, catalogue: ViewedCatalogue, record_of: Callable[..., Message]
) -> None:
    """The index forgets it at once, the topic when it can be reached."""
    keeper, (_, index) = _keeper(catalogue, log.shelf())
    await keeper.catch_up()
    catalogue.apply(record_of("c-1", None))
    log.is_away = True
    with pytest.raises(Unavailable):
        await keeper.catch_up()
    assert ("c-1" in index.entries, len(log.records)) == (False, 40)
    log.is_away = False
    await keeper.catch_up()
    assert len(log.records) == 39


async def test_embedders_stand_side_by_side_until_the_old_one_is_tidied(log: Log, catalogue: ViewedCatalogue) -> None:
    """Then its vectors are tombstoned, and nobody else's."""
    old = log.shelf()
    await _keeper(catalogue, old)[0].catch_up()
    new = log.shelf("another", 16)
    keeper, (embedder, _) = _keeper(catalogue, new, embedder=FakeEmbedder(16, "another"))
    await keeper.catch_up()
    assert (len(embedder.embedded), len(log.records)) == (40, 80)
    assert await new.drop_others() == 40
    assert {each.embedder for each in log.records.values()} == {"another"}
    assert await new.drop_others() == 0
    assert len(await new_vectors(new, catalogue)) == 40


async def new_vectors(shelf: VectorShelf, catalogue: ViewedCatalogue) -> list[Vector]:
    """The vectors that the shelf has of the catalogue's courses."""
    found = (shelf.get(each.id, text_hash(each)) for each in catalogue.courses.values())
    return [each for each in found if each is not None]


@dataclass
class BrokenEmbedder:
    """Gives what no index can hold for the texts of c-1."""

    row: Vector
    inner: FakeEmbedder = field(default_factory=FakeEmbedder)
    name: str = "hashed-words-1"
    dimension: int = 64

    async def query(self, text: str) -> Vector:
        """As it should be."""
        return await self.inner.query(text)

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """As it should be, but for one."""
        rows = await self.inner.passages(texts)
        return tuple(self.row if text.startswith("Course c 1.") else row for text, row in zip(texts, rows, strict=True))


@pytest.mark.parametrize(
    "row", [(math.nan,) * 64, (math.inf,) * 64, (0.0,) * 64, (1.0,) * 63], ids=["nan", "inf", "zero", "short"]
)
async def test_a_vector_that_is_none_is_not_written(row: Vector, log: Log, catalogue: ViewedCatalogue) -> None:
    """Its course is found by words alone; the others are indexed whole."""
    keeper, (_, index) = _keeper(catalogue, log.shelf(), embedder=BrokenEmbedder(row))
    await keeper.catch_up()
    assert (len(index.entries), index.entries["c-1"].vector, len(log.records)) == (40, None, 39)


@pytest.mark.parametrize("vector", [packed((math.nan, 1.0)), packed((0.0, 0.0)), packed((1.0,)), "AAA", "AAAAA==="])
def test_a_record_that_holds_no_vector_is_not_there(vector: str, log: Log) -> None:
    """Its course is embedded anew, and the record replaced."""
    event = CourseVector.model_construct(course_id="c-1", embedder="e", dimension=2, text_hash=HASH, vector=vector)
    shelf = log.shelf("e", 2)
    shelf.apply(_record(b"c-1|e|2", event))
    assert shelf.get("c-1", HASH) is None


async def test_a_tombstone_of_another_embedder_forgets_nothing_of_ours(log: Log) -> None:
    """The key names the embedder."""
    shelf = log.shelf("e", 2)
    await shelf.put([Stored("c-1", HASH, (1.0, 0.0))])
    shelf.apply(_record(b"c-1|other|2", None))
    shelf.apply(_record(b"", None))
    assert shelf.get("c-1", HASH) == (1.0, 0.0)
    assert shelf.get("c-1", "1" * 64) is None
    await shelf.drop(["c-2"])
    await shelf.drop(["c-1"])
    assert shelf.get("c-1", HASH) is None


def test_a_vector_comes_out_as_it_was_packed() -> None:
    """In float32, of the stated length, or not at all."""
    assert unpacked(packed((0.5, -0.25)), 2) == (0.5, -0.25)
    assert unpacked(packed((0.5, -0.25)), 3) is None
    assert unpacked("no base64!", 2) is None


def test_ids_are_turned_round() -> None:
    """All of them, from a place of one's own on."""
    assert (turned(["a", "b", "c"], 4), turned([], 4)) == (["b", "c", "a"], [])
