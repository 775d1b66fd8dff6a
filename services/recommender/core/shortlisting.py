"""Ten courses to pick from: lanes scored, ranked, fused, and held against the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.course import Course, Level
from schemas.recommendation import RecommendationRequest
from services.recommender.core.fusion import fused, ranks, with_new
from services.recommender.core.lanes import (
    eligible,
    excluded,
    fit,
    interest_scores,
    item_weights,
    near_scores,
    popular,
    topic_weights,
)
from services.recommender.core.standing import Standing
from services.recommender.core.values import Filter, Hit, Policy, Shortlist, Understanding

PLACES = 10
FEWEST = 3  # below it the business's own language is searched too


def own_language(request: RecommendationRequest) -> Filter:
    """What may be found: the person's language, and no course she took, finished, got or declined."""
    return Filter((request.language,), excluded(request.snapshot))


def wider(found: Shortlist, where: Filter, policy: Policy) -> Filter | None:
    """The filter to search again by, where too few were found in the person's language; else None."""
    if len(found.candidates) >= FEWEST or policy.default_language in where.languages:
        return None
    return Filter((*where.languages, policy.default_language), where.without)


@dataclass(frozen=True, slots=True)
class Market:
    """The courses that may be recommended to this person, and what everybody's behaviour says of them."""

    admitted: Mapping[str, Course]
    standing: Standing


def market(courses: Mapping[str, Course], where: Filter, standing: Standing) -> Market:
    """The market of one search."""
    return Market(eligible(courses, where), standing)


def concluded(
    request: RecommendationRequest, understood: Understanding, hits: Mapping[str, Sequence[Hit]], of: Market
) -> Shortlist:
    """The fused lanes; where none found anything, what is popular."""
    lanes = {name: ranks(_scored(name, request, found, of)) for name, found in hits.items()}
    if not any(lanes.values()):
        return popular_choice(request, of)
    level = understood.imagined.level if understood.imagined else None
    return _shortlist(request, lanes, of, level, "lanes" if "imagined" in lanes else "words")


def popular_choice(request: RecommendationRequest, of: Market) -> Shortlist:
    """The popular courses of the person's language and topics, with nothing else personal."""
    hits = popular(of.admitted, topic_weights(request.snapshot), of.standing)
    return _shortlist(request, {"popular": ranks(hits)}, of, None, "popular")


def _scored(lane: str, request: RecommendationRequest, hits: Sequence[Hit], of: Market) -> Sequence[Hit]:
    known = [hit for hit in hits if hit.course_id in of.admitted]
    if lane == "words":
        return known
    if lane == "interests":
        return interest_scores(known, topic_weights(request.snapshot), item_weights(request.snapshot), of.admitted)
    return near_scores(known, of.standing)


def _shortlist(
    request: RecommendationRequest,
    lanes: Mapping[str, Mapping[str, int]],
    of: Market,
    level: Level | None,
    rung: str,
) -> Shortlist:
    ranked = fused(
        lanes,
        fit=lambda course_id: fit(of.admitted[course_id], level, request.language),
        title=lambda course_id: of.admitted[course_id].title,
    )
    first = with_new(ranked, lanes.get("words", {}), of.standing.is_new, PLACES)
    return Shortlist(first, {each.course_id: of.admitted[each.course_id] for each in first}, rung)
