"""The lexicons as files: the shipped ones, and what a business adds."""

from pathlib import Path

import pytest

from services.composer.adapters.lexicon_files import SHIPPED, read_lexicons
from services.composer.adapters.snowball_stems import snowball
from services.composer.core.gate.judge import UNSAID, alone
from services.composer.core.gate.lexicons import NO_WORDS, Lexicons
from services.composer.core.values import Prompt
from services.runtime.outcome import Misconfigured
from services.runtime.py3langid_language import LANGUAGES, Py3langidLanguage
from services.runtime.safety import read_safety
from tests.gate_known import known_from

SHIPPED_LANGUAGES = {"en", "es", "de", "fr", "pt", "it", "nl", "ja"}
BY_WORDS = {"level", "spoken"}  # rules of levels and languages, which are no cues


def test_eight_languages_are_shipped_each_with_cues_for_every_rule(lexicons: Lexicons) -> None:
    """A language that lacked a rule's cues would let through what the others refuse."""
    assert set(lexicons.by_language) == SHIPPED_LANGUAGES
    for language, lexicon in lexicons.by_language.items():
        cues = lexicon.cues
        every = (*cues.by_word.values(), *cues.by_prefix.values(), cues.loose)
        rules = {rule for group in every for rule, _ in group} | {rule for rule, _ in cues.patterns}
        assert {*UNSAID, "claim", "date"} - BY_WORDS <= rules, language
        assert lexicon.levels
        assert lexicon.languages
        assert lexicon.general


def test_a_dialect_has_its_languages_words(lexicons: Lexicons) -> None:
    """`pt-BR` is `pt`; what nobody knows has none."""
    assert lexicons.of("pt-BR") is lexicons.of("pt")
    assert lexicons.of("da") is NO_WORDS
    assert not lexicons.knows("da")


def test_a_business_adds_words_and_cues(tmp_path: Path) -> None:
    """Lists and cues are added, a mapping is laid over, a language of its own has its own file."""
    (tmp_path / "en.yaml").write_text("general: bean beans\nnumbers: {gross: 144}\ncues: {others: [bean counters]}\n")
    (tmp_path / "da.yaml").write_text("stemmer: danish\nfunction: og er\n")
    lexicons = read_lexicons(snowball, None, read_safety(), tmp_path)
    english = lexicons.of("en")
    assert {"bean", english.stem("course")} <= english.general
    assert english.counting.numbers["gross"] == 144
    known = known_from("en", ("Soil",), (), Prompt("p.v1", "", ""), lexicons)
    assert UNSAID["others"](alone("Ask the bean counters.", known)) == "bean counters"
    assert UNSAID["others"](alone("Most learners do.", known))
    assert lexicons.of("da").function == {"og", "er"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nouns: x", "nouns: expected no field of this name"),
        ("cues: {others: ['.. x']}", "expected a cue that begins and ends with words"),
        ("stemmer: klingon", "expected an algorithm of Snowball, came 'klingon'"),
        ("units: {'minutes*many': x}", "could not convert"),
        ("a: [", "line 1: not YAML: expected the node content"),
    ],
)
def test_a_file_that_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    """With what was expected."""
    (tmp_path / "da.yaml").write_text(text)
    with pytest.raises(Misconfigured, match=r"da\.yaml") as told:
        read_lexicons(snowball, None, read_safety(), tmp_path)
    assert said in str(told.value)


def test_an_empty_file_has_no_words(tmp_path: Path) -> None:
    """A language may begin with nothing."""
    (tmp_path / "da.yaml").write_text("")
    assert read_lexicons(snowball, None, read_safety(), tmp_path).of("da").general == frozenset()


def test_files_are_shipped_with_the_package() -> None:
    """Each is read from beside the code."""
    assert {path.stem for path in SHIPPED.glob("*.yaml")} == SHIPPED_LANGUAGES


def test_the_detector_tells_languages_best_first() -> None:
    """Of those it may choose from, with a probability each."""
    told = Py3langidLanguage()("Zaczynamy pracę nad glebą i roślinami")
    assert next(iter(told)) == "pl"
    assert set(told) == set(LANGUAGES)
    assert sum(told.values()) == pytest.approx(1.0)
