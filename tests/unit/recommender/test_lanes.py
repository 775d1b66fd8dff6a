"""What each lane asks for, and how its hits score."""

from collections.abc import Callable

from schemas.course import Course
from schemas.recommendation import RecommendationRequest
from services.recommender.core.lanes import (
    centroid,
    eligible,
    excluded,
    fit,
    interest_scores,
    item_weights,
    mean_of,
    near_scores,
    popular,
    searches,
    topic_weights,
    words_query,
)
from services.recommender.core.rules import composed
from services.recommender.core.standing import NEUTRAL, Standing
from services.recommender.core.values import Filter, Hit, Policy, Terms

EN = Filter(("en",))
TAKEN = {"taken_at": "2026-10-01T00:00:00Z"}


def test_what_she_has_or_declined_is_excluded(request_of: Callable[..., RecommendationRequest]) -> None:
    """Completed, taken, recommended and declined courses."""
    request = request_of(
        completed=["a"],
        recommended=["b"],
        history=[{"course_id": "c", **TAKEN}],
        interests=[{"key": "item:d", "weight": -2}, {"key": "item:e", "weight": 1}, {"key": "topic:f", "weight": -1}],
    )
    assert excluded(request.snapshot) == {"a", "b", "c", "d"}


def test_three_strongest_topics_count(request_of: Callable[..., RecommendationRequest]) -> None:
    """Negative topics and items are none of them."""
    weights = {"topic:a": 1, "topic:b": 3, "topic:c": 2, "topic:d": 0.5, "topic:e": -9, "item:f": 8}
    snapshot = request_of(interests=[{"key": key, "weight": weight} for key, weight in weights.items()]).snapshot
    assert list(topic_weights(snapshot)) == ["b", "c", "a"]
    assert item_weights(snapshot) == {"f": 8}


def test_a_step_back_in_history_counts_half() -> None:
    """(1·a + ½·b) / 1.5, less the mean."""
    assert centroid([(1.0, 0.0), (0.0, 1.0)], None) == (2 / 3, 1 / 3)
    assert centroid([(1.0, 0.0)], (0.25, 0.25)) == (0.75, -0.25)


def test_no_history_has_no_centre() -> None:
    """Neither has one that is the mean itself."""
    assert centroid([], (1.0,)) is None
    assert centroid([(0.5, 0.5)], (0.5, 0.5)) is None


def test_mean_of_nothing_is_none() -> None:
    """A mean is by component."""
    assert mean_of([]) is None
    assert mean_of([(1.0, 0.0), (0.0, 1.0)]) == (0.5, 0.5)


def test_lanes_with_nothing_to_ask_by_are_left_out() -> None:
    """Only what has a vector, words or topics is asked."""
    words = Terms((1,), (1.0,))
    assert list(searches(None, None, Terms((), ()), EN, {"a": 1})) == []
    assert list(searches((1.0,), None, words, EN, {})) == ["imagined", "words"]
    assert list(searches((1.0,), (1.0,), words, EN, {"a": 1})) == ["imagined", "interests", "centroid", "words"]


def test_similarity_is_clamped_squared_and_weighed_by_standing() -> None:
    """What is not similar is no hit; the best is 1 times its factor."""
    standing = Standing(popularity={"b": 1.0})
    scored = near_scores([Hit("a", 0.8), Hit("b", 0.4), Hit("c", -0.1)], standing)
    assert [each.course_id for each in scored] == ["a", "b"]
    assert scored[0].score == 0.05**0.5
    assert scored[1].score == 0.25 * 1.05**0.5


def test_interests_weigh_topics_and_come_back_to_items(course_of: Callable[..., Course]) -> None:
    """Topic weight times similarity, plus the weight of a course she came back to; strangers are left out."""
    courses = {
        each.id: each for each in (course_of("a"), course_of("b", topics=("seo",)), course_of("c", topics=("crm",)))
    }
    hits = [Hit("a", 0.5), Hit("b", 0.5), Hit("unknown", 0.9)]
    scored = interest_scores(hits, {"email-marketing": 2.0}, {"c": 0.7, "gone": 3.0}, courses)
    assert {each.course_id: each.score for each in scored} == {"a": 1.0, "c": 0.7}


def test_popular_courses_of_her_topics_come_first(course_of: Callable[..., Course]) -> None:
    """Nothing is popular yet: the topic decides."""
    courses = {each.id: each for each in (course_of("a", topics=("seo",)), course_of("b"))}
    scores = {each.course_id: each.score for each in popular(courses, {"email-marketing": 1.0}, NEUTRAL)}
    assert scores["b"] > scores["a"] > 0


def test_the_catalogue_has_the_last_word(course_of: Callable[..., Course]) -> None:
    """Withdrawn, of another language, or excluded: not eligible."""
    courses = [
        course_of("a"), course_of("b", status="withdrawn"), course_of("c", language="es"), course_of("d"),
    ]  # fmt: skip
    assert list(eligible({each.id: each for each in courses}, Filter(("en",), frozenset({"d"})))) == ["a"]


def test_level_and_language_damp(course_of: Callable[..., Course]) -> None:
    """Each step of level costs, and so does another language; an unknown level suits all."""
    advanced = course_of("a", level="advanced")
    assert fit(advanced, "advanced", "en") == 1.0
    assert fit(advanced, "intermediate", "en") == 0.9
    assert fit(advanced, "beginner", "en") == 0.7
    assert fit(advanced, None, "en") == 1.0
    assert fit(advanced, "advanced", "es") == 0.6


def test_words_come_from_the_imagined_course_and_what_she_read(
    request_of: Callable[..., RecommendationRequest], policy: Policy
) -> None:
    """Negative signals and addresses are not looked for."""
    signal = {"id": "s1", "kind": "read", "last_at": "2026-11-03T09:00:00Z", "count": 1}
    signals = [signal | {"title": "Good read by a@b.c", "weight": 1}, signal | {"title": "Bad read", "weight": -1}]
    request = request_of(signals=signals)
    text = words_query(request, composed(request, policy.topics, {}), ["Email marketing"])
    assert "Good read by [address]" in text
    assert "Bad read" not in text
    assert "Email automation checklist" in text
