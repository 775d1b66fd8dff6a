"""The loop at its edges, on clients in memory: nothing stops silently, and one fault of one record stays one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError

from schemas import topics as table
from schemas.aside import Aside
from schemas.email import Feedback, PrivacyRequest
from services.runtime import kafka_trouble
from services.runtime.errors import Ended, Status
from services.runtime.kafka_ends import Ends
from services.runtime.kafka_handle import FUSE_WINDOW, Fuse, Handler
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import AsidePolicy, LoopPolicy
from services.runtime.metrics import OFFSETS_BACK
from services.runtime.outcome import Emit, Message, Outcome, Send
from services.runtime.process import Process
from tests.fake_kafka import FakeKafka, FakeProducer, record
from tests.processes import new_process

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = table.PRIVACY_REQUESTS
ASIDE = AsidePolicy(table.ASIDE_COMPOSER, lambda _, __: Emit(()))
WHERE = TopicPartition(SOURCE.name, 0)
POLICY = LoopPolicy("composer", "a group", (SOURCE,), in_flight=8)
Handle = Callable[[Message], Awaitable[Outcome]]


def _request(offset: int, **named: Any) -> Any:
    request = PrivacyRequest(id=str(offset), action="export", person="u:1", occurred_at=NOW, requested_by="test")
    return record(SOURCE.name, offset, request.model_dump_json().encode(), **named)


def _feedback(reason: str = "") -> Send:
    words = Feedback(
        id="f", word="not_sent", message_id="m", person_tag="u:1", occurred_at=NOW, source="test", reason=reason
    )
    return Send(table.EMAIL_FEEDBACK, words)


async def _emit(_: Message) -> Outcome:
    return Emit((_feedback(),))


async def _assigned(kafka: FakeKafka) -> None:
    async with asyncio.timeout(20):
        while not kafka.consumers or kafka.consumers[-1].listener is None:
            await asyncio.sleep(0)
    await kafka.consumers[-1].listener.on_partitions_assigned(list(kafka.logs))


async def _run(kafka: FakeKafka, handle: Handle, process: Process, policy: LoopPolicy = POLICY) -> Ended | None:
    """How the process ended, at the latest when everything is committed."""

    async def act() -> None:
        loop = process.tasks.start("loop", run_loop(policy, kafka.kafka, handle, process))
        await _assigned(kafka)
        ends = {each: log[-1].offset + 1 for each, log in kafka.logs.items()}
        while kafka.committed != ends:
            await asyncio.sleep(0)
        process.stop.set()
        await loop

    async with asyncio.timeout(20):
        return await process.tasks.run(act())


async def test_an_outcome_that_cannot_be_encoded_ends_the_process() -> None:
    """70 and where, instead of a record that stays in flight for ever."""

    async def broken(_: Message) -> Outcome:
        return Emit((Send(table.EMAIL_FEEDBACK, object()),))

    end = await _run(FakeKafka([_request(0)]), broken, new_process())
    assert end is not None
    assert end.status is Status.BUG
    assert f"'topic': '{SOURCE.name}', 'partition': 0, 'offset': 0" in str(end)


async def test_a_commit_that_raises_anything_ends_the_process() -> None:
    """Not only Kafka's own errors: a publisher that died unseen would leave everything in flight."""
    kafka = FakeKafka([_request(0)])

    async def fail(_: FakeProducer) -> None:
        raise ValueError("no idea")

    kafka.on_commit = fail
    end = await _run(kafka, _emit, new_process())
    assert end is not None
    assert end.status is Status.BUG
    assert "no idea" in str(end)


async def test_a_timestamp_that_no_date_holds_harms_nobody() -> None:
    """A client may stamp a record with any number; what it leads to is dated as near as a date can be."""
    kafka = FakeKafka([_request(0, at_ms=2**62), _request(1, at_ms=-1), _request(2)])
    assert await _run(kafka, _emit, new_process()) is None
    assert len(kafka.sent) == 3


async def test_an_output_no_broker_takes_makes_its_input_a_dead_letter() -> None:
    """One fault of one record: the others pass, and nothing is restarted for ever."""

    async def large(message: Message) -> Outcome:
        return Emit((_feedback("x" * 1_100_000 if message.offset == 1 else ""),))

    kafka = FakeKafka([_request(0), _request(1), _request(2)])
    assert await _run(kafka, large, new_process()) is None
    assert [topic for topic, _ in kafka.sent] == [
        table.EMAIL_FEEDBACK.name, table.dead_letters("composer").name, table.EMAIL_FEEDBACK.name,
    ]  # fmt: skip


async def test_a_stream_of_outputs_that_no_broker_takes_blows_the_fuse() -> None:
    """The runtime's own rejects are rejects: every mail a dead letter is nothing to go on with."""

    async def large(_: Message) -> Outcome:
        return Emit((_feedback("x" * 1_100_000),))

    end = await _run(FakeKafka([_request(offset) for offset in range(FUSE_WINDOW + 10)]), large, new_process())
    assert end is not None
    assert (end.status, "was rejected" in str(end)) == (Status.MISCONFIGURED, True)


async def test_records_that_are_gone_blow_the_fuse() -> None:
    """What was set aside is counted too, where it ends as a dead letter."""

    async def never(_: Message) -> Outcome:
        raise AssertionError

    handler = Handler(Ends("composer", ASIDE), never, Fuse(0.5), lambda _: None)
    pointer = Aside(topic=SOURCE.name, partition=0, offset=1, due=NOW, tries=1, reason="greylisted", since=NOW)
    for _ in range(FUSE_WINDOW - 1):
        assert handler.lost(pointer).outcome == "reject"
    with pytest.raises(Ended, match=f"See {SOURCE.name} at 0/1") as end:
        handler.lost(pointer)
    assert end.value.status is Status.MISCONFIGURED


async def test_never_more_records_are_handled_than_may_be() -> None:
    """The bound is the process's, over all its partitions, and not one record is taken beyond it."""
    logs = [[_request(offset, partition=number) for offset in range(100)] for number in range(3)]
    kafka, now, most = FakeKafka(*logs), 0, 0

    async def handle(message: Message) -> Outcome:
        nonlocal now, most
        now += 1
        most = max(most, now)
        for _ in range(1 + message.offset % 5):
            await asyncio.sleep(0)
        now -= 1
        return Emit((_feedback(),))

    process = new_process()
    assert await _run(kafka, handle, process) is None
    assert most == 8
    assert len(kafka.sent) == 300
    assert process.watch.parts["kafka"].held == 0


async def test_a_transaction_that_was_called_off_is_not_gone_on_with() -> None:
    """A partition that comes back meets a new producer: the old one's transaction may be committed or not."""
    kafka, process = FakeKafka([_request(0)]), new_process()
    hanging = asyncio.Event()

    async def hang(_: FakeProducer) -> None:
        hanging.set()
        await asyncio.Event().wait()

    async def go_on(_: FakeProducer) -> None:
        return

    kafka.on_commit = hang

    async def act() -> None:
        policy = LoopPolicy("composer", "a group", (SOURCE,), session_s=0.01)
        loop = process.tasks.start("loop", run_loop(policy, kafka.kafka, _emit, process))
        await _assigned(kafka)
        await hanging.wait()
        listener = kafka.consumers[-1].listener
        await listener.on_partitions_revoked([WHERE])
        kafka.on_commit = go_on
        await listener.on_partitions_assigned([WHERE])
        while kafka.committed != {WHERE: 1}:
            await asyncio.sleep(0)
        process.stop.set()
        await loop

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert [each.is_stopped for each in kafka.producers] == [True, True]
    assert len(kafka.sent) == 1


async def test_an_offset_that_goes_back_alarms(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever reset it: the records behind it were handled once already, and somebody has to know."""
    kafka, process = FakeKafka([_request(0), _request(1)]), new_process()
    before = _back()

    async def act() -> None:
        loop = process.tasks.start("loop", run_loop(POLICY, kafka.kafka, _emit, process))
        await _assigned(kafka)
        while kafka.committed != {WHERE: 2}:
            await asyncio.sleep(0)
        listener = kafka.consumers[-1].listener
        await listener.on_partitions_revoked([WHERE])
        kafka.committed[WHERE] = 0
        await listener.on_partitions_assigned([WHERE])
        process.stop.set()
        await loop

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    (line,) = [each for each in caplog.records if each.message == "offset_went_back"]
    assert (line.__dict__["before"], line.__dict__["now"]) == (2, 0)
    assert _back() == before + 1


async def test_a_topic_that_may_not_be_read_makes_the_process_not_ready_and_ends_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its operator has half a minute to give the right back; five lines a second would tell them nothing."""
    monkeypatch.setattr(kafka_trouble, "CLEAN_S", 0)
    kafka, process = FakeKafka([_request(0)]), new_process()
    refusal = TopicAuthorizationFailedError(SOURCE.name)

    async def act() -> None:
        process.tasks.start("loop", run_loop(POLICY, kafka.kafka, _emit, process))
        await _assigned(kafka)
        await _until(lambda: process.health.parts["kafka"])
        kafka.fault = refusal
        await _until(lambda: not process.health.parts["kafka"])
        kafka.fault = None
        await _until(lambda: process.health.parts["kafka"])
        kafka.fault = refusal
        await _until(lambda: not process.health.parts["kafka"])
        monkeypatch.setattr(kafka_trouble, "LASTS_S", 0.5)
        await asyncio.Event().wait()

    async with asyncio.timeout(20):
        end = await process.tasks.run(act())
    assert end is not None
    assert (end.status, SOURCE.name in str(end)) == (Status.MISCONFIGURED, True)
    assert len([each for each in caplog.records if each.message == "kafka_refuses"]) == 2


async def test_who_cannot_read_what_goes_with_a_partition_is_not_ready() -> None:
    """Assigned is not able: records wait until it is read."""
    kafka, process = FakeKafka([_request(0)]), new_process()
    kafka.reader_fault = KafkaConnectionError()
    policy = LoopPolicy("composer", "a group", (SOURCE,), aside=ASIDE)

    async def act() -> None:
        loop = process.tasks.start("loop", run_loop(policy, kafka.kafka, _emit, process))
        await _assigned(kafka)
        assert process.health.parts["kafka"] is False
        kafka.reader_fault = None
        await _until(lambda: process.health.parts["kafka"])
        process.stop.set()
        await loop

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None


async def test_what_may_never_be_read_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partition that nobody can open would wait for ever."""
    monkeypatch.setattr(kafka_trouble, "LASTS_S", 0)
    kafka, process = FakeKafka([_request(0)]), new_process()
    kafka.reader_fault = TopicAuthorizationFailedError(table.ASIDE_COMPOSER.name)
    policy = LoopPolicy("composer", "a group", (SOURCE,), aside=ASIDE)

    async def act() -> None:
        process.tasks.start("loop", run_loop(policy, kafka.kafka, _emit, process))
        await _assigned(kafka)
        await asyncio.Event().wait()

    async with asyncio.timeout(20):
        end = await process.tasks.run(act())
    assert end is not None
    assert (end.status, table.ASIDE_COMPOSER.name in str(end)) == (Status.MISCONFIGURED, True)


async def _until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_true():
            await asyncio.sleep(0)


def _back() -> float:
    return OFFSETS_BACK.labels("composer")._value.get()  # type: ignore[no-any-return]
