"""The import of a catalogue file: every good row is published, every bad one is named by line and field."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemas.course import Course
from schemas.topics import CATALOG_COURSES
from services.recommender.adapters.catalogue.rows import rows
from services.recommender.core.import_language import Detect, Difference, as_taken, difference
from services.recommender.core.import_rows import BadRow, Business, refusal, unknown_topics
from services.recommender.core.import_safety import Judge, Unsafe, unsafe
from services.runtime.outcome import Send

BATCH = 500  # courses sent before the acks are awaited

Publish = Callable[[Sequence[Send]], Awaitable[None]]


@dataclass(slots=True)
class Import:
    """What an import came to: courses published (in a dry run: good), those that were there as they are, bad rows.

    `unknown_topics`: by topic that the business does not have, how many courses name it.
    `differences`: the good rows that say another language than their text is in.
    `unsafe`: the good rows of which a mail will not say all.
    """

    courses: int = 0
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)
    unknown_topics: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    unsafe: list[Unsafe] = field(default_factory=list)


async def import_catalogue(  # noqa: PLR0913 the file, where it goes, and all it is held against
    path: Path,
    publish: Publish | None,
    say: Callable[[str], None],
    known: Mapping[str, Course] | None = None,
    *,
    business: Business | None = None,
    detect: Detect | None = None,
    judge: Judge | None = None,
    batch: int = BATCH,
) -> Import:
    """Publish the courses of a file; `publish` None: only check it. A later row of the same id is bad.

    Where the `business` is given, a course that no mail could lead to is bad, and topics it does not have are counted.
    With `detect` a course is taken in the language of its text where that is long enough and sure; each difference is
    said. With `judge` it is said what of a course no mail will say. What is `known` as it is taken is not published
    again: so an interrupted import goes on.

    Raises:
        Misconfigured: the file cannot be read.
        Unavailable: the broker did not take a course; those before it are there.
    """
    done = Import()
    good: list[Course] = []
    seen: dict[str, int] = {}
    share = 0.0
    for line, found, share in rows(path):
        row = _checked(line, found, seen, business)
        if isinstance(row, BadRow):
            done.bad.append(row)
            say(f"{path}:{row.line}: {row.problem}")
            continue
        seen[row.id] = line
        if detect is not None and (told := difference(line, row, detect)) is not None:
            done.differences.append(told)
            say(f"{path}:{line}: warning: {told.sentence}")
            row = as_taken(row, told)
        if judge is not None:
            _note(unsafe(line, row, judge), f"{path}:{line}", done, say)
        if business is not None:
            done.unknown_topics.update(unknown_topics(row, business))
        if known is not None and known.get(row.id) == row:
            done.unchanged += 1
            continue
        good.append(row)
        if len(good) == batch:
            await _publish(good, publish, done, say, share)
    await _publish(good, publish, done, say, 1.0)
    return done


def _note(found: Unsafe | None, where: str, done: Import, say: Callable[[str], None]) -> None:
    if found is not None:
        done.unsafe.append(found)
        say(f"{where}: warning: {found.sentence}")


def _checked(line: int, row: Course | BadRow, seen: Mapping[str, int], business: Business | None) -> Course | BadRow:
    if isinstance(row, BadRow):
        return row
    if row.id in seen:
        return BadRow(line, f"id: expected each once, {row.id!r} is also in line {seen[row.id]}")
    return row if business is None else refusal(line, row, business) or row


async def _publish(
    good: list[Course], publish: Publish | None, done: Import, say: Callable[[str], None], share: float
) -> None:
    if good and publish is not None:
        await publish([Send(CATALOG_COURSES, each) for each in good])
    done.courses += len(good)
    good.clear()
    if publish is not None:
        say(f"{share:4.0%} read: {done.courses} courses published, {done.unchanged} unchanged, {len(done.bad)} bad")
