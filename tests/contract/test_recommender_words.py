"""What a words encoder does, the same for the fake and the stemming one."""

import pytest

from services.recommender.adapters.embedding.fake_words import FakeWords
from services.recommender.adapters.embedding.stemmed_words import StemmedWords
from services.recommender.ports import Words


@pytest.fixture(params=[FakeWords, StemmedWords])
def words(request: pytest.FixtureRequest) -> Words:
    """Each encoder."""
    made: Words = request.param()
    return made


def test_ids_are_once_each_and_ascending(words: Words) -> None:
    """As an index wants them, with positive weights."""
    for terms in (words.document("b a c a", "en"), words.query("b a c a", "en")):
        assert list(terms.ids) == sorted(set(terms.ids))
        assert len(terms.ids) == len(terms.weights) == 3
        assert all(weight > 0 for weight in terms.weights)


def test_a_query_finds_the_documents_terms(words: Words) -> None:
    """Whatever the case."""
    assert set(words.query("EMAIL", "en").ids) <= set(words.document("one email more", "en").ids)


def test_nothing_has_no_terms(words: Words) -> None:
    """Empty text, and text without words."""
    assert words.query("", "en").ids == ()
    assert words.document(" ", "es").ids == ()


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "automated emails", "automate email"),
        ("es", "automatización", "automatizaciones"),
        ("es", "clic más", "clic mas"),
    ],
)
def test_forms_of_one_word_meet(language: str, one: str, other: str) -> None:
    """By the stems of their language, without accents."""
    stemmed = StemmedWords()
    assert stemmed.query(one, language).ids == stemmed.query(other, language).ids


def test_an_unknown_language_is_never_read_as_english() -> None:
    """A Spanish text of a language not stated still meets a Spanish query."""
    stemmed = StemmedWords()
    assert set(stemmed.query("automatizaciones", "es").ids) <= set(stemmed.document("automatización", "xx").ids)


def test_frequent_terms_weigh_more_in_short_texts() -> None:
    """The term-frequency part of BM25: 1 for one occurrence at the mean length."""
    stemmed = StemmedWords()
    (once,) = stemmed.document("word", "en").weights
    (twice,) = stemmed.document("word word", "en").weights
    assert once < twice < 2 * once
    long = dict(zip(*_pairs(stemmed, "word " + " ".join(f"w{n}" for n in range(119))), strict=True))
    assert long[stemmed.query("word", "en").ids[0]] == pytest.approx(1.0)


def _pairs(words: StemmedWords, text: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
    terms = words.document(text, "en")
    return terms.ids, terms.weights
