"""Ranked lists made one, by weighted reciprocal rank. Engines' own fusion breaks ties at random: it is not used."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, pairwise
from typing import TypeAlias

from services.recommender.core.rounding import to_five, to_six
from services.recommender.core.values import Hit
from services.recommender.core.weights import FLATNESS, RETRIEVERS

Pair: TypeAlias = tuple[str, float]
"""A hit before it is one: a course and its score."""
SAME = 1e-6  # a difference of two scores that is none
WIDER = 2  # times its depth: of a list what is looked at first


def in_order(found: Iterable[Pair], limit: int) -> tuple[Hit, ...]:
    """The best hits, highest score first, ties by course id: the same on every engine.

    Engines differ beyond the fifth decimal of one score.
    """
    rows = sorted([(-to_five(score), course_id, score) for course_id, score in found])
    return tuple([Hit(course_id, score) for _, course_id, score in rows[:limit]])


def is_whole(found: Sequence[Pair], kept: Sequence[Hit], limit: int, asked: int) -> bool:
    """Whether none that an engine left out can be among the first `limit` kept: of equal scores it drops any.

    Args:
        found: what the engine gave, in any order.
        kept: of these, what the search admits, in our order and cut at the limit.
        limit: how many are wanted.
        asked: how many the engine was asked for.
    """
    if len(found) < asked:
        return True
    least = min([score for _, score in found])
    return len(kept) == limit and to_five(least) < to_five(kept[-1].score)


def ranks(scores: Mapping[str, float], depth: int, fit: Callable[[str], float] = lambda _: 1.0) -> dict[str, int]:
    """The ranks of the best `depth` courses of a list, 1 first, among those that `fit` is above 0 for.

    Ties go by id; what scores nothing has no rank. Most courses are admitted: the best few are looked at first, and
    all of them only where these do not suffice.
    """
    found = _admitted(_best(scores, WIDER * depth), depth, fit)
    if len(found) < depth and len(scores) > WIDER * depth:
        found = _admitted(_best(scores, len(scores)), depth, fit)
    return {each: place for place, each in enumerate(found, start=1)}


def fused(
    lists: Mapping[str, Mapping[str, int]], fit: Callable[[str], float] | None = None, most: int | None = None
) -> tuple[Hit, ...]:
    """Every course of every list, best first: Σ w · (c + 1) / (c + rank), times its fit; ties by best rank, then id.

    Args:
        lists: retriever → course id → rank, from 1.
        fit: course id → factor in (0, 1]; None: all fit alike.
        most: how many are wanted; None: all.

    Laws: the order of the lists does not matter; one more list never lowers a course.
    """
    scores: dict[str, float] = {}
    for name in sorted(lists):
        top = RETRIEVERS[name].learner * (FLATNESS + 1)
        for course_id, rank in lists[name].items():
            scores[course_id] = scores.get(course_id, 0.0) + top / (FLATNESS + rank)
    if fit is not None:
        scores = {each: score * fit(each) for each, score in scores.items()}
    if most is not None and len(scores) > most:
        least = sorted(scores.values(), reverse=True)[most - 1] - SAME
        scores = {each: score for each, score in scores.items() if score >= least}
    ordered = sorted([(-to_six(score), each) for each, score in scores.items()])
    if tied := {one for (one, _), (other, _) in pairwise(ordered) if one == other}:
        ordered.sort(key=lambda of: (of[0], _best_rank(of[1], lists) if of[0] in tied else 0, of[1]))
    return tuple([Hit(each, -score) for score, each in ordered[:most]])


def _best_rank(course_id: str, lists: Mapping[str, Mapping[str, int]]) -> int:
    return min([ranks[course_id] for ranks in lists.values() if course_id in ranks])


def _best(scores: Mapping[str, float], most: int) -> list[tuple[float, str]]:
    """About the best `most`, best first: to sort the whole of a long list is what costs."""
    least = 0.0 if len(scores) <= most else sorted(scores.values(), reverse=True)[most - 1]
    return sorted((-score, each) for each, score in scores.items() if score >= least and score > 0)


def _admitted(best: Iterable[tuple[float, str]], depth: int, fit: Callable[[str], float]) -> list[str]:
    """The first `depth` that may be shown; those after them are not asked about."""
    return list(islice((each for _, each in best if fit(each)), depth))
