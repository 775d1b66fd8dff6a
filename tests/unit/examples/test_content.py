"""The academy registers what its story's leads read, watch and take."""

import re
from typing import Any

from schemas.course import Course
from schemas.program import Program

# What is nobody's page: words typed, and what an account does with a course.
NO_CONTENT = {"Site Searched", "Not Interested", "Course Shared", "Course Enrolled", "Course Completed"}
COURSE_PAGE = re.compile(r"/((es|de|fr)/)?(courses|cursos|kurse|cours)/")


def test_every_title_of_the_story_is_registered(
    program: Program, leads: list[dict[str, Any]], courses: tuple[Course, ...]
) -> None:
    """Or it is a course's own; a title that is missing here would reach neither query nor mail."""
    known = {each.title for each in program.content} | {each.title for each in courses}
    told = {title for lead in leads for step in lead["steps"] if (title := _title(step))}
    assert len(told) > 80
    assert told - known == set()


def test_no_piece_is_a_course(program: Program, courses: tuple[Course, ...]) -> None:
    """Courses are the catalogue's to name."""
    assert {each.id for each in program.content} & {each.id for each in courses} == set()


def _title(step: dict[str, Any]) -> str | None:
    if step.get("event") in NO_CONTENT or COURSE_PAGE.match(step.get("path", "")):
        return None
    title: str | None = step.get("title") or step.get("properties", {}).get("title")
    return title
