"""A view on clients in memory: what goes wrong while it is read, and what a command is told at once."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, KafkaConnectionError, TopicAuthorizationFailedError

from schemas.topics import CATALOG_COURSES
from services.runtime import kafka_trouble, kafka_view
from services.runtime.errors import Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_view import View
from services.runtime.outcome import Message, Misconfigured
from services.runtime.retry import Backoff
from tests.fake_kafka import record
from tests.processes import new_process

WHERE = TopicPartition(CATALOG_COURSES.name, 0)


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits between two tries are not what is shown here."""
    monkeypatch.setattr(kafka_view, "CONNECT", Backoff(0, 0))


class Broker:
    """One topic with two tombstones, where there is one.

    `faults` are what it answers first, `poll_fault` what it answers to who follows.
    """

    def __init__(self, *faults: Exception) -> None:
        self.faults, self.is_there = list(faults), True
        self.poll_fault: Exception | None = None
        self.readers: list[Reader] = []
        self.applied: list[int] = []

    def view(self) -> View:
        """What is tested, over this."""
        return View(cast("Kafka", self), (CATALOG_COURSES,), self._apply)

    def reader(self) -> "Reader":
        """A consumer."""
        self.readers.append(Reader(self))
        return self.readers[-1]

    def admin(self) -> "Admin":
        """An admin client."""
        return Admin(self)

    def _apply(self, message: Message) -> None:
        self.applied.append(message.offset)


class Admin:
    """Knows whether the topic is there."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def start(self) -> None:
        """Nothing to connect to."""

    async def close(self) -> None:
        """Nothing to leave."""

    async def list_topics(self) -> list[str]:
        """The topic, where it is there."""
        return [CATALOG_COURSES.name] if self._broker.is_there else []

    async def describe_topics(self, topics: Sequence[str]) -> list[dict[str, Any]]:
        """One partition each."""
        return [{"topic": each, "partitions": [0]} for each in topics]


class Reader:
    """Reads the topic once; as the library's, it cannot be started twice."""

    def __init__(self, broker: Broker) -> None:
        self._broker, self._position = broker, 0
        self.starts = self.stops = 0

    async def start(self) -> None:
        """Once."""
        self.starts += 1
        assert self.starts == 1

    async def stop(self) -> None:
        """Remember."""
        self.stops += 1

    @property
    def _client(self) -> "Reader":
        return self

    async def _wait_on_metadata(self, topic: str) -> set[int]:
        assert topic == CATALOG_COURSES.name
        return {0}

    def partitions_for_topic(self, topic: str) -> set[int]:
        """All there is."""
        assert topic == CATALOG_COURSES.name
        return {0}

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        """All there is."""
        assert partitions == (WHERE,)

    async def end_offsets(self, _: Any) -> dict[TopicPartition, int]:
        """Where the log ends, unless something is wrong."""
        if self._broker.faults:
            raise self._broker.faults.pop(0)
        return {WHERE: 2}

    async def position(self, _: TopicPartition) -> int:
        """The next offset."""
        return self._position

    async def getmany(self, *, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        """The next record."""
        assert timeout_ms
        await asyncio.sleep(0)
        if self._broker.poll_fault is not None:
            raise self._broker.poll_fault
        if self._position == 2:
            return {}
        self._position += 1
        return {WHERE: [record(CATALOG_COURSES.name, self._position - 1, None)]}


async def test_a_broker_that_goes_away_while_it_is_read_is_waited_for() -> None:
    """Each try is a client of its own; the one before it is stopped."""
    broker, process = Broker(KafkaConnectionError(), KafkaConnectionError()), new_process()
    view = broker.view()

    async def act() -> None:
        await view.start(process.tasks)
        assert broker.applied == [0, 1]
        await view.stop()

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert [(each.starts, each.stops) for each in broker.readers] == [(1, 1)] * 3


async def test_a_command_is_told_at_once_of_a_missing_topic() -> None:
    """No client waits for it to come: that would be 40 s, and 30 times so."""
    broker = Broker()
    broker.is_there = False
    with pytest.raises(Misconfigured, match=f"{CATALOG_COURSES.name} does not exist: run `make topics`"):
        await broker.view().read()
    assert [each.starts for each in broker.readers] == [0]


async def test_who_waits_for_a_broker_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """A command that reads asks again for a minute or two: its operator hears of it at the first try."""
    broker = Broker(KafkaConnectionError("nobody there"), KafkaConnectionError())
    await broker.view().read()
    (told,) = (each.getMessage() for each in caplog.records if each.levelname == "WARNING")
    assert ("nobody there" in told, told.endswith("; it is asked again for a minute or two")) == (True, True)
    assert broker.applied == [0, 1]


async def test_a_service_waits_for_a_missing_topic(caplog: pytest.LogCaptureFixture) -> None:
    """As for everything that is not there yet; with a line."""
    broker, process = Broker(), new_process()
    broker.is_there = False
    view = broker.view()

    async def act() -> None:
        starting = process.tasks.start("start", view.start(process.tasks))
        while not any("does not exist" in str(each.__dict__.get("reason")) for each in caplog.records):
            await asyncio.sleep(0)
        broker.is_there = True
        await starting
        await view.stop()

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert broker.applied == [0, 1]


async def test_a_view_that_cannot_be_followed_is_not_ready_and_ends_the_process(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A view of suppressions that stands still is no protection; where the right is missing, waiting gives none."""
    monkeypatch.setattr(kafka_trouble, "CLEAN_S", 0)
    broker, process = Broker(), new_process()

    async def follow() -> None:
        async with broker.view().followed("view", process):
            assert process.health.parts["view"]
            for error in (KafkaConnectionError(), None, TopicAuthorizationFailedError(CATALOG_COURSES.name)):
                broker.poll_fault = error
                while process.health.parts["view"] is not (error is None):
                    await asyncio.sleep(0)
            monkeypatch.setattr(kafka_trouble, "LASTS_S", 0)
            await asyncio.Event().wait()

    async with asyncio.timeout(20):
        end = await process.tasks.run(follow())
    assert end is not None
    assert (end.status, CATALOG_COURSES.name in str(end)) == (Status.MISCONFIGURED, True)
    assert len([each for each in caplog.records if each.message == "kafka_refuses"]) == 1


async def test_a_torn_batch_ends_who_follows() -> None:
    """The client stands behind what it unpacked beside it and never handed out: a refusal might be left aside."""
    broker, process = Broker(), new_process()

    async def follow() -> None:
        async with broker.view().followed("view", process):
            broker.poll_fault = CorruptRecordException()
            await asyncio.Event().wait()

    async with asyncio.timeout(20):
        end = await process.tasks.run(follow())
    assert end is not None
    assert (end.status, "torn" in str(end)) == (Status.FENCED, True)


async def test_a_command_is_told_at_once_that_a_topic_may_not_be_read() -> None:
    """Thirty tries would not give it the right."""
    broker = Broker(TopicAuthorizationFailedError(CATALOG_COURSES.name))
    with pytest.raises(Misconfigured, match="allow this principal READ"):
        await broker.view().read()


async def test_nothing_more_is_read_before_what_was_applied_is_kept() -> None:
    """Whoever keeps it elsewhere sets the pace; what cannot be kept ends the reading."""
    broker, kept = Broker(), list[list[int]]()

    async def keep() -> None:
        await asyncio.sleep(0)
        assert broker.readers[0]._position == len(kept) + 1
        kept.append(broker.applied.copy())

    view = View(cast("Kafka", broker), (CATALOG_COURSES,), broker._apply, keep=keep)
    await view.read()
    await view.stop()
    assert kept == [[0], [0, 1]]

    async def refuse() -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        await View(cast("Kafka", Broker()), (CATALOG_COURSES,), broker._apply, keep=refuse).read()
