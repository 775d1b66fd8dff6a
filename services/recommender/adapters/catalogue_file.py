"""The import of a catalogue file: every good line is published, every bad one is named by line and field."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.course import Course
from schemas.topics import CATALOG_COURSES
from services.recommender.core.import_rows import BadRow, course_of
from services.runtime.outcome import Misconfigured, Send

BATCH = 500  # courses sent before the acks are awaited
MOST_LINE_BYTES = 1_000_000  # Kafka's default limit of a record

Publish = Callable[[Sequence[Send]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Import:
    """What an import came to."""

    courses: int
    bad: tuple[BadRow, ...]


async def import_catalogue(path: Path, publish: Publish | None, say: Callable[[str], None]) -> Import:
    """Publish the courses of a JSON Lines file; `publish` None: only check it. A later line of the same id is bad.

    Raises:
        Misconfigured: the file cannot be read.
        Unavailable: the broker did not take a course; those before it are there, and importing again changes nothing.
    """
    bad: list[BadRow] = []
    good: list[Course] = []
    seen: dict[str, int] = {}
    done = 0
    for line, raw in _lines(path):
        row = course_of(line, raw)
        if isinstance(row, Course) and row.id in seen:
            row = BadRow(line, f"id: expected each once, {row.id!r} is also in line {seen[row.id]}")
        if isinstance(row, BadRow):
            bad.append(row)
            say(f"{path}:{row.line}: {row.problem}")
            continue
        seen[row.id] = line
        good.append(row)
        if len(good) == BATCH:
            done += await _published(good, publish, say, done)
            good.clear()
    done += await _published(good, publish, say, done)
    return Import(done, tuple(bad))


async def _published(courses: Sequence[Course], publish: Publish | None, say: Callable[[str], None], done: int) -> int:
    if courses and publish is not None:
        await publish([Send(CATALOG_COURSES, each) for each in courses])
        say(f"{done + len(courses)} courses published")
    return len(courses)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(MOST_LINE_BYTES):
                number += 1
                if raw.strip():
                    yield number, raw
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}; expected a file with one course a line, as JSON") from error
