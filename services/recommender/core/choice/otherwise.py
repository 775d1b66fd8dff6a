"""Where no course fits: the one that the playbook names for it, or why not even that."""

from collections.abc import Mapping
from dataclasses import replace

from schemas.course import Course
from schemas.decision import Refusal
from services.recommender.core.asking.rules import OTHERWISE
from services.recommender.core.person import Person
from services.recommender.core.values import NoneFits, Selected


def select_otherwise(
    person: Person, none: NoneFits, course_id: str | None, courses: Mapping[str, Course], default_language: str
) -> Selected | NoneFits:
    """The playbook's own course, surely; else that nothing is chosen, with what keeps the playbook's course back."""
    course = None if course_id is None else courses.get(course_id)
    refusal = None if course is None else _kept_back(course, person, default_language)
    if course is not None and refusal is None:
        return Selected(course, course.id, OTHERWISE, unfit=none.unfit, asked=none.asked)
    if course_id is not None and course is None:
        detail = "the catalogue has no such course: import it, or change `otherwise`"
        refusal = _refusal(course_id, "unknown_course", detail)
    is_any = any(_kept_back(each, person, default_language) is None for each in courses.values())
    return replace(none, is_any=is_any, refusals=none.refusals if refusal is None else (refusal,))


def _kept_back(course: Course, person: Person, default_language: str) -> Refusal | None:
    """Why this person may not get the course: in their language or the business's own, and none they took or got."""
    if course.status != "open":
        return _refusal(course.id, "not_open", f"it is {course.status}")
    if course.language not in {person.language, default_language}:
        return _refusal(course.id, "language", f"it is in {course.language}")
    if course.id in person.without:
        return _refusal(course.id, "known_to_person", "they took it, got it or declined it")
    return None


def _refusal(course_id: str, rule: str, detail: str) -> Refusal:
    return Refusal(attempt=OTHERWISE, rule=rule, detail=f"{course_id}: {detail}")
