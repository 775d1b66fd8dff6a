"""What each lane asks for, and how its hits score."""

from collections.abc import Callable

import pytest

from schemas.course import Course
from schemas.recommendation import RecommendationRequest
from schemas.standing import CourseRow
from services.recommender.core.asking.rules import composed
from services.recommender.core.retrieval.lanes import (
    admits,
    centroid,
    decayed,
    direction,
    excluded,
    fit,
    history_of,
    in_shares,
    interest,
    interest_scores,
    item_weights,
    near_scores,
    offsets,
    popular,
    searches,
    similar,
    topic_weights,
    words_history,
    words_query,
)
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
    """The direction of (1·a + ½·b) / 1.5, less the mean; a course that has no vector keeps its place."""
    assert centroid([(1.0, 0.0), (0.0, 1.0)], None) == pytest.approx((2 / 5**0.5, 1 / 5**0.5))
    assert centroid([(1.0, 0.0), None, (0.0, 1.0)], None) == pytest.approx((4 / 17**0.5, 1 / 17**0.5))
    assert centroid([(1.0, 0.0)], (0.25, 0.0)) == (1.0, 0.0)


def test_no_history_has_no_centre() -> None:
    """Neither has one that is the mean itself."""
    assert centroid([], (1.0,)) is None
    assert centroid([None], (1.0,)) is None
    assert centroid([(0.5, 0.5)], (0.5, 0.5)) is None


def test_interests_point_to_their_topics_courses() -> None:
    """The mean of a topic's courses, weighed by interest; a topic without courses says nothing."""
    means = {"email-marketing": (2.0, 0.0), "seo": (0.0, 1.0)}
    assert interest({"seo": 2.0, "unknown": 5.0}, means, None) == (0.0, 1.0)
    assert interest({"unknown": 1.0}, means, None) is None


def test_terms_of_older_courses_weigh_less() -> None:
    """½^r of each course that has a term, beside the terms of the present job."""
    history = [Terms((1, 2), (1.0, 1.0)), Terms((2,), (1.0,))]
    assert decayed(history) == Terms((1, 2), (1.0, 1.5))


def test_six_courses_are_looked_for_by_their_words(request_of: Callable[..., RecommendationRequest]) -> None:
    """And thirty speak for the person."""
    taken = [{"course_id": f"c{number}", **TAKEN} for number in range(40)]
    snapshot = request_of(history=taken).snapshot
    assert words_history(snapshot) == ("c0", "c1", "c2", "c3", "c4", "c5")
    assert len(history_of(snapshot)) == 30


def test_weights_are_shares_of_the_greatest() -> None:
    """So that interests weigh as the topics of a history do."""
    assert in_shares({"a": 4.0, "b": 1.0}) == {"a": 1.0, "b": 0.25}
    assert in_shares({}) == {}


def test_lanes_with_nothing_to_ask_by_are_left_out() -> None:
    """Only what has a vector or words is asked; interests look among the courses of their topics."""
    words = Terms((1,), (1.0,))
    assert searches({"imagined": None, "text": None}, {"words": Terms((), ())}, EN, {"a": 1}) == {}
    asked = searches(
        {"imagined": (1.0,), "text": (1.0,), "interests": (1.0,)}, {"words": words, "said": words}, EN, {"a": 1}
    )
    assert list(asked) == ["imagined", "text", "interests", "words", "said"]
    assert [each.where.topics for each in asked.values()] == [(), (), ("a",), (), ()]


def test_similarity_is_clamped_squared_and_weighed_by_standing() -> None:
    """What is not similar is no hit; the best is 1 times its factor."""
    standing = Standing({"b": CourseRow(course_id="b", popularity=1.0)})
    scored = near_scores(similar([Hit("a", 0.8), Hit("b", 0.4), Hit("c", -0.1)]), standing)
    assert scored == pytest.approx({"a": 0.05**0.5, "b": 0.25 * 1.05**0.5})


def test_the_means_part_of_a_similarity_is_taken_off() -> None:
    """The stored vectors hold the mean that the query is without."""
    parts = offsets({"text": (0.6, 0.8), "imagined": None}, (0.5, 0.0))
    assert parts == pytest.approx({"text": 0.3})
    assert offsets({"text": (0.6, 0.8)}, None) == {}
    assert near_scores(similar([Hit("a", 0.9), Hit("b", 0.6), Hit("c", 0.2)], 0.3), NEUTRAL) == pytest.approx(
        {"a": 1.0, "b": 0.25}
    )


def test_interests_weigh_topics_and_come_back_to_items(course_of: Callable[..., Course]) -> None:
    """Topic weight times nearness, plus the weight of a course she came back to; strangers are left out."""
    courses = {
        each.id: each for each in (course_of("a"), course_of("b", topics=("seo",)), course_of("c", topics=("crm",)))
    }
    near = {"a": 0.5, "b": 0.5, "unknown": 0.9}
    scored = interest_scores(near, {"email-marketing": 2.0}, {"c": 0.7, "gone": 3.0}, courses)
    assert scored == {"a": 1.0, "b": 0.0, "c": 0.7}


def test_popular_courses_of_her_topics_come_first(course_of: Callable[..., Course]) -> None:
    """Nothing is popular yet: the topic decides."""
    courses = [course_of("a", topics=("seo",)), course_of("b")]
    scores = popular(courses, {"email-marketing": 1.0}, NEUTRAL)
    assert scores["b"] > scores["a"] > 0


def test_the_catalogue_has_the_last_word(course_of: Callable[..., Course]) -> None:
    """Withdrawn, of another language, or excluded: not eligible."""
    courses = [
        course_of("a"), course_of("b", status="withdrawn"), course_of("c", language="es"), course_of("d"),
    ]  # fmt: skip
    where = Filter(("en",), frozenset({"d"}))
    assert [each.id for each in courses if admits(where, each)] == ["a"]


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


def test_a_mean_of_another_generation_is_left_aside() -> None:
    """In the instant of a swap a decision may hold the mean of the generation before."""
    assert direction([(1.0, (3.0, 4.0))], (1.0,)) == pytest.approx((0.6, 0.8))
    assert offsets({"text": (1.0, 0.0), "imagined": None}, (0.5,)) == {}
    assert offsets({"text": (1.0, 0.0)}, (0.5, 0.5)) == {"text": 0.5}
