"""Running means of the catalogue and its topics."""

import random
from collections.abc import Callable
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.course import Course
from services.recommender.core.retrieval.centroids import Means
from services.recommender.core.values import Vector

NUMBERS = st.floats(-1.0, 1.0, width=32)
STEPS = st.lists(
    st.tuples(
        st.sampled_from("abcde"),
        st.none() | st.tuples(NUMBERS, NUMBERS, NUMBERS),
        st.lists(st.sampled_from(("seo", "crm", "email")), unique=True, max_size=3),
    ),
    max_size=40,
)


def test_a_running_mean_is_the_mean_of_all(
    course_of: Callable[..., Course], plain_means: Callable[..., dict[str, Vector]]
) -> None:
    """To 1e-6 and far beyond, for the catalogue and for each topic."""
    chance = random.Random(7)  # noqa: S311 no secret
    courses = {f"c{number}": course_of(f"c{number}", topics=("all", f"t{number % 7}")) for number in range(600)}
    vectors = {each: tuple(chance.gauss(0, 0.05) for _ in range(384)) for each in courses}
    means = Means()
    for each, vector in vectors.items():
        means.count(each, vector, courses[each].topics)
    assert means.whole.mean == pytest.approx(tuple(map(fmean, zip(*vectors.values(), strict=True))), abs=1e-6)
    wanted = plain_means(vectors, courses)
    found = means.of_topics()
    assert found.keys() == wanted.keys()
    assert all(found[topic] == pytest.approx(mean, abs=1e-6) for topic, mean in wanted.items())


@given(STEPS)
def test_whatever_came_and_went_the_means_are_those_of_what_is_there(
    steps: list[tuple[str, tuple[float, float, float] | None, list[str]]],
) -> None:
    """A course may come, change its vector or topics, go, and come again: as if only the last step had been."""
    means, seen = Means(), dict[str, Vector]()
    held: dict[str, tuple[Vector, tuple[str, ...]]] = {}
    for course_id, vector, topics in steps:
        was, former = held.pop(course_id, (None, ()))
        touched = means.move(course_id, was, vector, tuple(topics))
        if vector is not None:
            held[course_id] = (vector, tuple(topics))
        assert touched == set(former) | (set(topics) if vector is not None else set())
        seen = means.renewed(seen, touched)
    anew = Means()
    for course_id, (last, under) in held.items():
        anew.count(course_id, last, under)
    assert means.whole.count == len(held)
    assert means.whole.mean == (None if not held else pytest.approx(anew.whole.mean, abs=1e-6))
    assert seen.keys() == anew.of_topics().keys()
    assert all(seen[topic] == pytest.approx(mean, abs=1e-6) for topic, mean in anew.of_topics().items())


def test_what_was_never_counted_is_not_taken_away() -> None:
    """A course that the index had before anything was counted, and one that is counted already, change nothing."""
    means = Means()
    assert means.move("a", (1.0,), None, ("seo",)) == set()
    means.count("a", (1.0,), ("seo",))
    assert means.move("a", None, (3.0,), ("seo",)) == set()
    assert (means.whole.mean, means.of_topics(("seo", "crm"))) == ((1.0,), {"seo": (1.0,)})
