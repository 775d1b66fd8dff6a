"""One row of a catalogue file, as JSON or as cells of a table: a course, or what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from schemas.course import Course
from schemas.links import is_allowed_link
from schemas.problems import came, expected, place

MOST_PROBLEMS = 3  # named of one line
LISTS = frozenset({"topics", "skills", "takeaways", "after"})
BETWEEN = "|"  # within a cell that holds a list
MOST_HOSTS = 5  # named of those a link may lead to


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that holds no course: its number from 1, and what was expected of which field.

    `problem` names the first few, `every` all of them where there are more than one.
    """

    line: int
    problem: str
    every: tuple[str, ...] = field(default=(), compare=False)

    @property
    def problems(self) -> tuple[str, ...]:
        """All of them."""
        return self.every or (self.problem,)


@dataclass(frozen=True, slots=True)
class Business:
    """What will be asked of a course later: the hosts a mail may lead to, and the topics there are."""

    hosts: frozenset[str]
    topics: frozenset[str]


def refusal(line: int, course: Course, business: Business) -> BadRow | None:
    """Why no mail could ever show this course; None where one could, and of a course that is withdrawn."""
    if course.status != "open" or is_allowed_link(course.url, business.hosts):
        return None
    hosts = sorted(business.hosts)
    named = ", ".join(hosts[:MOST_HOSTS]) + (f" and {len(hosts) - MOST_HOSTS} more" if len(hosts) > MOST_HOSTS else "")
    return BadRow(
        line,
        f"url: expected plain https at a host of link_domains in brand.yaml ({named}), came {course.url!r}: "
        "no mail may lead there; mend the URL or name the host",
    )


def unknown_topics(course: Course, business: Business) -> tuple[str, ...]:
    """The topics it names that the business does not have, in its order; none of a course that is withdrawn."""
    if course.status != "open":
        return ()
    return tuple(each for each in course.topics if each not in business.topics)


def course_of(line: int, raw: bytes) -> Course | BadRow:
    """The course of one line of JSON, or its problems. Total: any bytes give one or the other."""
    try:
        return Course.model_validate_json(raw, extra="forbid")
    except ValidationError as error:
        return _bad(line, error)


def course_of_cells(line: int, header: Sequence[str], cells: Sequence[str]) -> Course | BadRow:
    """The course of one row of a table, or its problems; an empty cell is as if its column were not there."""
    if len(cells) != len(header):
        return BadRow(line, f"row: expected {len(header)} cells as in the header, came {len(cells)}")
    try:
        return Course.model_validate(_fields(dict(zip(header, cells, strict=True))))
    except ValidationError as error:
        return _bad(line, error)


def header_problem(header: Sequence[str]) -> str | None:
    """What keeps a table from being a catalogue; None where its columns are a course's fields, each once."""
    unknown = sorted({each for each in header if each not in Course.model_fields})
    missing = [name for name, field in Course.model_fields.items() if field.is_required() and name not in header]
    twice = sorted({each for each in header if header.count(each) > 1})
    found = [("unknown", unknown), ("missing", missing), ("more than once", twice)]
    said = "; ".join(f"{what}: {', '.join(map(repr, names))}" for what, names in found if names)
    return f"columns {said}; there are {', '.join(Course.model_fields)}" if said else None


def _fields(row: Mapping[str, str]) -> dict[str, Any]:
    filled = {name: cell.strip() for name, cell in row.items() if cell.strip()}
    return {
        name: tuple(each.strip() for each in cell.split(BETWEEN) if each.strip()) if name in LISTS else cell
        for name, cell in filled.items()
    }


def _bad(line: int, error: ValidationError) -> BadRow:
    problems = [f"{place(each, 'line')}: {expected(each)}{came(each)}" for each in error.errors(include_url=False)]
    rest = len(problems) - MOST_PROBLEMS
    first = "; ".join(problems[:MOST_PROBLEMS]) + (f"; and {rest} more" if rest > 0 else "")
    return BadRow(line, first, tuple(problems))
