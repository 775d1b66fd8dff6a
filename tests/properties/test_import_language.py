"""Laws of the language a row is taken in by, whatever its text and whatever a detector says."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.course import Course
from services.recommender.core.import_language import HARDLY, SURE, as_taken, difference
from services.runtime.py3langid_language import Py3langidLanguage

LANGUAGES = ("de", "en", "es", "ja")
COURSE = Course(
    id="a",
    title="A title",
    url="https://a.example/a",
    topics=("a",),
    level="beginner",
    language="en",
    updated_at=datetime(2026, 11, 27, tzinfo=UTC),
)
any_text = st.text(st.characters(exclude_categories=()), max_size=80)  # lone surrogates and unassigned ones too
courses = st.builds(
    lambda title, description, language: COURSE.model_copy(
        update={"title": title, "description": description, "language": language}
    ),
    any_text,
    any_text,
    st.sampled_from(LANGUAGES),
)
long_ones = courses.map(lambda each: each.model_copy(update={"title": f"{each.title} and a few words more"}))


@pytest.fixture(scope="module")
def real() -> Py3langidLanguage:
    """A model is read once."""
    return Py3langidLanguage()


@given(courses)
def test_any_row_has_a_language(real: Py3langidLanguage, course: Course) -> None:
    """Its own or its text's; nothing raises, and the same row has the same one always."""
    told = difference(3, course, real)
    assert told == difference(3, course, real)
    assert told is None or told.taken in {course.language, told.found}


@given(long_ones, st.sampled_from(LANGUAGES), st.floats(0.0, 0.1), st.floats(0.5, 1.0))
def test_only_a_sure_text_is_taken_against_its_word(course: Course, found: str, own: float, of_rest: float) -> None:
    """Never one that may be in the row's language; what is taken agrees with itself, and only the language changes."""
    by_language = dict.fromkeys(LANGUAGES, 0.0) | {course.language: own}
    by_language[found] += (1 - own) * of_rest
    by_language["fr"] = (1 - own) * (1 - of_rest)
    told = difference(3, course, lambda _: by_language)
    if told is None:
        return
    assert told.found != told.says == course.language
    assert by_language[told.says] <= HARDLY
    taken = as_taken(course, told)
    assert taken.model_copy(update={"language": course.language}) == course
    if told.is_taken:
        assert told.confidence >= SURE
        assert difference(3, taken, lambda _: by_language) is None
