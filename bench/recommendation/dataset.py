"""A folder with `courses.jsonl` and one `interactions*.csv` in COCO's columns, as courses and steps of learners."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from schemas.course import Course, Level

LANGUAGES = {
    "english": "en", "spanish": "es", "portuguese": "pt", "arabic": "ar", "german": "de", "chinese": "zh",
    "french": "fr", "thai": "th", "italian": "it", "russian": "ru", "turkish": "tr", "hindi": "hi", "vietnamese": "vi",
}  # fmt: skip
LEVELS: Mapping[str, Level] = {"intermediate": "intermediate", "esperto": "advanced"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SLUG = re.compile(r"[^a-z0-9._-]+")


class FolderError(Exception):
    """The folder does not hold what is replayed; the message says what is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """One learner took one course. `is_future`: it is to be foretold."""

    at_ms: int
    learner: str
    course_id: str
    is_future: bool


@dataclass(frozen=True, slots=True)
class Data:
    """All courses, and all steps in order of time; of one instant by learner and course."""

    courses: Mapping[str, Course]
    steps: Sequence[Step]


def read(folder: Path) -> Data:
    """The folder's courses and steps. Raises `FolderError`."""
    found = sorted(folder.glob("interactions*.csv"))
    if len(found) != 1 or not (folder / "courses.jsonl").is_file():
        raise FolderError(
            f"{folder}: expected courses.jsonl and one interactions*.csv; found {len(found)} of the latter"
        )
    courses = {each.id: each for each in _courses(folder / "courses.jsonl")}
    steps = sorted(_steps(found[0]), key=lambda each: (each.at_ms, each.learner, each.course_id))
    if unknown := {each.course_id for each in steps} - courses.keys():
        raise FolderError(f"{found[0]}: {len(unknown)} courses are not in courses.jsonl, first {min(unknown)}")
    return Data(courses, _first_times(steps))


def _courses(path: Path) -> Iterator[Course]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            yield _course(json.loads(line))
        except (ValueError, KeyError) as error:
            raise FolderError(f"{path}:{number}: {error}") from error


def _course(row: Mapping[str, Any]) -> Course:
    """Of the levels a course is for, its lowest; the catalogue has no descriptions, so the subject is said instead."""
    subjects = [each.replace("-", " ") for each in row["belong_to_category"]]
    return Course(
        id=f"c{row['pid']}",
        title=row["title"],
        description=f"A course on {subjects[-1]}, within {subjects[0]}.",
        url=f"https://academy.example.com/{row['pid']}",
        topics=tuple(dict.fromkeys(SLUG.sub("-", each) for each in row["belong_to_category"])),
        skills=tuple(row.get("related_to_concept", ())[:12]),
        level=LEVELS.get(next(iter(row.get("taught_in_level", ())), ""), "beginner"),
        language=LANGUAGES[row["taught_in_language"][0]],
        updated_at=EPOCH,
    )


def _steps(path: Path) -> Iterator[Step]:
    parts: dict[str, Literal[True, False]] = {"history": False, "future": True}
    with path.open(encoding="utf-8", newline="") as rows:
        for number, row in enumerate(csv.DictReader(rows), start=2):
            try:
                yield Step(int(row["timestamp"]) * 1000, row["uid"], f"c{row['pid']}", parts[row["part"]])
            except (KeyError, ValueError, TypeError) as error:
                raise FolderError(f"{path}:{number}: expected uid,pid,timestamp,part; {error!r}") from error


def _first_times(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Each course of a learner once: what the profile tells of her."""
    first: dict[tuple[str, str], Step] = {}
    for each in steps:
        first.setdefault((each.learner, each.course_id), each)
    return tuple(first.values())
