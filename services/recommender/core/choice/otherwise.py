"""Where no course fits: the one that the playbook names for it, or why not even that."""

from collections.abc import Mapping
from dataclasses import replace

from schemas.course import Course
from schemas.decision import Refusal
from schemas.recommendation import Pick
from services.recommender.core.asking.prompt_data import CONVERSION
from services.recommender.core.asking.rules import otherwise_reason
from services.recommender.core.choice.selection import NoPick, Picked
from services.recommender.core.endings import Reason
from services.recommender.core.person import Person
from services.recommender.core.values import Policy

RUNG = "otherwise"


def instead(
    person: Person, none: NoPick, course_id: str | None, courses: Mapping[str, Course], policy: Policy
) -> Picked | NoPick:
    """The playbook's own course, surely; else that nothing is picked, with what keeps the playbook's course back."""
    if course_id is None:
        return none
    course = courses.get(course_id)
    if course is None:
        detail = "the catalogue has no such course: import it, or change `otherwise`"
        return replace(none, refusals=(_refusal(course_id, "unknown_course", detail),))
    if (refusal := _kept_back(course, person, policy)) is not None:
        return replace(none, refusals=(refusal,))
    pick = Pick(course_id=course.id, reason=otherwise_reason(person.language), cites=(CONVERSION,), propensity=1.0)
    return Picked(pick, course.id, RUNG, (course,), none.unfit, none.asked)


def why_none(person: Person, courses: Mapping[str, Course], policy: Policy) -> Reason:
    """Whether there is no course at all that this person may get, or none of those that fits."""
    is_any = any(_kept_back(each, person, policy) is None for each in courses.values())
    return Reason.NOTHING_FITS if is_any else Reason.NO_CANDIDATE


def _kept_back(course: Course, person: Person, policy: Policy) -> Refusal | None:
    """Why this person may not get the course: in their language or the business's own, and none they took or got."""
    if course.status != "open":
        return _refusal(course.id, "not_open", f"it is {course.status}")
    if course.language not in {person.language, policy.default_language}:
        return _refusal(course.id, "language", f"it is in {course.language}")
    if course.id in person.without:
        return _refusal(course.id, "known_to_person", "they took it, got it or declined it")
    return None


def _refusal(course_id: str, rule: str, detail: str) -> Refusal:
    return Refusal(attempt=RUNG, rule=rule, detail=f"{course_id}: {detail}")
