"""Offsets belong to their log and to who committed them: a topic made anew, a log that retention trimmed."""

import asyncio
import logging
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import TopicPartition

from schemas import topics as table
from schemas.email import Feedback, PrivacyRequest
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.outcome import Emit, Message, Outcome, Send
from tests.fake_kafka import FakeKafka, record
from tests.processes import new_process

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = table.PRIVACY_REQUESTS
WHERE = TopicPartition(SOURCE.name, 0)
POLICY = LoopPolicy("composer", "a group", (SOURCE,), accepts_gap=True)


def _request(offset: int) -> Any:
    request = PrivacyRequest(id=str(offset), action="export", person="u:1", occurred_at=NOW, requested_by="test")
    return record(SOURCE.name, offset, request.model_dump_json().encode())


def _answer(message: Message) -> Outcome:
    words = Feedback(
        id=message.event.id, word="delivered", message_id="m", person_tag="u:1", occurred_at=NOW, source="test"
    )
    return Emit((Send(table.EMAIL_FEEDBACK, words),))


async def _never(_: Message) -> Outcome:
    await asyncio.Event().wait()
    raise AssertionError


def _old_log() -> FakeKafka:
    kafka = FakeKafka([_request(4_998), _request(4_999)])
    kafka.begins[WHERE] = 4_998
    return kafka


def _make_anew(kafka: FakeKafka) -> None:
    kafka.logs[WHERE] = deque([_request(0)])
    kafka.begins[WHERE] = 0


async def _assigned(kafka: FakeKafka) -> None:
    while not kafka.consumers or kafka.consumers[-1].listener is None:
        await asyncio.sleep(0)
    await kafka.consumers[-1].listener.on_partitions_assigned([WHERE])


async def test_old_offset_is_not_committed_to_a_log_made_anew(caplog: pytest.LogCaptureFixture) -> None:
    """What is committed is behind the new log's record: an offset beyond its end would be a gap at the next start."""
    caplog.set_level(logging.INFO)
    kafka, process = _old_log(), new_process()
    handled: list[int] = []

    async def handle(message: Message) -> Outcome:
        handled.append(message.offset)
        return _answer(message)

    async def act() -> None:
        loop = process.tasks.start("loop", run_loop(POLICY, kafka.kafka, handle, process))
        await _assigned(kafka)
        while kafka.committed != {WHERE: 5_000}:
            await asyncio.sleep(0)
        _make_anew(kafka)
        while len(kafka.sent) < 3:
            await asyncio.sleep(0)
        process.stop.set()
        await loop

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert handled == [4_998, 4_999, 0]
    assert kafka.committed == {WHERE: 1}
    (line,) = [each for each in caplog.records if each.message == "gap_accepted"]
    assert (line.__dict__["before"], line.__dict__["now"]) == (5_000, 0)
    assert not [each for each in caplog.records if each.message == "offset_went_back"]


async def test_what_is_at_work_of_the_old_log_ends_before_the_new_one_begins() -> None:
    """It was handed out, and nobody can read it again; its offset is not the new log's."""
    kafka, process = _old_log(), new_process()
    begun, let_go = asyncio.Event(), asyncio.Event()

    async def handle(message: Message) -> Outcome:
        if message.offset == 4_999:
            begun.set()
            await let_go.wait()
        return _answer(message)

    async def act() -> None:
        loop = process.tasks.start("loop", run_loop(POLICY, kafka.kafka, handle, process))
        await _assigned(kafka)
        await begun.wait()
        _make_anew(kafka)
        for _ in range(100):
            await asyncio.sleep(0)
        let_go.set()
        while len(kafka.sent) < 3:
            await asyncio.sleep(0)
        process.stop.set()
        await loop

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert kafka.committed == {WHERE: 1}
    assert process.watch.parts["kafka"].held == 0


async def test_no_offset_went_back_where_none_was_committed(caplog: pytest.LogCaptureFixture) -> None:
    """Retention trimmed a log that the group never committed to: it begins behind zero, at each assignment."""
    kafka, process = _old_log(), new_process()

    async def act() -> None:
        loop = process.tasks.start("loop", run_loop(replace(POLICY, drain_s=0.01), kafka.kafka, _never, process))
        await _assigned(kafka)
        for _ in range(3):
            await kafka.consumers[-1].listener.on_partitions_revoked([WHERE])
            await kafka.consumers[-1].listener.on_partitions_assigned([])
            await kafka.consumers[-1].listener.on_partitions_assigned([WHERE])
        process.stop.set()
        await loop

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert not [each for each in caplog.records if each.message == "offset_went_back"]


async def test_no_offset_went_back_where_a_gap_was_accepted(caplog: pytest.LogCaptureFixture) -> None:
    """The beginning of the log is behind what is committed, and nobody has committed it."""
    kafka, process = _old_log(), new_process()
    kafka.committed[WHERE] = 3

    async def act() -> None:
        loop = process.tasks.start("loop", run_loop(replace(POLICY, drain_s=0.01), kafka.kafka, _never, process))
        await _assigned(kafka)
        await kafka.consumers[-1].listener.on_partitions_assigned([])
        await kafka.consumers[-1].listener.on_partitions_assigned([WHERE])
        process.stop.set()
        await loop

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert not [each for each in caplog.records if each.message == "offset_went_back"]


async def test_what_is_at_work_stays_where_nothing_was_committed_yet() -> None:
    """The partition comes back and the group's offset has not moved: it is handled once."""
    kafka, process = _old_log(), new_process()
    begun, let_go, handled = asyncio.Event(), asyncio.Event(), list[int]()

    async def handle(message: Message) -> Outcome:
        handled.append(message.offset)
        begun.set()
        await let_go.wait()
        return _answer(message)

    async def act() -> None:
        loop = process.tasks.start("loop", run_loop(POLICY, kafka.kafka, handle, process))
        await _assigned(kafka)
        await begun.wait()
        await kafka.consumers[-1].listener.on_partitions_revoked([WHERE])
        await kafka.consumers[-1].listener.on_partitions_assigned([WHERE])
        let_go.set()
        while kafka.committed != {WHERE: 5_000}:
            await asyncio.sleep(0)
        process.stop.set()
        await loop

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert handled == [4_998, 4_999]
