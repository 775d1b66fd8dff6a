"""What an index does, the same for the fake, the embedded one and a server."""

import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from services.recommender.adapters.fake_embedder import FakeEmbedder
from services.recommender.adapters.fake_index import FakeIndex
from services.recommender.adapters.qdrant_index import QdrantIndex, Server, generation_name, open_index
from services.recommender.adapters.stemmed_words import StemmedWords
from services.recommender.core.values import Entry, Filter, Search
from services.recommender.ports import Index
from services.runtime.outcome import Misconfigured, Unavailable

EN = Filter(("en",))
TEXTS = {
    "email-basics": "Write emails people answer: subject lines, first mails and follow-up",
    "email-automation": "Automated email sequences: welcome series, timing and exit rules",
    "seo-basics": "Search engines: keywords, pages and links that people find",
    "crm-basics": "Keep a pipeline: stages, forecast and data quality in the CRM",
    "correo-basico": "Correos que la gente contesta: asuntos, primeros correos y seguimiento",
}
EMBEDDER, WORDS = FakeEmbedder(), StemmedWords()
Make = Callable[[], Awaitable[Index]]


@pytest.fixture(params=["fake", "embedded", "server"])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Index]:
    """An empty index of each kind."""
    url = os.environ.get("KINDLING_TEST_QDRANT_URL")
    made: Index
    if request.param == "fake":
        made = FakeIndex()
    elif request.param == "embedded":
        made = await open_index(tmp_path / "qdrant", "courses-test", EMBEDDER.dimension)
    elif url is None:
        pytest.skip("KINDLING_TEST_QDRANT_URL names no Qdrant server")
    else:
        made = await open_index(Server(url, None, 10.0), f"courses-test-{uuid.uuid4()}", EMBEDDER.dimension)
    yield made
    if request.param == "server" and isinstance(made, QdrantIndex):
        made._client.delete_collection(made.generation)
    await made.close()


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


async def test_every_index_gives_the_order_of_the_exact_one(index: Index) -> None:
    """Dense and words, by score and then by id."""
    exact = FakeIndex()
    await _filled(index)
    await _filled(exact)
    assert await _orders(index) == await _orders(exact)


async def test_scores_are_those_of_the_exact_one(index: Index) -> None:
    """Cosine, and BM25 with the index's document frequencies."""
    exact = FakeIndex()
    await _filled(index)
    await _filled(exact)
    searches = (Search(await EMBEDDER.query("emails"), EN, 3), Search(WORDS.query("emails", "en"), EN, 3))
    for hits, expected in zip(await index.search(searches), await exact.search(searches), strict=True):
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in expected], abs=1e-5)


async def test_equal_scores_are_in_order_of_id(index: Index) -> None:
    """The same text five times."""
    for course_id in ("e-1", "c-1", "a-1", "d-1", "b-1"):
        await index.write([await _entry(course_id, text="the very same words")])
    near = Search(await EMBEDDER.query("the very same"), EN, 10)
    words = Search(WORDS.query("words", "en"), EN, 10)
    assert await _found(index, near, words) == [["a-1", "b-1", "c-1", "d-1", "e-1"]] * 2


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
    found = await _found(index, Search(await EMBEDDER.query(TEXTS["email-basics"]), EN, 10))
    assert "email-basics" not in found[0]
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


async def test_an_empty_index_finds_nothing(index: Index) -> None:
    """And no search has no answer."""
    assert await _found(index, Search(await EMBEDDER.query("emails"), EN, 3)) == [[]]
    assert await index.search([]) == ()
    assert await index.hashes() == {}


async def test_embedded_index_is_kept(tmp_path: Path) -> None:
    """What was written is there after the process ended."""
    first = await open_index(tmp_path / "qdrant", "courses-test", EMBEDDER.dimension)
    await _filled(first)
    before = await _orders(first)
    await first.close()
    second = await open_index(tmp_path / "qdrant", "courses-test", EMBEDDER.dimension)
    assert await _orders(second) == before
    assert len(await second.hashes()) == len(TEXTS)
    await second.close()


async def test_two_processes_have_an_index_each(tmp_path: Path) -> None:
    """The second takes a folder beside the first's."""
    first = await open_index(tmp_path / "qdrant", "courses-test", EMBEDDER.dimension)
    second = await open_index(tmp_path / "qdrant", "courses-test", EMBEDDER.dimension)
    await _filled(first)
    assert await second.hashes() == {}
    await first.close()
    await second.close()
    assert (tmp_path / "qdrant-2").is_dir()


@pytest.mark.parametrize("name", ["meta.json", "collection/courses-test/storage.sqlite"])
async def test_a_broken_folder_is_begun_anew(tmp_path: Path, name: str) -> None:
    """It is a cache: nothing in it is worth a stop."""
    first = await open_index(tmp_path / "qdrant", "courses-test", EMBEDDER.dimension)
    await _filled(first)
    await first.close()
    (tmp_path / "qdrant" / name).write_bytes(b"not what it was" * 100)
    second = await open_index(tmp_path / "qdrant", "courses-test", EMBEDDER.dimension)
    assert await second.hashes() == {}
    await second.close()


async def test_another_dimension_is_the_operators_fault(tmp_path: Path) -> None:
    """The message says what to do, and the folder is free again."""
    first = await open_index(tmp_path / "qdrant", "courses-test", EMBEDDER.dimension)
    await first.close()
    with pytest.raises(Misconfigured, match="dimensions"):
        await open_index(tmp_path / "qdrant", "courses-test", 8)
    again: QdrantIndex = await open_index(tmp_path / "qdrant", "courses-test", EMBEDDER.dimension)
    await again.close()


async def test_a_server_that_is_away_is_unavailable() -> None:
    """Nobody listens at that port."""
    with pytest.raises(Unavailable):
        await open_index(Server("http://127.0.0.1:9", None, 2.0), "courses-test", EMBEDDER.dimension)


def test_a_generation_is_named_by_what_it_is_made_of() -> None:
    """Embedder, version and tokenizer, in characters a collection's name may have."""
    assert generation_name("org/model:1", WORDS.name) == "courses-org_model_1-bm25-stem5-120-1"
