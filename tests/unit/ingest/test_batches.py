"""Raw records by the batch, from a client in memory that does what a broker cannot be made to do."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, IllegalStateError, TopicAuthorizationFailedError

from schemas import topics
from services.ingest.adapters import kafka_batches
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.adapters.kafka_batches import KafkaBatches, Reading
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.outcome import Unavailable

BUSY = TopicPartition(topics.EVENTS_RAW.name, 0)
QUIET = TopicPartition(topics.EMAIL_FEEDBACK.name, 0)


class Client:
    """Hands out what the test says, one answer a call; a position moves behind what it hands out."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.positions: dict[TopicPartition, int] = {BUSY: 0, QUIET: 0}
        self.unfetched: set[TopicPartition] = set()
        self.leaving: set[TopicPartition] = set()
        self.committed: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Nothing to connect to."""

    def assignment(self) -> set[TopicPartition]:
        """All there is."""
        return set(self.positions)

    def highwater(self, partition: TopicPartition) -> int | None:
        """None before the first fetch."""
        return None if partition in self.unfetched else 1_000

    async def position(self, partition: TopicPartition) -> int:
        """The next offset; the client waits for one where it has none."""
        assert partition not in self.unfetched
        if partition in self.leaving:
            raise IllegalStateError("not assigned")
        return self.positions[partition]

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        """Keep."""
        self.committed |= offsets

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[FakeRecord]]:
        """The next answer; an error is raised."""
        assert timeout_ms > 0 < max_records
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        for partition, records in answer.items():
            self.positions[partition] = records[-1].offset + 1
        return cast("dict[TopicPartition, list[FakeRecord]]", answer)


@pytest.fixture
def client() -> Client:
    """No answer yet."""
    return Client()


@pytest.fixture
async def batches(client: Client, monkeypatch: pytest.MonkeyPatch) -> KafkaBatches:
    """A reader that looks for markers at every take and waits for no more records."""
    monkeypatch.setattr(kafka_batches, "MARKERS_S", 0.0)
    kafka = SimpleNamespace(reader=lambda *_, **__: client)
    made = KafkaBatches(cast("Kafka", kafka), Reading("ingest", (topics.EVENTS_RAW,), linger_ms=0))
    await made.start()
    return made


def records(first: int, count: int = 1) -> dict[TopicPartition, list[FakeRecord]]:
    """Records of the busy partition."""
    return {BUSY: [FakeRecord(BUSY.topic, BUSY.partition, offset, b"{}") for offset in range(first, first + count)]}


async def test_markers_are_passed_while_another_partition_is_busy(batches: KafkaBatches, client: Client) -> None:
    """Each take has records, and yet the quiet partition's offset follows; it was never committed here."""
    client.answers = [records(0), records(1), records(2)]
    await batches.done(await batches.take())
    client.positions[QUIET] = 40
    await batches.done(await batches.take())
    await batches.done(await batches.take())
    assert client.committed == {BUSY: 3, QUIET: 40}


async def test_what_is_not_done_is_not_passed(batches: KafkaBatches, client: Client) -> None:
    """The client stands behind what was taken; the offset does not, until it is done."""
    client.answers = [records(0, 5)]
    taken = await batches.take()
    client.positions[QUIET] = 7
    assert await batches.take() == []
    assert client.committed == {BUSY: 0, QUIET: 7}
    await batches.done(taken)
    client.positions[BUSY] = 6  # behind a marker
    assert await batches.take() == []
    assert client.committed == {BUSY: 6, QUIET: 7}


async def test_a_partition_that_was_not_fetched_yet_is_not_waited_for(batches: KafkaBatches, client: Client) -> None:
    """It may have no place at all; nor does one that is being taken away hold up the others' records."""
    client.unfetched, client.leaving = {QUIET}, {BUSY}
    client.answers = [records(0)]
    assert len(await batches.take()) == 1
    assert client.committed == {}


async def test_what_was_taken_outlives_an_error_of_the_next_look(client: Client) -> None:
    """While a small batch waits for more the broker hands out an error: the client stands behind the batch already."""
    kafka = SimpleNamespace(reader=lambda *_, **__: client)
    batches = KafkaBatches(cast("Kafka", kafka), Reading("ingest", (topics.EVENTS_RAW,), linger_ms=1_000))
    await batches.start()
    client.answers = [records(0, 3), TopicAuthorizationFailedError(), TopicAuthorizationFailedError()]
    assert [each.offset for each in await batches.take()] == [0, 1, 2]
    with pytest.raises(Unavailable):
        await batches.take()


async def test_a_torn_batch_ends_the_process(batches: KafkaBatches, client: Client) -> None:
    """The client forgets what it unpacked of other partitions in the same call, and stands behind that."""
    client.answers = [CorruptRecordException()]
    with pytest.raises(Ended, match="read again") as ended:
        await batches.take()
    assert ended.value.status is Status.FENCED
