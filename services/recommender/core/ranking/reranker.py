"""How likely each course is to be the next of a person who took some: what every list says of it, multiplied.

A sum of ranks forgets by how much the first is better than the second. So the best of the fused ranks are weighed once
more: each list gives a course a factor of at least one, and everybody's behaviour gives what it starts from
(`CourseStatistics.chance`). These are the odds of a conditional logit, fitted on half of the learners of
`bench/recommendation`; its powers are declared in `weights.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp

from services.recommender.core.rounding import to_six
from services.recommender.core.values import Hit, Scores
from services.recommender.core.weights import (
    FLATNESS,
    FUSED_POWER,
    JUDGED_STRENGTH,
    NEAR_STRENGTH,
    RETRIEVERS,
    TOGETHER_POWER,
    TOPIC_POWER,
    TOPIC_STEEPNESS,
    WEIGHED,
    WORDS_STRENGTH,
)


@dataclass(frozen=True, slots=True)
class ListScores:
    """What the lists of a person's courses say, by course. What is absent says nothing of it.

    `near` is of 0 to 1 (`nearness`), `words` as the index scores them, `together` and `topic` as counted.
    """

    near: Scores = field(default_factory=dict)
    words: Scores = field(default_factory=dict)
    together: Scores = field(default_factory=dict)
    topic: Scores = field(default_factory=dict)


NO_SCORES = ListScores()
MEASURED = {"text": "near", "words": "words", "together": "together", "topic": "topic"}
"""Retriever → the part of the scores that it is."""


def judged_sums(lists: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """Σ w · (c + 1) / (c + rank) of the lists that were judged, not measured: what a model imagined, what she read."""
    sums: dict[str, float] = {}
    for name in sorted(lists.keys() - MEASURED.keys()):
        top = RETRIEVERS[name].learner * (FLATNESS + 1)
        for course_id, rank in lists[name].items():
            sums[course_id] = sums.get(course_id, 0.0) + top / (FLATNESS + rank)
    return sums


def multiplied(
    fused: Sequence[Hit], judged: Scores, of: ListScores, chance: Callable[[str], float], places: int = WEIGHED
) -> tuple[Hit, ...]:
    """The most likely of the best of the fused ranks, ties by id.

    fused^.4 · e^(1.1 near + .3 words + 4.5 judged) · (1 + together)^.75 · (1 + 20 topic)^.2 · chance, with words and
    topic as shares of their greatest.

    Args:
        fused: which courses there are, by their fused ranks.
        judged: what the judged lists say.
        of: what the measured lists say.
        chance: course id → what everybody's behaviour says of it.
        places: how many are wanted.

    Law: whatever a list says of a course never lowers it among the same courses.
    """
    near, words, together, topic = of.near, of.words, of.together, of.topic
    most_words, most_topic = (max(each.values(), default=0.0) or 1.0 for each in (words, topic))
    scores = []
    for each, score in fused[:WEIGHED]:
        strength = NEAR_STRENGTH * near.get(each, 0.0) + WORDS_STRENGTH * (words.get(each, 0.0) / most_words)
        odds = score**FUSED_POWER * exp(strength + JUDGED_STRENGTH * judged.get(each, 0.0))
        if each in together:
            odds *= (1.0 + together[each]) ** TOGETHER_POWER
        if each in topic:
            odds *= (1.0 + TOPIC_STEEPNESS * (topic[each] / most_topic)) ** TOPIC_POWER
        scores.append((-to_six(odds * chance(each)), each))
    return tuple(Hit(each, -score) for score, each in sorted(scores)[:places])
