"""A partition that was given away publishes nothing more, however its process goes on."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from aiokafka import TopicPartition

from schemas import topics as table
from schemas.email import PrivacyRequest
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.outcome import Emit, Message, Outcome
from tests.fake_kafka import FakeKafka, FakeProducer, record
from tests.processes import new_process

SOURCE = table.PRIVACY_REQUESTS
WHERE = TopicPartition(SOURCE.name, 0)
POLICY = LoopPolicy("composer", "a group", (SOURCE,), session_s=0.01, drain_s=1.0)


def _request(offset: int) -> Any:
    request = PrivacyRequest(
        id=str(offset), action="export", person="u:1", occurred_at=datetime(2026, 1, 1, tzinfo=UTC), requested_by="test"
    )
    return record(SOURCE.name, offset, request.model_dump_json().encode())


async def _assigned(kafka: FakeKafka) -> Any:
    while not kafka.consumers or kafka.consumers[-1].listener is None:
        await asyncio.sleep(0)
    listener = kafka.consumers[-1].listener
    await listener.on_partitions_assigned([WHERE])
    return listener


async def test_a_stop_after_a_transaction_was_called_off_is_in_order() -> None:
    """What it held may be committed or not: the next owner finds out, and nobody uses its producer again."""
    kafka, process = FakeKafka([_request(0), _request(1)]), new_process()
    handled, commits = asyncio.Event(), 0

    async def handle(message: Message) -> Outcome:
        if message.offset == 1:
            handled.set()
        return Emit(())

    async def hang(_: FakeProducer) -> None:
        nonlocal commits
        commits += 1
        await asyncio.Event().wait()

    kafka.on_commit = hang

    async def act() -> None:
        loop = process.tasks.start("loop", run_loop(POLICY, kafka.kafka, handle, process))
        listener = await _assigned(kafka)
        await handled.wait()  # the publisher waits for company: it is the settling that begins the transaction
        await listener.on_partitions_revoked([WHERE])
        assert commits == 1
        process.stop.set()
        await loop

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert commits == 1


async def test_what_ends_after_its_partition_was_given_away_is_not_published() -> None:
    """It is the next owner's: a stop in between publishes it no more than a rebalance does."""
    kafka, process = FakeKafka([_request(0)]), new_process()
    begun, let_go = asyncio.Event(), asyncio.Event()

    async def handle(_: Message) -> Outcome:
        begun.set()
        await let_go.wait()
        return Emit(())

    async def act() -> None:
        loop = process.tasks.start("loop", run_loop(POLICY, kafka.kafka, handle, process))
        listener = await _assigned(kafka)
        await begun.wait()
        await listener.on_partitions_revoked([WHERE])
        process.stop.set()
        let_go.set()
        await loop

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert kafka.committed == {}


async def test_a_drain_that_is_cut_off_publishes_nothing_more() -> None:
    """A transaction that takes longer than the drain is called off once, and the stop is in order."""
    kafka, process = FakeKafka([_request(0), _request(1)]), new_process()
    handled, commits = asyncio.Event(), 0

    async def handle(message: Message) -> Outcome:
        if message.offset == 1:
            handled.set()
        return Emit(())

    async def hang(_: FakeProducer) -> None:
        nonlocal commits
        commits += 1
        await asyncio.Event().wait()

    kafka.on_commit = hang

    async def act() -> None:
        policy = LoopPolicy("composer", "a group", (SOURCE,), drain_s=0.01)
        loop = process.tasks.start("loop", run_loop(policy, kafka.kafka, handle, process))
        await _assigned(kafka)
        await handled.wait()
        process.stop.set()
        await loop

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert commits == 1
