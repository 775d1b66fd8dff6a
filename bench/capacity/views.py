"""Memory of a row of each table that a process holds whole, and how fast the one partition of signals is folded."""

import asyncio
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import orjson
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.structs import TopicPartition

from bench.index.made import Made
from bench.node import Place
from bench.profile.feed import Fed, write
from schemas.email import Suppression
from schemas.standing import CourseRow, Taken
from schemas.topics import CATALOG_COURSES, CATALOG_STANDING, COURSES_SIGNALS, EMAIL_SUPPRESSIONS
from services.recommender.__main__ import STATISTICS
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.catalogue.statistics_fold import StatisticsFold
from services.recommender.adapters.catalogue.statistics_table import StatisticsTable
from services.runtime.health import Health
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_fold import run_fold
from services.runtime.outcome import Message
from services.runtime.process import Process
from services.runtime.suppression_table import SuppressionTable

ROWS = 20_000
COURSES = 5_000
PARTNERS = 20  # of a course, as in the bench of decisions
EARLIER = 5  # courses of a person before this one
CHARACTERS = 1_000
SEED = 20_261_128
POLL_S = 0.05
NOW = datetime(2026, 11, 28, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1_000)


def of_rows() -> Iterator[tuple[str, float]]:
    """Bytes of memory a row of suppressions, catalogue and statistics take in their tables."""
    yield "suppressions", _grown(_suppressions, ROWS)
    yield "catalogue", _grown(_catalogue, COURSES)
    yield "statistics", _grown(_statistics, COURSES)


def _grown(fill: Callable[[], object], rows: int) -> float:
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    table = fill()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del table
    return (after - before) / rows


def _suppressions() -> SuppressionTable:
    table = SuppressionTable(b"k" * 32)
    for number in range(ROWS):
        event = Suppression(
            address_key=f"{number:032x}", purposes=("marketing",), state="suppressed", reason="unsubscribed", since=NOW,
            source="link",
        )  # fmt: skip
        raw = orjson.dumps(event.model_dump(mode="json"))
        table.apply(Message(EMAIL_SUPPRESSIONS, 0, number, event.address_key.encode(), event, 0, raw=raw))
    return table


def _catalogue() -> ViewedCatalogue:
    made, table = Made(), ViewedCatalogue()
    for number in range(COURSES):
        course = made.course(number, CHARACTERS)
        table.apply(Message(CATALOG_COURSES, 0, number, course.id.encode(), course, 0))
    return table


def _statistics() -> StatisticsTable:
    chance, table = random.Random(SEED), StatisticsTable()  # noqa: S311 a measurement's data
    for number in range(COURSES):
        partners = {f"c-{chance.randrange(COURSES)}": chance.randrange(1, 9) for _ in range(PARTNERS)}
        row = CourseRow(course_id=f"c-{number}", events=9, popularity=3.5, at_ms=NOW_MS, partners=partners)
        table.apply(Message(CATALOG_STANDING, 0, number, None, row, 0))
    return table


async def folded(place: Place, signals: int) -> tuple[float, float]:
    """CPU and seconds by the clock in which the recommender's fold takes so many signals from Kafka, all there."""
    await write(place.address, list(_signals(signals)))
    process = Process("bench", asyncio.Event(), Health("bench"))
    topics = {f"c-{number}": (f"topic-{number % 40}",) for number in range(COURSES)}
    kafka = Kafka(place.address)
    began, cpu = time.perf_counter(), time.process_time()
    run = asyncio.create_task(process.tasks.run(run_fold(STATISTICS, kafka, lambda: StatisticsFold(topics), process)))
    partition = TopicPartition(COURSES_SIGNALS.name, 0)
    admin = kafka.admin()
    await admin.start()
    try:
        while not run.done():
            with suppress(GroupCoordinatorNotAvailableError):  # the broker has just begun
                offsets = await admin.list_consumer_group_offsets(STATISTICS.group)
                if partition in offsets and offsets[partition].offset >= signals:
                    break
            await asyncio.sleep(POLL_S)
        return time.process_time() - cpu, time.perf_counter() - began
    finally:
        process.stop.set()
        if (end := await run) is not None:
            raise end
        await admin.close()


def _signals(count: int) -> Iterator[Fed]:
    chance = random.Random(SEED)  # noqa: S311 a measurement's data
    for _ in range(count):
        course, *earlier = (f"c-{min(int(chance.paretovariate(0.6)) - 1, COURSES - 1)}" for _ in range(EARLIER + 1))
        event = Taken(course_id=course, earlier=tuple(dict.fromkeys(earlier)), occurred_ms=NOW_MS)
        yield Fed(COURSES_SIGNALS.name, 0, orjson.dumps(event.model_dump(mode="json")), course.encode(), NOW_MS)
