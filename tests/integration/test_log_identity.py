"""The loop on a log that is not what it was: records deleted unread, a topic made anew, a quiet topic that aged out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from schemas.email import PrivacyRequest
from schemas.topics import PRIVACY_REQUESTS
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.outcome import Emit, Message, Outcome
from tests.conftest import PARTITIONS
from tests.processes import new_process, run

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOPIC = PRIVACY_REQUESTS.name
FIRST = TopicPartition(TOPIC, 0)
WITHIN_S = 30.0  # a run takes a second
POLICY = LoopPolicy("composer", "identity-test", (PRIVACY_REQUESTS,))


@pytest.fixture
async def admin(topics: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Deletes records and topics."""
    client = AIOKafkaAdminClient(bootstrap_servers=topics)
    await client.start()
    yield client
    await client.close()


async def _fed(address: str, *ids: str, transactional: bool = False) -> None:
    """One record for each id, all in the first partition."""
    producer = AIOKafkaProducer(bootstrap_servers=address, transactional_id="feeder" if transactional else None)
    await producer.start()
    try:
        if transactional:
            await producer.begin_transaction()
        for each in ids:
            event = PrivacyRequest(id=each, action="export", person="p", occurred_at=NOW, requested_by="test")
            await producer.send(TOPIC, event.model_dump_json().encode(), b"p", partition=0)
        if transactional:
            await producer.commit_transaction()
    finally:
        await producer.stop()


async def _run_until(address: str, last: str) -> list[str]:
    """The ids of the records one run hands to its handler, until the last one."""
    seen: list[str] = []
    process = new_process()

    async def handle(message: Message) -> Outcome:
        seen.append(message.event.id)
        if message.event.id == last:
            process.stop.set()
        return Emit(())

    async with asyncio.timeout(WITHIN_S):
        await run(process, run_loop(POLICY, Kafka(address), handle, process))
    return seen


async def _until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_true():
            await asyncio.sleep(0)


async def _made_anew(admin: AIOKafkaAdminClient) -> None:
    """The topic deleted, and made again as soon as the broker lets it be."""
    await admin.delete_topics([TOPIC])
    async with asyncio.timeout(60):
        while TOPIC in await admin.list_topics():
            await asyncio.sleep(0)
        while True:
            answer = await admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
            if answer.topic_errors[0][1] == 0:
                return


async def test_records_deleted_before_they_were_read_stop_the_service(topics: str, admin: AIOKafkaAdminClient) -> None:
    """Retention was shorter than the downtime: 76 and what is gone, and no record behind the gap is handled."""
    await _fed(topics, "a", "b")
    assert await _run_until(topics, "b") == ["a", "b"]
    await _fed(topics, "c", "d", "e")
    await admin.delete_records({FIRST: RecordsToDelete(4)})
    with pytest.raises(Ended, match=r"offsets 2 to 3 are gone") as ended:
        await _run_until(topics, "e")
    assert ended.value.status is Status.GAP


async def test_an_offset_behind_the_end_of_the_log_stops_the_service(topics: str) -> None:
    """It is of another log: 76, where records would be left aside until the log has grown so far."""
    consumer = AIOKafkaConsumer(bootstrap_servers=topics, group_id=POLICY.group, enable_auto_commit=False)
    await consumer.start()
    await _fed(topics, "a")
    consumer.assign([FIRST])
    await consumer.commit({FIRST: 50})
    await consumer.stop()
    with pytest.raises(Ended, match=r"made anew") as ended:
        await _run_until(topics, "a")
    assert ended.value.status is Status.GAP


async def test_a_topic_made_anew_under_a_running_loop_is_not_passed_over(
    topics: str, admin: AIOKafkaAdminClient
) -> None:
    """Its new records are handled, or the service ends with 76 and says so; never neither."""
    await _fed(topics, "a", "b", "c")
    seen: list[str] = []
    process = new_process()

    async def handle(message: Message) -> Outcome:
        seen.append(message.event.id)
        return Emit(())

    async def meanwhile() -> None:
        await _until(lambda: len(seen) == 3)
        await _made_anew(admin)
        await _fed(topics, "new")
        try:
            async with asyncio.timeout(WITHIN_S):
                while "new" not in seen:
                    await asyncio.sleep(0)
        finally:
            process.stop.set()

    running, _ = await asyncio.gather(
        run(process, run_loop(POLICY, Kafka(topics), handle, process)), meanwhile(), return_exceptions=True
    )
    is_told = isinstance(running, Ended) and running.status is Status.GAP
    assert is_told or "new" in seen


async def test_a_topic_made_anew_while_the_service_is_down_is_read_whole(
    topics: str, admin: AIOKafkaAdminClient
) -> None:
    """Kafka forgets the group's offsets with the topic: nothing is passed over, and nothing needs to be accepted."""
    await _fed(topics, "a", "b", "c")
    assert await _run_until(topics, "c") == ["a", "b", "c"]
    await _made_anew(admin)
    await _fed(topics, "new")
    assert await _run_until(topics, "new") == ["new"]


@pytest.mark.parametrize("transactional", [True, False])
async def test_a_quiet_topic_that_aged_out_is_no_gap(
    topics: str, admin: AIOKafkaAdminClient, *, transactional: bool
) -> None:
    """All was read, then all was deleted, the marker of the last transaction with it: the next start goes on."""
    await _fed(topics, "a", "b", transactional=transactional)
    assert await _run_until(topics, "b") == ["a", "b"]
    await admin.delete_records({FIRST: RecordsToDelete(-1)})
    await _fed(topics, "c")
    assert await _run_until(topics, "c") == ["c"]
