"""What an index does, the same for the fake, the embedded engine, the client's local mode, and a server by URL."""

import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import AsyncQdrantClient

from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.stemmed_words import StemmedWords
from services.recommender.adapters.index.edge_store import open_edge_store
from services.recommender.adapters.index.fake_index import FakeIndex, FakeStore
from services.recommender.adapters.index.qdrant_store import QdrantStore
from services.recommender.core.retrieval.documents import words_only
from services.recommender.core.retrieval.generation import Generation
from services.recommender.core.values import Entry, Filter, Search, Terms
from services.recommender.ports import Index, Store

pytestmark = [
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect"),
]

EN = Filter(("en",))
TEXTS = {
    "email-basics": "Write emails people answer: subject lines, first mails and follow-up",
    "email-automation": "Automated email sequences: welcome series, timing and exit rules",
    "seo-basics": "Search engines: keywords, pages and links that people find",
    "crm-basics": "Keep a pipeline: stages, forecast and data quality in the CRM",
    "correo-basico": "Correos que la gente contesta: asuntos, primeros correos y seguimiento",
}
EMBEDDER, WORDS = FakeEmbedder(), StemmedWords()
OLD = Generation.of("old", EMBEDDER.dimension, WORDS.name)
NEW = Generation.of("new", EMBEDDER.dimension, WORDS.name)
KINDS = ("fake", "edge", "local", "by_url", "server")


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path, qdrant_stand_in: Any) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    alias = f"courses-{uuid.uuid4()}"
    made: Store
    match request.param:
        case "fake":
            made = FakeStore()
        case "edge":
            made = open_edge_store(tmp_path / "qdrant")
        case "local":
            made = QdrantStore(AsyncQdrantClient(location=":memory:"), None, alias)
        case "by_url":
            made = _by_url(qdrant_stand_in.url, 10.0, alias)
        case _:
            if (url := os.environ.get("KINDLING_TEST_QDRANT_URL")) is None:
                pytest.skip("KINDLING_TEST_QDRANT_URL names no Qdrant server")
            made = _by_url(url, 10.0, alias)
    yield made
    for each in await made.kept():
        await made.drop(each)
    await made.close()


@pytest.fixture
async def index(store: Store) -> Index:
    """An empty index of each kind."""
    return await store.prepare(OLD)


def _by_url(url: str, timeout_s: float, alias: str) -> QdrantStore:
    return QdrantStore(AsyncQdrantClient(url=url, timeout=10, check_compatibility=False), timeout_s, alias)


async def _entry(course_id: str, content_hash: str = "1", text: str | None = None) -> Entry:
    said = text or TEXTS[course_id]
    language = "es" if course_id.startswith("correo") else "en"
    (vector,) = await EMBEDDER.passages([said])
    terms = WORDS.document(said, language)
    return Entry(course_id, content_hash, language, "beginner", (course_id.split("-", maxsplit=1)[0],), vector, terms)


async def _filled(index: Index) -> None:
    await index.write([await _entry(each) for each in TEXTS])


async def _found(index: Index, *searches: Search) -> list[list[str]]:
    return [[hit.course_id for hit in hits] for hits in await index.search(searches)]


async def _orders(index: Index) -> list[list[str]]:
    near = await EMBEDDER.query("a first series of emails and follow-up")
    words = WORDS.query("emails, a series of emails and data", "en")
    return await _found(index, Search(near, EN, 10), Search(words, EN, 10), Search(near, EN, 2))


async def _is_as_exact(index: Index, exact: FakeIndex) -> None:
    """Orders and scores."""
    assert await _orders(index) == await _orders(exact)
    searches = (Search(await EMBEDDER.query("emails"), EN, 3), Search(WORDS.query("emails", "en"), EN, 3))
    for hits, expected in zip(await index.search(searches), await exact.search(searches), strict=True):
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in expected], abs=1e-5)


async def test_every_index_gives_the_orders_and_scores_of_the_exact_one(index: Index) -> None:
    """Cosine, and BM25 with the index's document frequencies; by score and then by id."""
    exact = FakeIndex()
    await _filled(index)
    await _filled(exact)
    await _is_as_exact(index, exact)


async def test_what_was_removed_or_replaced_leaves_no_trace_in_scores(index: Index) -> None:
    """Document frequencies count what is there."""
    exact = FakeIndex()
    for each in (index, exact):
        await _filled(each)
        await each.remove(["email-automation"])
        await each.write([await _entry("seo-basics", "2", "Cold calls, emails and cadences")])
    await _is_as_exact(index, exact)


async def test_equal_scores_are_in_order_of_id(index: Index) -> None:
    """The same text five times."""
    for course_id in ("e-1", "c-1", "a-1", "d-1", "b-1"):
        await index.write([await _entry(course_id, text="the very same words")])
    near = Search(await EMBEDDER.query("the very same"), EN, 10)
    words = Search(WORDS.query("words", "en"), EN, 10)
    assert await _found(index, near, words) == [["a-1", "b-1", "c-1", "d-1", "e-1"]] * 2


async def test_a_cut_among_equal_scores_is_the_same_everywhere(index: Index) -> None:
    """Engines drop which they like of what is equal; more than they were asked for is equal here."""
    await index.write([await _entry(f"same-{number:03}", text="the very same words") for number in range(90)])
    near = Search(await EMBEDDER.query("the very same"), EN, 3)
    words = Search(WORDS.query("words", "en"), EN, 3)
    assert await _found(index, near, words) == [["same-000", "same-001", "same-002"]] * 2


async def test_what_is_left_out_takes_no_ones_place(index: Index) -> None:
    """However many are left out, the limit is reached with those that are not, in their order."""
    await index.write([await _entry(f"same-{number:03}", text="the very same words") for number in range(120)])
    without = frozenset(f"same-{number:03}" for number in range(1, 110))
    near = Search(await EMBEDDER.query("the very same"), Filter(("en",), without), 4)
    words = Search(WORDS.query("words", "en"), Filter(("en", "es"), without), 4)
    assert await _found(index, near, words) == [["same-000", "same-110", "same-111", "same-112"]] * 2


async def test_filters_hold(index: Index) -> None:
    """Language, topics and what is excluded; in the words lane too."""
    await _filled(index)
    near, words = await EMBEDDER.query("emails correos"), WORDS.query("emails", "en")
    spanish = Search(near, Filter(("es",)), 10)
    of_topic = Search(near, Filter(("en", "es"), topics=("seo", "correo")), 10)
    without = Search(words, Filter(("en",), frozenset({"email-basics", "unknown"})), 10)
    found = await _found(index, spanish, of_topic, without)
    assert [set(each) for each in found] == [{"correo-basico"}, {"correo-basico", "seo-basics"}, {"email-automation"}]


async def test_removed_courses_never_return(index: Index) -> None:
    """Neither by search nor by id; a stranger's removal is no matter."""
    await _filled(index)
    await index.remove(["email-basics", "unknown"])
    await index.remove([])
    near, words = await EMBEDDER.query(TEXTS["email-basics"]), WORDS.query(TEXTS["email-basics"], "en")
    for found in await _found(index, Search(near, EN, 10), Search(words, EN, 10)):
        assert "email-basics" not in found
    assert "email-basics" not in await index.hashes()
    assert await index.vectors(["email-basics"]) == {}


async def test_writing_again_replaces(index: Index) -> None:
    """One entry a course, with the newest hash and text."""
    await _filled(index)
    await index.write([await _entry("seo-basics", "2", "Cold calls and cadences")])
    hashes = await index.hashes()
    assert len(hashes) == len(TEXTS)
    assert hashes["seo-basics"] == "2"
    assert await _found(index, Search(WORDS.query("cadences", "en"), EN, 10)) == [["seo-basics"]]
    assert await _found(index, Search(WORDS.query("keywords", "en"), EN, 10)) == [[]]


async def test_vectors_come_back_as_they_went_in(index: Index) -> None:
    """Those that are there, at unit length."""
    await _filled(index)
    stored = await index.vectors(["seo-basics", "unknown"])
    assert list(stored) == ["seo-basics"]
    assert stored["seo-basics"] == pytest.approx((await _entry("seo-basics")).vector, abs=1e-6)
    assert await index.vectors([]) == {}


async def test_a_course_without_a_vector_is_found_by_words_alone(index: Index) -> None:
    """No search by vector finds it, nor has it one to give; its words count and rank as any other's."""
    exact = FakeIndex()
    for each in (index, exact):
        await _filled(each)
        await each.write([replace(await _entry("email-basics"), content_hash=words_only("1"), vector=None)])
    await _is_as_exact(index, exact)
    near, words = await EMBEDDER.query(TEXTS["email-basics"]), WORDS.query("subject lines", "en")
    found = await _found(index, Search(near, EN, 10), Search(words, EN, 10))
    assert ("email-basics" in found[0], found[1]) == (False, ["email-basics"])
    assert list(await index.vectors(["email-basics", "seo-basics"])) == ["seo-basics"]
    assert (await index.hashes())["email-basics"] == words_only("1")


async def test_a_vector_that_comes_later_joins(index: Index) -> None:
    """The entry is written again with it, and then it is as if it had come at once."""
    exact = FakeIndex()
    await _filled(exact)
    whole = [await _entry(each) for each in TEXTS]
    await index.write([replace(each, content_hash=words_only("1"), vector=None) for each in whole])
    near = Search(await EMBEDDER.query("emails"), EN, 10)
    assert await _found(index, near) == [[]]
    await index.write(whole[:1])
    assert await _found(index, near) == [["email-basics"]]
    await index.write(whole[1:])
    await _is_as_exact(index, exact)


async def test_an_empty_index_finds_nothing(index: Index) -> None:
    """And no search has no answer."""
    assert await _found(index, Search(await EMBEDDER.query("emails"), EN, 3)) == [[]]
    assert await index.search([]) == ()
    assert await index.hashes() == {}


async def test_more_courses_than_a_page_or_a_batch_are_all_there(index: Index) -> None:
    """Pages of a scroll, batches of a write."""
    entries = [await _entry(f"many-{number}", str(number), text="one of many") for number in range(1_100)]
    await index.write(entries)
    assert await index.hashes() == {each.course_id: each.content_hash for each in entries}


async def test_a_vector_of_another_length_finds_nothing(index: Index) -> None:
    """In the instant of a swap a decision may hold one of the generation before."""
    await _filled(index)
    found = await _found(index, Search((1.0, 0.0), EN, 3), Search(WORDS.query("emails", "en"), EN, 1))
    assert [len(each) for each in found] == [0, 1]
    assert await _found(index, Search((1.0, 0.0), EN, 3)) == [[]]


async def test_generations_do_not_meet(store: Store) -> None:
    """Each has entries of its own, and dropping one leaves the other."""
    old, new = await store.prepare(OLD), await store.prepare(NEW)
    await _filled(old)
    assert (len(await old.hashes()), await new.hashes()) == (len(TEXTS), {})
    assert await store.kept() == (NEW, OLD)
    await store.drop(NEW)
    assert await store.kept() == (OLD,)
    assert await store.existing(NEW) is None
    assert len(await (await store.prepare(OLD)).hashes()) == len(TEXTS)
    await store.drop(NEW)


async def test_the_generation_in_force_is_the_one_pointed_at(store: Store) -> None:
    """None at first; pointing again moves it."""
    assert await store.current() is None
    for each in (OLD, NEW, NEW):
        await store.prepare(each)
        await store.point(each)
        assert await store.current() == each


@pytest.mark.parametrize(
    ("label", "parsed"),
    [
        ("org_model_1~384~bm25-1", Generation("org_model_1", 384, "bm25-1")),
        ("org/model~384~bm25", None),
        ("model~many~bm25", None),
        ("model~³~bm25", None),
        ("model~0384~bm25", None),
        ("~384~bm25", None),
        ("model~384", None),
    ],
)
def test_only_labels_of_ours_are_generations(label: str, parsed: Generation | None) -> None:
    """What else lies in a store is left alone."""
    assert Generation.parsed(label) == parsed


def test_a_generation_is_named_by_what_it_is_made_of() -> None:
    """Embedder, dimension and tokenizer, in characters a collection's name may have."""
    made = Generation.of("org/model:1~é", 384, WORDS.name)
    assert made.label == "org_model_1__~384~bm25-stem5-120-1"
    assert Generation.parsed(made.label) == made


def test_terms_of_nothing_are_no_search() -> None:
    """An empty sparse vector is what a tokenizer gives of an empty text."""
    assert WORDS.query("", "en") == Terms((), ())
