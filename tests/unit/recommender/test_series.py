"""Courses that build on each other."""

from collections.abc import Callable, Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.course import Course
from services.recommender.core.retrieval.series import LAST, Part, Series, part_of


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("Bookkeeping 2", Part("bookkeeping", 2, is_named=False)),
        ("Circuits and Electronics 3: Applications", Part("circuits and electronics", 3, is_named=False)),
        ("Netzwerktechnik Teil 2", Part("netzwerktechnik", 2, is_named=True)),
        ("House wiring \u2013 Part II", Part("house wiring", 2, is_named=True)),
        ("Développement web, niveau 2", Part("développement web", 2, is_named=True)),
        ("sql server part 3 reporting", Part("sql server", 3, is_named=True)),
        ("Epidemics II", Part("epidemics", 2, is_named=False)),
        ("Data Science: Capstone", Part("data science", LAST, is_named=True)),
        ("Applied Deep Learning Capstone Project", Part("applied deep learning", LAST, is_named=True)),
        ("Solar Energy Engineering: Comprehensive Exams", Part("solar energy engineering", LAST, is_named=True)),
        ("Contabilidad \u2013 proyecto final", Part("contabilidad", LAST, is_named=True)),
        ("Capstone Exam in Statistics", Part("statistics", LAST, is_named=True)),
        ("Abschlussprojekt", Part("", LAST, is_named=True)),
        ("Students: final exam anxiety", None),
        ("Passing your final exam", None),
        ("Final exam anxiety and how to calm it", None),
        ("Coping with capstones in old walls", None),
        ("Excel 2013 for accountants", None),
        ("Office 365", None),
        ("Writing", None),
    ],
)
def test_titles_name_parts(title: str, part: Part | None) -> None:
    """By a word for it, or by a number at the end of a title or before its colon."""
    assert part_of(title) == part


@pytest.fixture
def shop(course_of: Callable[..., Course]) -> Callable[..., tuple[Series, dict[str, Course]]]:
    """The series of courses with these titles, and the courses, by ids c0, c1, …."""

    def build(*titles: str, after: dict[str, tuple[str, ...]] | None = None) -> tuple[Series, dict[str, Course]]:
        found = [
            course_of(f"c{number}", title=title, after=(after or {}).get(f"c{number}", ()))
            for number, title in enumerate(titles)
        ]
        series = Series()
        for each in found:
            series.put(each)
        return series, {each.id: each for each in found}

    return build


def _early(series: Series, courses: dict[str, Course], taken: Iterable[str] = ()) -> list[str]:
    return [each.id for each in courses.values() if series.is_too_early(each, frozenset(taken))]


def test_a_later_part_is_not_for_who_took_nothing(shop: Callable[..., tuple[Series, dict[str, Course]]]) -> None:
    """Who took a course may have learnt the earlier part elsewhere."""
    series, courses = shop("Payroll 1", "Payroll 2", "Payroll 3", "Welding 1", "Welding 2")
    assert _early(series, courses) == ["c1", "c2", "c4"]
    assert _early(series, courses, ["c0"]) == []


def test_a_bare_number_without_a_first_is_a_version(shop: Callable[..., tuple[Series, dict[str, Course]]]) -> None:
    """A word for a part is enough by itself."""
    series, courses = shop("Learning Python 3", "Bootstrap 4", "Togaf, part 2")
    assert _early(series, courses) == ["c2"]


def test_a_catalogue_may_say_so(shop: Callable[..., tuple[Series, dict[str, Course]]]) -> None:
    """Whatever the title is; one of those named is enough."""
    series, courses = shop("Basics", "Other basics", "Tuning", after={"c2": ("c0", "c1")})
    assert _early(series, courses) == ["c2"]
    assert _early(series, courses, ["c1"]) == []


@given(st.lists(st.sampled_from(["Sewing 1", "Sewing 2", "Sewing"]), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_steps_does_not_matter(titles: list[str], random: Random) -> None:
    """What came and went is as if it had never been."""
    course = Course.model_validate(
        {
            "id": "x", "title": "Sewing 2", "url": "https://a.example", "topics": ("sewing",), "level": "beginner",
            "language": "en", "updated_at": "2026-11-03T09:00:00Z",
        }
    )  # fmt: skip
    firsts = [course.model_copy(update={"title": title}) for title in titles]
    gone = [each for each in firsts if random.random() < 0.5]
    series = Series()
    for each in firsts:
        series.put(each)
    for each in random.sample(gone, len(gone)):
        series.drop(each)
    left = titles.count("Sewing 1") - sum(each.title == "Sewing 1" for each in gone)
    assert series.is_too_early(course, frozenset()) == (left > 0)
