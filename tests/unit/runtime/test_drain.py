"""While a partition drains or is given away nothing new begins: what began then might be cut off in its middle."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from schemas import topics as table
from schemas.email import PrivacyRequest
from services.runtime.clock import now
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import AsidePolicy, LoopPolicy
from services.runtime.outcome import Emit, Later, Message, Outcome
from services.runtime.process import Process
from tests.fake_kafka import FakeKafka
from tests.processes import new_process

SOURCE = table.PRIVACY_REQUESTS
WHERE = TopicPartition(SOURCE.name, 0)
ASIDE = AsidePolicy(table.ASIDE_CONNECTOR, lambda _, __: Emit(()))
POLICY = LoopPolicy("connector", "a group", (SOURCE,), in_flight=4, aside=ASIDE)
WAITS = 0  # the offset of what is set aside


class Why(StrEnum):
    """Why it waits."""

    GREYLISTED = "greylisted"


class Stage:
    """A handler that sets the first record aside, due at once, and holds every other until it is let go."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, bool]] = []
        self.let_go = asyncio.Event()

    async def __call__(self, message: Message) -> Outcome:
        """Its outcome."""
        self.begun.append((message.offset, bool(message.tries)))
        if message.offset == WAITS and not message.tries:
            return Later(now() - timedelta(seconds=1), Why.GREYLISTED)
        if message.offset != WAITS:
            await self.let_go.wait()
        return Emit(())


class Looking:
    """Who looks for what was set aside finds it when it is let."""

    def __init__(self, kafka: FakeKafka) -> None:
        self.begun, self.found = asyncio.Event(), asyncio.Event()
        kafka.on_look = self

    async def __call__(self) -> None:
        """Wait."""
        self.begun.set()
        await self.found.wait()


def _request(offset: int, key: bytes | None = None) -> Any:
    event = PrivacyRequest(
        id=str(offset), action="export", person="u:1", occurred_at=datetime(2026, 1, 1, tzinfo=UTC), requested_by="test"
    )
    at_ms = int(now().timestamp() * 1000)
    return ConsumerRecord(SOURCE.name, 0, offset, at_ms, 0, key, event.model_dump_json().encode(), None, 0, 0, ())


async def _turns() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


async def _owned(kafka: FakeKafka, stage: Stage, process: Process) -> "asyncio.Task[None]":
    """The loop at work, when the first record is set aside and the next one is in flight."""
    loop = process.tasks.start("loop", run_loop(POLICY, kafka.kafka, stage, process))
    while not kafka.consumers or kafka.consumers[-1].listener is None:
        await asyncio.sleep(0)
    await kafka.consumers[-1].listener.on_partitions_assigned([WHERE])
    while kafka.committed.get(WHERE, 0) < 1 or (1, False) not in stage.begun:
        await asyncio.sleep(0)
    return loop


async def _run(process: Process, act: Coroutine[Any, Any, None]) -> None:
    async with asyncio.timeout(30):
        assert await process.tasks.run(act) is None


async def test_what_comes_due_during_a_drain_is_left_to_the_next_owner() -> None:
    """Its pointer stays as it was."""
    kafka, stage, process = FakeKafka([_request(WAITS), _request(1)]), Stage(), new_process()
    looking = Looking(kafka)

    async def act() -> None:
        loop = await _owned(kafka, stage, process)
        await looking.begun.wait()
        process.stop.set()
        await _turns()
        looking.found.set()
        await _turns()
        stage.let_go.set()
        await loop

    await _run(process, act())
    assert stage.begun == [(WAITS, False), (1, False)]
    assert kafka.committed == {WHERE: 2}
    assert len(kafka.written[TopicPartition(table.ASIDE_CONNECTOR.name, 0)]) == 1


async def test_what_is_behind_another_of_its_key_does_not_begin_during_a_drain() -> None:
    """The one at work ends and is committed; who owns the partition next takes the other."""
    kafka, stage, process = FakeKafka([_request(each, b"k") for each in range(4)]), Stage(), new_process()
    Looking(kafka)

    async def act() -> None:
        loop = await _owned(kafka, stage, process)
        await _turns()
        process.stop.set()
        await _turns()
        stage.let_go.set()
        await loop

    await _run(process, act())
    assert stage.begun == [(WAITS, False), (1, False)]
    assert kafka.committed == {WHERE: 2}


async def test_what_is_being_looked_up_when_the_partition_goes_waits_for_its_return() -> None:
    """Its record is found while nothing may be published; it begins when the partition is back."""
    kafka, stage, process = FakeKafka([_request(WAITS), _request(1)]), Stage(), new_process()
    looking = Looking(kafka)

    async def act() -> None:
        loop = await _owned(kafka, stage, process)
        await looking.begun.wait()
        listener = kafka.consumers[-1].listener
        await listener.on_partitions_revoked([WHERE])
        looking.found.set()
        await _turns()
        assert stage.begun == [(WAITS, False), (1, False)]
        await listener.on_partitions_assigned([WHERE])
        while (WAITS, True) not in stage.begun:
            await asyncio.sleep(0)
        stage.let_go.set()
        process.stop.set()
        await loop

    await _run(process, act())


async def test_a_partition_that_comes_during_a_drain_is_not_begun() -> None:
    """Who stops takes nothing up, of what was set aside neither."""
    kafka, stage, process = FakeKafka([_request(WAITS), _request(1)]), Stage(), new_process()
    looking = Looking(kafka)

    async def act() -> None:
        loop = await _owned(kafka, stage, process)
        await looking.begun.wait()
        process.stop.set()
        await _turns()
        listener = kafka.consumers[-1].listener
        await listener.on_partitions_assigned([])
        looking.found.set()
        await listener.on_partitions_assigned([WHERE])
        await _turns()
        await loop

    await _run(process, act())
    assert stage.begun == [(WAITS, False), (1, False)]
    assert kafka.committed == {WHERE: 1}
