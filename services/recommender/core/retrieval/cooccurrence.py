"""Counts of what people took together, and of what people with a topic took next, as scores of courses."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from services.recommender.core.course_statistics import CourseStatistics
from services.recommender.core.weights import HISTORY_LAST, TOPIC_DECAY, TOPIC_LAST, TOPIC_PRIOR


def together_scores(history: Sequence[str], without: Collection[str], statistics: CourseStatistics) -> dict[str, float]:
    """Σ_r together[a_r][course] / (r + 1) over the last 30 courses, newest first."""
    scores: dict[str, float] = {}
    for place, taken in enumerate(history[:HISTORY_LAST], start=1):
        for course_id, count in statistics.together(taken).items():
            scores[course_id] = scores.get(course_id, 0.0) + count / place
    return _less(scores, without)


def history_topics(topics_of: Iterable[Sequence[str]]) -> dict[str, float]:
    """The topics of the last four courses, newest first: Σ .7^r of those that have it."""
    weights: dict[str, float] = {}
    for place, topics in zip(range(TOPIC_LAST), topics_of, strict=False):
        for topic in topics:
            weights[topic] = weights.get(topic, 0.0) + TOPIC_DECAY**place
    return weights


def topic_scores(
    topics: Mapping[str, float], without: Collection[str], statistics: CourseStatistics
) -> dict[str, float]:
    """Σ_k weight_k · following[k][course] / (total_k + 20)."""
    scores: dict[str, float] = {}
    for topic, weight in topics.items():
        total, following = statistics.after(topic)
        share = weight / (total + TOPIC_PRIOR)
        for course_id, next_weight in following.items():
            scores[course_id] = scores.get(course_id, 0.0) + next_weight * share
    return _less(scores, without)


def in_shares(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights as shares of the greatest."""
    greatest = max(weights.values(), default=1.0)
    return {each: weight / greatest for each, weight in weights.items()}


def _less(scores: dict[str, float], without: Collection[str]) -> dict[str, float]:
    for each in without:
        scores.pop(each, None)
    return scores
