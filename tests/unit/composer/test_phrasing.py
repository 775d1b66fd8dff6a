"""Counts, capitals and quotation marks of the languages."""

import pytest

from services.composer.core.locale import Locales
from services.composer.core.phrasing import capitalised, inside, lessons, quoted
from services.composer.core.template import skills_line
from tests.eight_languages import NOW, world


def test_counts_and_quotes(locales: Locales) -> None:
    """One lesson, two lessons."""
    english, spanish = locales["en"], locales["es"]
    assert (lessons(1, spanish), lessons(2, english)) == ("1 lección", "2 lessons")
    assert (quoted("x", english.words), quoted("x", spanish.words)) == ("“x”", "«x»")


def test_capitals_of_abbreviations_stay(locales: Locales) -> None:
    """`CRM` is no word of a sentence's start; where nouns have capitals nothing is made small."""
    words = locales["en"].words
    texts = ["Email", "CRM", "A/B tests", ""]
    assert [inside(each, words) for each in texts] == ["email", "CRM", "A/B tests", ""]
    assert inside("Kundenpflege", words.model_copy(update={"lowers": False})) == "Kundenpflege"
    assert [capitalised(each) for each in ("email", "ñu", "")] == ["Email", "Ñu", ""]


def test_what_a_course_practises_is_a_line_or_nothing(locales: Locales) -> None:
    """No label without a list."""
    assert skills_line("d", (), locales["en"]) == ""
    assert skills_line("d", ("a", "b"), locales["en"]).endswith(": a and b.")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ("2 hours and 30 minutes", "1 hour", "1 lesson", "8 lessons", "3 November 2026", "€99.00", "a, b and c"),
        ),
        (
            "es",
            (
                "2 horas y 30 minutos", "1 hora", "1 lección", "8 lecciones", "3 de noviembre de 2026", "99,00 €",
                "a, b y c",
            ),
        ),
        (
            "de",
            (
                "2 Stunden und 30 Minuten", "1 Stunde", "1 Lektion", "8 Lektionen", "3. November 2026", "99,00 €",
                "a, b und c",
            ),
        ),
        ("fr", ("2 heures et 30 minutes", "1 heure", "1 leçon", "8 leçons", "3 novembre 2026", "99,00 €", "a, b et c")),
        ("pt", ("2 horas e 30 minutos", "1 hora", "1 aula", "8 aulas", "3 de novembro de 2026", "€ 99,00", "a, b e c")),
        ("it", ("2 ore e 30 minuti", "1 ora", "1 lezione", "8 lezioni", "3 novembre 2026", "99,00 €", "a, b e c")),
        ("nl", ("2 uur en 30 minuten", "1 uur", "1 les", "8 lessen", "3 november 2026", "€ 99,00", "a, b en c")),
        ("ja", ("2時間30分", "1時間", "全1回", "全8回", "2026年11月3日", "€99.00", "a、b、c")),
    ],
)  # fmt: skip
def test_figures_are_written_as_the_language_has_them(language: str, said: tuple[str, ...]) -> None:
    """Length, count, date, price and list."""
    locale = world().locales[language]
    forms = locale.forms
    written = (
        forms.duration(150), forms.duration(60), lessons(1, locale), lessons(8, locale), forms.date(NOW),
        forms.money(9900, "EUR"), forms.joined(("a", "b", "c")),
    )  # fmt: skip
    assert tuple(each.replace("\u00a0", " ") for each in written) == said
