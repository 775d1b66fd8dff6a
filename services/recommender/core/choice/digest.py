"""The n courses of a mail that shows more than one: good ones, and not the same thing said twice."""

from collections.abc import Collection, Sequence

from schemas.course import Course
from services.recommender.core.ranking.outcome_prior import likeness
from services.recommender.core.values import Shortlist
from services.recommender.core.weights import DIGEST_LIKENESS


def digest(found: Shortlist, picked: Sequence[Course], unfit: Collection[str], n: int) -> tuple[Course, ...]:
    """The courses picked, then each time the best of what is left, where likeness to one that is in costs up to half.

    Laws: `picked` in their order, then candidates, each once; none of `unfit`; as many as asked for, or as there are;
    the same each time. Source: Carbonell and Goldstein, "The Use of MMR" (SIGIR 1998), with shared
    topics for similarity.
    """
    left = {each.course_id: _worth(each.course_id, each.score, found) for each in found.candidates}
    for each in (*unfit, *(course.id for course in picked)):
        left.pop(each, None)
    chosen = list(picked[:n])
    while left and len(chosen) < n:
        best = max(left, key=lambda each: left[each] * _news(found.courses[each], chosen))  # of equals the first
        del left[best]
        chosen.append(found.courses[best])
    return tuple(chosen)


def _worth(course_id: str, score: float, found: Shortlist) -> float:
    return score * found.appeals.get(course_id, 1.0)


def _news(course: Course, chosen: list[Course]) -> float:
    return 1 - DIGEST_LIKENESS * max(likeness(course, each) for each in chosen)
