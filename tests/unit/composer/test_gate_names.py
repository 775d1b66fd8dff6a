"""Names that no fact holds, by the rule of the language."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.composer.adapters.lexicon_files import read_lexicons
from services.composer.adapters.snowball_stems import snowball
from services.composer.core.gate.judge import alone
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.names import name
from services.composer.core.values import Prompt
from services.runtime.safety import read_safety
from tests.gate_known import known_from

PROMPT = Prompt("p.v1", "", "")
LEXICONS = read_lexicons(snowball, None, read_safety())


@pytest.fixture
def known(lexicons: Lexicons) -> Callable[..., Known]:
    """What these course texts let a text say, in this language."""
    return lambda language, *texts: known_from(language, texts, (), PROMPT, lexicons)


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "Write to Anna today.", "Anna"),
        ("en", "Anna, this is for you.", "Anna"),
        ("en", "Anna\u2019s team did it.", "Anna\u2019s"),
        ("en", "We like IBM.", "IBM"),
        ("es", "Escribe a Kraken.", "Kraken"),
        ("de", "Das sagt Frau Huber.", "Huber"),
        ("de", "Mit Maria Huber lernen.", "Huber"),
        ("de", "Sie nutzen KraftWerk dazu.", "KraftWerk"),
        ("de", "Annabell, das ist er.", "Annabell"),
        ("ja", "田中さんの講座です。", "田中さん"),
        ("ja", "マリア先生とマリア様の講座", "マリア様"),
        ("ja", "Krakenで学びます。", "Kraken"),
        ("da", "Hej til Anna.", "Anna"),
    ],
)
def test_a_name_no_fact_holds_is_refused(language: str, text: str, found: str, known: Callable[..., Known]) -> None:
    """By a capital, by two, by a title, by Latin letters."""
    assert name(alone(text, known(language, "Boden"))) == found
    assert name(alone(text, known(language, "Boden", text))) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "On Monday in May, in English and on the PDF."),
        ("en", "Plus, it is short. Then, go on: I\u2019ll help, and I'd wait."),
        ("en", "The SEO and CRM basics, with a URL."),
        ("en", "What is an LCP?"),
        ("de", "Der Kurs erklärt Bestellungen, Lager und Ware."),
        ("de", "Zehn Lektionen auf Deutsch. Zwei Fragen dazu."),
        ("de", "Kurs, Lager und Ware."),
        ("fr", "Un cours en français, le lundi."),
        ("ja", "お客様と皆様へ。日本語で。"),
    ],
)
def test_what_is_no_name_passes(language: str, text: str, known: Callable[..., Known]) -> None:
    """Acronyms of a trade and of words that a fact holds, months, weekdays, languages, nouns, first words."""
    assert name(alone(text, known(language, "The land change plan"))) is None


def test_two_nouns_in_a_row_pass_where_a_sign_parts_them(known: Callable[..., Known]) -> None:
    """A list is no name, nor is a noun behind a word that the course or the language knows."""
    boden = known("de", "Boden und Kraut")
    assert name(alone("Wir lesen Karotten, Rettich und Kraut.", boden)) is None
    assert name(alone("Wir lesen Boden Rettich.", boden)) is None
    assert name(alone("Wir lesen Rettich Karotten.", boden)) == "Karotten"


@given(st.text(), st.sampled_from(["en", "de", "ja", "fr", "da"]))
@example("\u2f00B", "en")
def test_any_text_is_read_and_its_own_fact_lets_it_stand(text: str, language: str) -> None:
    """A name is refused only where it is new."""
    assert name(alone(text, known_from(language, (text,), (), PROMPT, LEXICONS))) is None
