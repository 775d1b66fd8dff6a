"""One line of a catalogue file: a course, or what is wrong with it."""

from dataclasses import dataclass

from pydantic import ValidationError

from schemas.course import Course

MOST_PROBLEMS = 3  # named of one line


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that holds no course: its number from 1, and what was expected of which field."""

    line: int
    problem: str


def course_of(line: int, raw: bytes) -> Course | BadRow:
    """The course of one line of JSON, or its problems. Total: any bytes give one or the other."""
    try:
        return Course.model_validate_json(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        problems = [f"{'.'.join(map(str, each['loc'])) or 'line'}: {each['msg']}" for each in found]
        rest = len(problems) - MOST_PROBLEMS
        return BadRow(line, "; ".join(problems[:MOST_PROBLEMS]) + (f"; and {rest} more" if rest > 0 else ""))
