"""Where no course fits: the one that the playbook names for it, or why not even that."""

from collections.abc import Mapping
from dataclasses import replace

from schemas.course import Course
from schemas.decision import Refusal
from schemas.recommendation import Pick, RecommendationRequest
from services.recommender.core.asking.prompt_data import CONVERSION
from services.recommender.core.asking.rules import otherwise_reason
from services.recommender.core.choice.selection import NoPick, Picked
from services.recommender.core.endings import Reason
from services.recommender.core.retrieval.lanes import admits, excluded
from services.recommender.core.values import Filter, Policy, Shortlist

RUNG = "otherwise"


def instead(
    request: RecommendationRequest, none: NoPick, found: Shortlist, courses: Mapping[str, Course], policy: Policy
) -> Picked | NoPick:
    """The playbook's own course, surely; else that nothing is picked, with what keeps the playbook's course back."""
    course_id = policy.playbook_otherwise.get(request.trigger.playbook)
    if course_id is None:
        return none
    course = courses.get(course_id)
    where = may_get(request, policy)
    if course is None or not admits(where, course):
        return replace(none, refusals=(_refusal(course_id, course, where),))
    pick = Pick(course_id=course.id, reason=otherwise_reason(request), cites=(CONVERSION,), propensity=1.0)
    return Picked(pick, course.id, RUNG, (course,), frozenset(found.courses), none.asked)


def why_none(request: RecommendationRequest, courses: Mapping[str, Course], policy: Policy) -> Reason:
    """Whether there is no course at all that this person may get, or none of those that fits."""
    where = may_get(request, policy)
    return Reason.NOTHING_FITS if any(admits(where, each) for each in courses.values()) else Reason.NO_CANDIDATE


def may_get(request: RecommendationRequest, policy: Policy) -> Filter:
    """What may be recommended at all: their language or the business's own; no course taken, sent or declined."""
    return Filter((request.language, policy.default_language), excluded(request.snapshot))


def _refusal(course_id: str, course: Course | None, where: Filter) -> Refusal:
    if course is None:
        rule, detail = "unknown_course", "the catalogue has no such course: import it, or change `otherwise`"
    elif course.status != "open":
        rule, detail = "not_open", f"it is {course.status}"
    elif course.language not in where.languages:
        rule, detail = "language", f"it is in {course.language}"
    else:
        rule, detail = "known_to_person", "they took it, got it or declined it"
    return Refusal(attempt=RUNG, rule=rule, detail=f"{course_id}: {detail}")
