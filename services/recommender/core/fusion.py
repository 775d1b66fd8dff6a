"""Ranked lists made one, by weighted reciprocal rank. Engines' own fusion breaks ties at random: it is not used."""

from collections.abc import Callable, Mapping, Sequence

from schemas.recommendation import Candidate
from services.recommender.core.values import Hit

FLATNESS = 20  # c; on real learners' histories 60, the customary one, costs .005 to .008 hit@10 (2026-11)
SCORE_DIGITS = 5  # engines differ beyond this many decimals of one score

WEIGHTS: Mapping[str, float] = {
    # lane: weight; those measured on 11,964 real learners' histories are marked
    "imagined": 1.0,  # not measurable there; the main lane where a person has no course history, which is most leads
    "centroid": 1.0,  # measured, as `text`
    "interests": 0.5,  # measured, as `topic`
    "words": 0.3,  # measured
    "popular": 1.0,  # alone, where no other lane is asked or answers
}


def in_order(hits: Sequence[Hit], limit: int) -> tuple[Hit, ...]:
    """The best hits, highest score first, ties by course id: the same on every engine."""
    return tuple(sorted(hits, key=lambda hit: (-round(hit.score, SCORE_DIGITS), hit.course_id))[:limit])


def ranks(hits: Sequence[Hit]) -> dict[str, int]:
    """The rank of each course in a lane; 1 is best."""
    return {hit.course_id: place for place, hit in enumerate(in_order(hits, len(hits)), start=1)}


def fused(
    lanes: Mapping[str, Mapping[str, int]],
    fit: Callable[[str], float],
    title: Callable[[str], str],
) -> tuple[Candidate, ...]:
    """Every course of every lane, best first: Σ w · (c + 1) / (c + rank), times its fit; ties by best rank, then id.

    Args:
        lanes: lane → course id → rank, from 1.
        fit: course id → factor in (0, 1].
        title: course id → its title.

    Laws: the order of the lanes does not matter; one more lane never lowers a course.
    """
    found = {course_id for lane in lanes.values() for course_id in lane}
    candidates = (_candidate(course_id, lanes, fit(course_id), title(course_id)) for course_id in found)
    return tuple(sorted(candidates, key=lambda each: (-each.score, min(each.lanes.values()), each.course_id)))


def with_new(
    ranked: Sequence[Candidate], words: Mapping[str, int], is_new: Callable[[str], bool], places: int
) -> tuple[Candidate, ...]:
    """The first `places`; where none of them is new, the last gives way to the best text match among new courses.

    Where all that was found is new, nothing is buried and nothing gives way.
    """
    first = tuple(ranked[:places])
    if len(ranked) <= places or any(is_new(each.course_id) for each in first):
        return first
    new = [each for each in ranked[places:] if is_new(each.course_id) and each.course_id in words]
    best = min(new, key=lambda each: words[each.course_id], default=None)
    return first if best is None else (*first[:-1], best)


def _candidate(course_id: str, lanes: Mapping[str, Mapping[str, int]], fit: float, title: str) -> Candidate:
    places = {lane: lanes[lane][course_id] for lane in sorted(lanes) if course_id in lanes[lane]}
    score = sum(WEIGHTS[lane] * (FLATNESS + 1) / (FLATNESS + rank) for lane, rank in places.items())
    return Candidate(course_id=course_id, title=title, lanes=places, score=round(score * fit, 6))
