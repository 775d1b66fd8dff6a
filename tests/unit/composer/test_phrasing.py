"""Counts, capitals and quotation marks of the languages."""

from services.composer.core.locale import Locales
from services.composer.core.phrasing import capitalised, inside, lessons, quoted, skills_line


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
