"""The n courses of a mail that shows more than one: good ones, and not the same thing said twice."""

from schemas.recommendation import Candidate
from services.recommender.core.appeal import likeness
from services.recommender.core.values import Shortlist
from services.recommender.core.weights import DIGEST_LIKENESS


def digest(found: Shortlist, n: int) -> tuple[Candidate, ...]:
    """The best course, then each time the best of what is left, where likeness to one that is in costs up to half.

    Law: each candidate at most once; as many as asked for, or as there are. Source: Carbonell and Goldstein, "The Use
    of MMR" (SIGIR 1998), with shared topics for similarity.
    """
    left = list(found.candidates)
    chosen: list[Candidate] = []
    while left and len(chosen) < n:
        best = max(left, key=lambda each: (_worth(each, chosen, found), -found.candidates.index(each)))
        left.remove(best)
        chosen.append(best)
    return tuple(chosen)


def _worth(candidate: Candidate, chosen: list[Candidate], found: Shortlist) -> float:
    course = found.courses[candidate.course_id]
    most = max((likeness(course, found.courses[each.course_id]) for each in chosen), default=0.0)
    return candidate.score * found.appeals.get(candidate.course_id, 1.0) * (1 - DIGEST_LIKENESS * most)
