"""A past, from a file to the statistics of its courses: through ingest, profile and the fold, as processes."""

import asyncio
import subprocess
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import decode
from schemas.standing import CourseRow, Taken
from schemas.topics import (
    CATALOG_COURSES,
    CATALOG_STANDING,
    COURSES_SIGNALS,
    EVENTS_CLEAN,
    PROFILE_CHANGELOG,
    RECOMMENDATION_REQUESTS,
    Topic,
)
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send
from services.runtime.program import read_catalogue
from tests.system.conftest import ROOT, SECRET, StartWorker
from tests.system.plan import Records, Watch
from tests.system.refold import checkpoints

pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.timeout(300)]
ReadAll = Callable[[Topic], Awaitable[list[Any]]]
CATALOGUE = list(read_catalogue(ROOT / "examples" / "academy" / "catalogue.jsonl"))
PERSONS = 40
PRIME = 89


async def test_a_past_becomes_the_statistics_of_courses(
    topics: str, worker: StartWorker, read_all: ReadAll, tmp_path: Path
) -> None:
    """Every enrolment is told once with the earlier ones, and counted; a second import changes nothing, none mails."""
    publisher = Publisher(Kafka(topics), "test")
    await publisher.start()
    await publisher.send([Send(CATALOG_COURSES, each) for each in CATALOGUE])
    await publisher.stop()
    pasts = _pasts()
    file = _file(tmp_path, pasts)
    workers = (
        worker("services.ingest consumer", "ingest"),
        worker("services.profile", "profile", PROFILE_DATA=str(tmp_path / "profile-data"), PROFILE_QUIET_PERIOD_S="1"),
        worker("tests.system.statistics_worker", "statistics"),
    )
    watch = Watch(topics, (EVENTS_CLEAN, CATALOG_STANDING, PROFILE_CHANGELOG), workers)
    await watch.start()
    count = sum(map(len, pasts.values()))
    assert f"{count} rows published, 1 are bad" in await _imported(file, topics)
    await watch.until(lambda: _events(watch.records) == count, "the past is counted")
    file.with_name(file.name + ".position").unlink()
    assert await workers[0].end() == 0  # with it goes ingest's window: the profile alone has to know the repeats
    workers[0].start()
    assert f"{count} rows published" in await _imported(file, topics)
    await watch.until(lambda: _events_of_packs(watch.records) == 2 * count, "the repeats are packed")
    await watch.until(lambda: _is_applied(watch.records), "the repeats are applied")
    signals = [decode(COURSES_SIGNALS, each.value) for each in await read_all(COURSES_SIGNALS)]
    wanted = sorted(
        (course, tuple(reversed(past[:place]))) for past in pasts.values() for place, course in enumerate(past)
    )
    assert sorted((each.course_id, each.earlier) for each in signals if isinstance(each, Taken)) == wanted
    assert len(signals) == count
    assert _together(watch.records) == _partners(pasts)
    assert await read_all(RECOMMENDATION_REQUESTS) == []
    await watch.stop()
    assert [await each.end() for each in workers] == [0, 0, 0]


def _pasts() -> dict[str, list[str]]:
    """What each person took, in order, no course twice: the number of courses is prime."""
    ids = sorted(each.id for each in CATALOGUE)[:PRIME]
    return {
        f"u{number}": [ids[(number * step + step) % len(ids)] for step in range(1 + number % 5)]
        for number in range(PERSONS)
    }


def _file(folder: Path, pasts: dict[str, list[str]]) -> Path:
    file = folder / "past.csv"
    lines = ["user_id,course_id,occurred_at", "u0,Not A Course,2025-01-01"]
    for person, past in pasts.items():
        lines += [f"{person},{course},2025-03-{day:02d}" for day, course in enumerate(past, 1)]
    file.write_text("\n".join(lines))
    return file


async def _imported(file: Path, address: str) -> str:
    def run() -> str:
        program = {"KINDLING_PROGRAM": "examples/academy"}
        environment = {"KINDLING_KAFKA_BOOTSTRAP_SERVERS": address, "KINDLING_SECRET": SECRET, "PATH": "", **program}
        command = [sys.executable, "-m", "services.ingest", "import-history", str(file)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 65, done.stdout + done.stderr
        return done.stdout

    return await asyncio.to_thread(run)


def _rows(records: Records) -> dict[bytes, CourseRow]:
    found = {each.key: decode(CATALOG_STANDING, each.value) for each in records[CATALOG_STANDING.name]}
    return {key: row for key, row in found.items() if isinstance(row, CourseRow)}


def _events(records: Records) -> int:
    return sum(row.events for row in _rows(records).values())


def _together(records: Records) -> dict[str, dict[str, int]]:
    return {row.course_id: row.partners for row in _rows(records).values() if row.partners}


def _events_of_packs(records: Records) -> int:
    return sum(len(decode(EVENTS_CLEAN, each.value)["events"]) for each in records[EVENTS_CLEAN.name])


def _is_applied(records: Records) -> bool:
    applied = checkpoints(records[PROFILE_CHANGELOG.name])
    ends = {each.partition: each.offset for each in records[EVENTS_CLEAN.name]}
    return all(applied.get(number, {}).get(EVENTS_CLEAN.short, -1) >= end for number, end in ends.items())


def _partners(pasts: dict[str, list[str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for past in pasts.values():
        for one in set(past):
            for two in set(past) - {one}:
                found[one][two] += 1
    return {course: dict(partners) for course, partners in found.items()}
