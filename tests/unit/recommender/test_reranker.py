"""How likely each course is to be the next."""

from collections.abc import Callable
from dataclasses import replace
from math import exp

import pytest

from schemas.course import Course
from schemas.standing import CourseRow
from services.recommender.core.course_statistics import NEUTRAL, CourseStatistics
from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.ranking.learners import Ranked, listed, ordered, rarity_of
from services.recommender.core.ranking.reranker import ListScores, judged_sums, multiplied
from services.recommender.core.ranking.scaling import nearness
from services.recommender.core.values import Filter, Hit
from services.recommender.core.weights import WEIGHED

DAY_MS = 86_400_000


def _ids(hits: tuple[Hit, ...]) -> list[str]:
    return [each.course_id for each in hits]


def test_nearness_is_a_place_between_the_similarities() -> None:
    """From the least similar, 0, to the most, 1; equals are all as near as can be."""
    assert nearness({"a": 0.6, "b": 0.3, "c": 0.2}) == pytest.approx({"a": 1.0, "b": 0.25, "c": 0.0})
    assert nearness({"a": 0.4, "b": 0.4}) == {"a": 1.0, "b": 1.0}
    assert nearness({}) == {}


def test_only_judged_lists_are_summed() -> None:
    """Those that were measured speak by their figures."""
    lanes = {"imagined": {"a": 1, "b": 22}, "said": {"b": 1}, "text": {"c": 1}}
    assert judged_sums(lanes) == pytest.approx({"a": 1.0, "b": 0.5 + 1.1})


def test_every_figure_multiplies() -> None:
    """A course of which nothing is said keeps the power of its fused score."""
    fused = (Hit("a", 2.0), Hit("b", 1.0))
    said = ListScores(near={"b": 0.5}, words={"b": 1.0}, together={"b": 3.0}, topic={"a": 0.0, "b": 0.2})
    likely = multiplied(fused, {"b": 0.1}, said, {"a": 1.0, "b": 0.5}.__getitem__)
    odds = exp(1.1 * 0.5 + 0.3 + 4.5 * 0.1) * 4**0.75 * 21**0.2 * 0.5
    assert _ids(likely) == ["b", "a"]
    assert [each.score for each in likely] == pytest.approx([odds, 2.0**0.4], abs=1e-6)


def test_equal_odds_go_by_id_and_only_the_best_are_weighed() -> None:
    """The hundred and fifty-first of the fused ranks is not looked at."""
    fused = tuple(Hit(f"c{number:03}", 1.0) for number in reversed(range(WEIGHED + 1)))
    assert _ids(multiplied(fused, {}, ListScores(), lambda _: 1.0)) == [
        f"c{number:03}" for number in range(1, WEIGHED + 1)
    ]


def test_how_much_more_is_more_than_how_often_first() -> None:
    """Two lanes agree on the rank, one by a hair and one by far: the odds follow the latter."""
    ranks = {"together": {"a": 1, "b": 2}, "topic": {"b": 1, "a": 2}}
    of, who = Market({}, Filter(("en",)), NEUTRAL), Person("en", ("x",))
    by_hair = ListScores(together={"a": 5.0, "b": 4.0}, topic={"a": 0.1, "b": 0.9})
    by_far = replace(by_hair, together={"a": 50.0, "b": 4.0})
    assert _ids(ordered(who, Ranked(ranks, by_hair), lambda _: 1.0, of)) == ["b", "a"]
    assert _ids(ordered(who, Ranked(ranks, by_far), lambda _: 1.0, of)) == ["a", "b"]


def test_rarity_grows_with_the_courses_she_took() -> None:
    """What many took before counts against a course, and more so for one who took many."""
    beginner, keen = (Person("en", tuple("abcdefgh"[:count])) for count in (1, 8))
    assert rarity_of(beginner) == pytest.approx(0.2)
    assert rarity_of(keen) > rarity_of(beginner)


def test_a_course_nobody_took_is_welcomed_among_those_seldom_taken(course_of: Callable[..., Course]) -> None:
    """Of two as near, the one without an event stands above the one that was taken once, long ago."""
    courses = {each: course_of(each) for each in ("mine", "hot", "old", "new")}
    rows = [
        CourseRow(course_id="hot", events=9, popularity=9.0, at_ms=900 * DAY_MS),
        CourseRow(course_id="old", events=1, popularity=1.0, at_ms=DAY_MS),
    ]
    of = Market(
        courses, Filter(("en",), frozenset({"mine"})), CourseStatistics({each.course_id: each for each in rows})
    )
    who = Person("en", ("mine",))
    near = {"text": {"hot": 0.8, "new": 0.8, "old": 0.8}}
    fit = of.fit(None, "en")
    assert _ids(ordered(who, listed(who, near, fit, of), fit, of)) == ["hot", "new", "old"]
    assert of.statistics.chance("new", 0.2, 0.0) == pytest.approx(0.03 ** (0.7 * of.statistics.trust))
