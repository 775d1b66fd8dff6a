"""What a fused score is weighed by where no model picks."""

from collections.abc import Callable

import pytest

from schemas.course import Course
from schemas.recommendation import Candidate
from schemas.standing import CourseRow
from services.recommender.core.course_statistics import NEUTRAL, CourseStatistics
from services.recommender.core.person import Person
from services.recommender.core.ranking.outcome_prior import likeness, novelty, posterior
from services.recommender.core.values import Shortlist

DAY_MS = 86_400_000
NOW_MS = 1_795_500_000_000


def _of(good: float, bad: float) -> CourseStatistics:
    return CourseStatistics({"a": CourseRow(course_id="a", good=good, bad=bad, outcome_ms=NOW_MS)})


def test_outcomes_move_a_course_within_bounds() -> None:
    """Nothing known is 1; thirty mails that led to nothing halve it; good ones double it at most."""
    assert posterior("a", NOW_MS, NEUTRAL) == 1.0
    assert posterior("a", NOW_MS, _of(0, 5)) == pytest.approx(0.8)
    assert posterior("a", NOW_MS, _of(0, 300)) == 0.5
    assert posterior("a", NOW_MS, _of(1, 19)) == pytest.approx(1.0)
    assert posterior("a", NOW_MS, _of(9, 1)) == 2.0


def test_a_course_that_disappointed_recovers() -> None:
    """As its outcomes age it goes back to 1."""
    ages = [posterior("a", NOW_MS + days * DAY_MS, _of(0, 20)) for days in (0, 90, 180, 3_650)]
    assert ages == sorted(ages)
    assert ages[-1] == pytest.approx(1.0)


def test_what_she_ignored_makes_its_like_less_new(course_of: Callable[..., Course]) -> None:
    """The same topics cost .4 after the last mail, half of that after one more; other topics nothing."""
    courses = {"same": course_of("same"), "both": course_of("both", topics=("email-marketing", "crm"))}
    course, other = course_of("a"), course_of("b", topics=("seo",))
    assert novelty(course, ("same",), courses) == pytest.approx(0.6)
    assert novelty(course, (None, "same"), courses) == pytest.approx(0.8)
    assert novelty(course, ("both", "gone"), courses) == pytest.approx(0.8)
    assert novelty(other, ("same",), courses) == novelty(course, (), courses) == 1.0
    assert likeness(course, courses["both"]) == 0.5


def test_a_course_they_took_was_not_ignored(who_of: Callable[..., Person]) -> None:
    """It keeps its place, so that the older ones have recovered by it."""
    taken = [{"course_id": "b", "taken_at": "2026-10-01T00:00:00Z"}]
    who = who_of(recommended=["a", "b", "c"], completed=["c"], history=taken)
    assert who.passed_over == ("a", None, None)


@pytest.fixture
def found(course_of: Callable[..., Course]) -> Shortlist:
    """Three courses, two of them of one topic."""
    courses = [course_of("a"), course_of("b"), course_of("c", topics=("seo",))]
    scores = (1.0, 0.9, 0.6)
    candidates = [
        Candidate(course_id=each.id, title=each.title, lanes={"words": 1}, score=score)
        for each, score in zip(courses, scores, strict=True)
    ]
    return Shortlist(tuple(candidates), {each.id: each for each in courses}, "lanes", {"a": 0.5, "b": 1.0})


def test_the_pick_without_a_model_is_score_times_appeal(found: Shortlist) -> None:
    """A course whose mails led to nothing gives way to the next."""
    assert found.base == "b"
    assert Shortlist(found.candidates, found.courses, "lanes").base == "a"
