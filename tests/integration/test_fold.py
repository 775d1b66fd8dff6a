"""A fold with a state of its own on the real broker."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from schemas import topics as table
from schemas.codec import decode
from schemas.standing import CourseRow, Taken, row_key
from services.recommender.adapters.catalogue.statistics_fold import StatisticsFold
from services.recommender.core.statistics_fold import State, fold, rows
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_fold import FoldPolicy, run_fold
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send
from tests.processes import new_process, run

pytestmark = pytest.mark.kafka
POLICY = FoldPolicy(
    "standing", "fold-test", table.COURSES_SIGNALS, table.CATALOG_STANDING, "recommender", most=50, linger_s=0.01
)
TOPICS = {f"c{number}": ("seo",) if number % 2 else ("crm", "seo") for number in range(40)}
ReadAll = Callable[[table.Topic], Awaitable[list[Any]]]


def _signals(count: int, first: int = 0) -> list[Taken]:
    """Persons who took one course after another."""
    numbers = range(first, first + count)
    return [
        Taken(
            course_id=f"c{number % 40}",
            earlier=tuple(f"c{(number - back) % 40}" for back in range(1, 1 + number % 7)),
            occurred_ms=1_795_500_000_000 + number * 10_000_000,
        )
        for number in numbers
    ]


async def _publish(address: str, *signals: Taken, poison: bytes | None = None) -> None:
    publisher = Publisher(Kafka(address), "test")
    await publisher.start()
    await publisher.send([Send(table.COURSES_SIGNALS, each) for each in signals])
    if poison is not None:
        await publisher.send_raw(table.COURSES_SIGNALS, b"c1", poison)
    await publisher.stop()


async def _run(address: str, read_all: ReadAll, until: int) -> dict[str, Any]:
    """One owner from start to stop, once so many courses taken are in the table; the table."""
    process = new_process()
    running = asyncio.create_task(
        run(process, run_fold(POLICY, Kafka(address), lambda: StatisticsFold(TOPICS), process))
    )
    async with asyncio.timeout(60):
        while True:
            found = {each.key.decode(): decode(table.CATALOG_STANDING, each.value)
                     for each in await read_all(table.CATALOG_STANDING)}  # fmt: skip
            if sum(each.events for each in found.values() if isinstance(each, CourseRow)) >= until or running.done():
                break
    assert running.done() or process.health.is_ready
    process.stop.set()
    await running
    return found


async def test_the_next_owner_goes_on_where_the_last_one_was(topics: str, read_all: ReadAll) -> None:
    """It reads its own rows and the offset beside them: the table is a refold, and no signal counts twice."""
    signals = _signals(300)
    await _publish(topics, *signals[:170], poison=b"\xff poison")
    await _run(topics, read_all, 170)
    await _publish(topics, *signals[170:])
    found = await _run(topics, read_all, 300)
    state = State()
    for each in signals:
        fold(state, each, TOPICS)
    assert found == {row_key(each): each for each in rows(state, state.keys)}
    assert [each.value for each in await read_all(table.dead_letters("recommender"))] == [b"\xff poison"]


async def test_a_row_of_somebody_else_stops_the_fold(topics: str, read_all: ReadAll) -> None:
    """A state with a hole would be folded on for ever: 78, and what to do; nothing is written."""
    publisher = Publisher(Kafka(topics), "test")
    await publisher.start()
    await publisher.send_raw(table.CATALOG_STANDING, b"course:c1", b"no row")
    await publisher.stop()
    await _publish(topics, *_signals(3))
    process = new_process()
    with pytest.raises(Ended, match="no row of ours") as ended:
        await asyncio.wait_for(
            run(process, run_fold(POLICY, Kafka(topics), lambda: StatisticsFold(TOPICS), process)), 60
        )
    assert ended.value.status is Status.MISCONFIGURED
    assert [each.value for each in await read_all(table.CATALOG_STANDING)] == [b"no row"]


async def test_a_bug_in_a_fold_ends_the_process(topics: str) -> None:
    """70, not silence."""

    class Broken(StatisticsFold):
        def fold(self, event: Any) -> Any:
            raise ZeroDivisionError(event)

    await _publish(topics, *_signals(1))
    process = new_process()
    with pytest.raises(Ended, match="ZeroDivisionError") as ended:
        await asyncio.wait_for(run(process, run_fold(POLICY, Kafka(topics), lambda: Broken(TOPICS), process)), 60)
    assert ended.value.status is Status.BUG
