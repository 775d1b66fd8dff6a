"""What a language detector does, the same for the fake and the one of py3langid."""

import pytest

from services.recommender.core.import_language import LIKELY, SURE, Detect
from services.runtime.fake_language import FakeLanguage
from services.runtime.py3langid_language import LANGUAGES, Py3langidLanguage

TEXTS = {
    "en": "The art of bread: a course for everybody and your friends, with an oven that is hot.",
    "de": "Die Kunst und das Handwerk: der Kurs für alle, die mit dem Ofen backen und eine Stulle essen.",
    "es": "El arte de la panadería: un curso para las personas que hornean con una amiga y los vecinos.",
    "fr": "Les gestes du boulanger : un atelier pour les voisins et une soirée avec le four du village.",
}
ODD = (
    "", " ", "\n", "\x00", "\x00 a title \x00", "\ud800", "a title \udcff and more", "123 456", "…!?|", "\ufeff",
    "\u202e", "🎓🎓🎓", "a" * 8_000, "漢" * 8_000, "a\u0301" * 4_000, "Excel エクセル эксель إكسل", TEXTS["en"] * 95,
)  # fmt: skip


@pytest.fixture(scope="module", params=[FakeLanguage, Py3langidLanguage])
def detect(request: pytest.FixtureRequest) -> Detect:
    """Each detector; a model is read once."""
    made: Detect = request.param()
    return made


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("made", [str, str.lower, str.upper])
def test_a_sentence_is_in_its_language(detect: Detect, language: str, made: type[str]) -> None:
    """Surely, and whatever its letters."""
    found = detect(made(TEXTS[language]))
    assert max(found, key=found.__getitem__) == language
    assert found[language] >= SURE


@pytest.mark.parametrize("text", [*TEXTS.values(), *ODD])
def test_probabilities_add_up(detect: Detect, text: str) -> None:
    """Of any text, for the same languages always; none raises."""
    found = detect(text)
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-4)
    assert all(0.0 <= each <= 1.0 for each in found.values())
    assert found.keys() == detect("").keys() >= TEXTS.keys()


@pytest.mark.parametrize("text", ["", " ", "\x00", "123 456", "…!?|"])
def test_a_text_without_words_is_in_no_language(detect: Detect, text: str) -> None:
    """Nothing is likely."""
    assert max(detect(text).values()) < LIKELY


def test_the_same_text_is_in_the_same_language(detect: Detect) -> None:
    """Whatever was asked between."""
    first = detect(TEXTS["es"])
    detect(TEXTS["de"])
    assert detect(TEXTS["es"]) == first


def test_every_language_is_one_the_model_has() -> None:
    """Each with a share of its own."""
    assert sorted(Py3langidLanguage()("")) == sorted(LANGUAGES)
