"""Lists, durations, dates and capitals of both languages."""

from datetime import UTC, datetime

import pytest

from services.composer.core.phrasing import capitalised, dated, decapitalised, duration, joined, lessons, quoted
from services.composer.core.words_en import ENGLISH
from services.composer.core.words_es import SPANISH


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(None, None), (1, "1 minute"), (45, "45 minutes"), (60, "1 hour"), (150, "2 hours and 30 minutes")],
)
def test_a_duration_is_said_in_hours_and_minutes(minutes: int | None, text: str | None) -> None:
    """Nothing is said of what is not known."""
    assert duration(minutes, ENGLISH) == text


def test_lists_take_their_conjunction() -> None:
    """Spanish `y` becomes `e` before the same sound."""
    assert joined((), ENGLISH) == ""
    assert joined(("a",), ENGLISH) == "a"
    assert joined(("a", "b", "c"), ENGLISH) == "a, b and c"
    assert joined(("guiones", "ideas"), SPANISH) == "guiones e ideas"
    assert joined(("guiones", "fotos"), SPANISH) == "guiones y fotos"


def test_counts_and_dates_and_quotes() -> None:
    """One lesson, two lessons; days in words."""
    assert (lessons(1, SPANISH), lessons(2, ENGLISH)) == ("1 lección", "2 lessons")
    day = datetime(2026, 11, 3, tzinfo=UTC)
    assert (dated(day, ENGLISH), dated(day, SPANISH)) == ("3 November 2026", "3 de noviembre de 2026")
    assert (quoted("x", ENGLISH), quoted("x", SPANISH)) == ("“x”", "«x»")


def test_capitals_of_abbreviations_stay() -> None:
    """`CRM` is no word of a sentence's start."""
    assert [decapitalised(each) for each in ("Email", "CRM", "A/B tests", "")] == ["email", "CRM", "A/B tests", ""]
    assert [capitalised(each) for each in ("email", "ñu", "")] == ["Email", "Ñu", ""]
