"""A batch that cannot be unpacked: the client forgets what it unpacked of other partitions, so the process ends."""

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, Fetcher, FetchResult, PartitionRecords
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import CorruptRecordException, KafkaError, UnsupportedCodecError
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from schemas import topics as table
from schemas.email import PrivacyRequest
from services.runtime.errors import Ended, Status
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.kafka_trouble import Trouble
from services.runtime.outcome import Emit, Message, Outcome
from tests.fake_kafka import FakeKafka, record
from tests.processes import new_process

WHOLE, TORN = TopicPartition("whole", 0), TopicPartition("torn", 0)
TORN_ERRORS = [CorruptRecordException(), UnsupportedCodecError("zstd")]


def _batch(*, is_torn: bool) -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1,
        batch_size=1_000,
    )  # fmt: skip
    builder.append(0, timestamp=None, key=None, value=b"a value", headers=[])
    raw = bytearray(builder.build())
    raw[-1] ^= 0xFF if is_torn else 0
    return bytes(raw)


def _fetched(subscriptions: SubscriptionState) -> Any:
    """The client's fetcher with a batch of each partition, the first one whole."""
    fetcher = Fetcher.__new__(Fetcher)
    fetcher._subscriptions, fetcher._records, fetcher._notify = subscriptions, OrderedDict(), lambda _: None
    fetcher._wait_consume_future = None
    for each in (WHOLE, TORN):
        records = MemoryRecords(_batch(is_torn=each is TORN))
        unpacked = PartitionRecords(each, records, [], 0, None, None, True, READ_COMMITTED)  # noqa: FBT003 not ours
        assignment = subscriptions.subscription.assignment
        fetcher._records[each] = FetchResult(each, assignment=assignment, partition_records=unpacked, backoff=0)
    return fetcher


async def test_client_stands_behind_what_it_never_handed_out() -> None:
    """Why a torn batch ends a process: of the pinned aiokafka; where it is better, we need not end."""
    subscriptions = SubscriptionState()
    subscriptions.assign_from_user([WHOLE, TORN])
    for each in (WHOLE, TORN):
        subscriptions.subscription.assignment.state_value(each).reset_to(0)
    with pytest.raises(CorruptRecordException):
        await _fetched(subscriptions).fetched_records([], 0, 100)
    assert subscriptions.subscription.assignment.state_value(WHOLE).position == 1


@pytest.mark.parametrize("error", TORN_ERRORS, ids=repr)
async def test_a_torn_batch_ends_a_loop(error: KafkaError) -> None:
    """75, at once: the next owner reads on at the committed offset."""
    event = PrivacyRequest(
        id="1", action="export", person="p", occurred_at=datetime(2026, 1, 1, tzinfo=UTC), requested_by="test"
    )
    kafka = FakeKafka([record(table.PRIVACY_REQUESTS.name, 0, event.model_dump_json().encode())])
    kafka.fault, process = error, new_process()

    async def handle(_: Message) -> Outcome:
        return Emit(())

    policy = LoopPolicy("composer", "a group", (table.PRIVACY_REQUESTS,))
    async with asyncio.timeout(20):
        end = await process.tasks.run(run_loop(policy, kafka.kafka, handle, process))
    assert end is not None
    assert (end.status, "torn" in str(end)) == (Status.FENCED, True)


@pytest.mark.parametrize("error", TORN_ERRORS, ids=repr)
def test_a_torn_batch_is_no_trouble_to_wait_through(error: KafkaError) -> None:
    """Who would go on behind it would leave records aside."""
    with pytest.raises(Ended, match="torn") as end:
        Trouble("a reader").meet_taking(error)
    assert end.value.status is Status.FENCED
