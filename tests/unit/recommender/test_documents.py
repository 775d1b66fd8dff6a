"""A course as it is indexed."""

from collections.abc import Callable

import pytest

from schemas.course import Course
from services.recommender.core.retrieval.documents import (
    EMBEDDED_CHARACTERS,
    changes,
    content_hash,
    embedded_text,
    has_vector,
    lacks_words,
    words_only,
    words_text,
)


def test_a_new_price_is_the_same_content(course_of: Callable[..., Course]) -> None:
    """What is neither embedded nor filtered by leaves the hash as it is."""
    assert content_hash(course_of("a")) == content_hash(course_of("a", price_minor=5, currency="EUR"))


def test_a_new_title_is_new_content(course_of: Callable[..., Course]) -> None:
    """The hash changes with the text."""
    assert content_hash(course_of("a", title="Old title")) != content_hash(course_of("a", title="New title"))


def test_an_entry_of_words_alone_is_due_again(course_of: Callable[..., Course]) -> None:
    """Its hash is not the course's, and says what is missing."""
    whole = content_hash(course_of("a"))
    assert (has_vector(whole), has_vector(words_only(whole))) == (True, False)
    assert changes({"a": whole}, {"a": words_only(whole)}).write == ("a",)


@pytest.mark.parametrize(
    ("of_course", "of_entry", "lacks"),
    [
        ("1", None, True),
        ("1", words_only("0"), True),
        ("1", words_only("1"), False),
        ("1", "0", False),
        ("1", "1", False),
        (None, None, False),
    ],
)
def test_words_are_written_ahead_of_the_vector_where_no_vector_would_be_lost(
    of_course: str | None, of_entry: str | None, *, lacks: bool
) -> None:
    """For a course that has no entry, or an older one of words alone."""
    assert lacks_words(of_course, of_entry) is lacks


def test_long_descriptions_are_embedded_by_their_beginning(course_of: Callable[..., Course]) -> None:
    """The embedded text is bounded."""
    text = embedded_text(course_of("a", description="word " * 1_000))
    assert len(text) < EMBEDDED_CHARACTERS + 100


def test_title_description_and_skills_are_embedded(course_of: Callable[..., Course]) -> None:
    """In that order, as sentences; a course may have a title alone."""
    course = course_of("a", title="Title", description="What it is.", skills=("one", "two"))
    assert embedded_text(course) == "Title. What it is. one, two"
    assert embedded_text(course_of("a", title="Title", description="")) == "Title"


def test_topics_are_words(course_of: Callable[..., Course]) -> None:
    """A course is found by the words of its topics."""
    assert "email marketing" in words_text(course_of("a"))


def test_changes_name_what_to_write_and_to_remove() -> None:
    """New and changed are written, gone is removed, the same is left."""
    due = changes({"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "old", "d": "4"})
    assert (due.write, due.remove) == (("a", "c"), ("d",))
