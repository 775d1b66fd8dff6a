"""A view up to date on the real broker: a dead worker's open transaction cannot hide a refusal."""

import asyncio
import contextlib
from typing import Any

import pytest
from aiokafka.admin import NewPartitions
from aiokafka.cluster import ClusterMetadata

from schemas import topics as table
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_current import Current, Ends
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.outcome import Unavailable
from tests.processes import new_process

pytestmark = pytest.mark.kafka
TOPIC = table.PRIVACY_REQUESTS
UNKNOWN_TOPIC, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED = 3, 5, 29


async def test_what_was_written_before_the_question_is_there_after_it(topics: str) -> None:
    """Record by record; and what lies behind an open transaction is not guessed."""
    kafka, process = Kafka(topics), new_process()
    held: list[bytes | None] = []
    view = View(kafka, (TOPIC,), lambda message: held.append(message.key), lambda record, _: held.append(record.key))
    ends, publisher = Ends(kafka, TOPIC), Publisher(kafka, "test")
    await publisher.start()
    await ends.start()
    async with view.followed("view", process):
        current = Current(view, ends, process.tasks, within_s=30)
        for number in range(20):
            await publisher.send_raw(TOPIC, f"k{number}".encode(), b"any")
            await current.up_to_date()
            assert len(held) == number + 1
        dead: Any = kafka.producer(transactional_id="dead", transaction_timeout_ms=60_000)
        await dead.start()
        await dead.begin_transaction()
        await dead.send_and_wait(TOPIC.name, b"any", key=b"hidden", partition=0)
        with pytest.raises(Unavailable):
            await Current(view, ends, process.tasks, within_s=1).up_to_date()
        await dead.commit_transaction()
        await current.up_to_date()
        assert held[-1] == b"hidden"
        await asyncio.gather(dead.stop(), return_exceptions=True)
    for each in (publisher, ends):
        await each.stop()


async def _harm(consumer: Any, error: int) -> None:
    """Let every metadata answer to this client carry an error for the topic, from now on; 0 heals it."""
    cluster = consumer._client.cluster

    def update(answer: Any) -> None:
        if error:
            answer.topics = [(error, name, False, []) if name == TOPIC.name else (code, name, *rest)
                             for code, name, *rest in answer.topics]  # fmt: skip
        ClusterMetadata.update_metadata(cluster, answer)

    cluster.update_metadata = update
    await consumer._client.force_metadata_update()


@pytest.mark.parametrize("error", [UNKNOWN_TOPIC, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED])
async def test_metadata_with_an_error_hides_no_refusal(topics: str, error: int) -> None:
    """While it lasts nobody says that the view is up to date; then the view goes on where it stood."""
    kafka, process = Kafka(topics), new_process()
    held: list[bytes | None] = []
    view = View(kafka, (TOPIC,), lambda message: held.append(message.key), lambda record, _: held.append(record.key))
    ends, publisher = Ends(kafka, TOPIC), Publisher(kafka, "test")
    await publisher.start()
    await ends.start()
    async with view.followed("view", process):
        await publisher.send_raw(TOPIC, b"before", b"any")
        await Current(view, ends, process.tasks, within_s=30).up_to_date()
        for each in (view._consumer, ends._consumer):
            await _harm(each, error)
        await publisher.send_raw(TOPIC, b"meanwhile", b"any")
        with contextlib.suppress(Unavailable):
            await Current(view, ends, process.tasks, within_s=1).up_to_date()
            assert held == [b"before", b"meanwhile"]
        for each in (view._consumer, ends._consumer):
            await _harm(each, 0)
        await publisher.send_raw(TOPIC, b"after", b"any")
        await Current(view, ends, process.tasks, within_s=30).up_to_date()
        assert sorted(filter(None, held)) == [b"after", b"before", b"meanwhile"]
    for one in (publisher, ends):
        await one.stop()


async def test_partitions_that_are_added_are_followed_too(topics: str) -> None:
    """From their beginning; of the others nothing is read twice. Its topic may have any number of them."""
    kafka, process = Kafka(topics), new_process()
    held: list[bytes | None] = []
    view = View(kafka, (TOPIC,), lambda message: held.append(message.key), lambda record, _: held.append(record.key))
    publisher, admin = Publisher(kafka, "test"), kafka.admin()
    await publisher.start()
    await admin.start()
    async with view.followed("view", process):
        await publisher.send_raw(TOPIC, b"before", b"any", 0)
        await admin.create_partitions({TOPIC.name: NewPartitions(5)})
        async with asyncio.timeout(30):
            while len(await view.positions()) < 5:
                await view._consumer._client.force_metadata_update()
                await view.polled()
        await publisher.stop()
        publisher = Publisher(kafka, "test")
        await publisher.start()
        await publisher.send_raw(TOPIC, b"after", b"any", 4)
        async with asyncio.timeout(30):
            while len(held) < 2:
                await view.polled()
        await publisher.send_raw(TOPIC, b"last", b"any", 0)
        async with asyncio.timeout(30):
            while len(held) < 3:
                await view.polled()
    assert held == [b"before", b"after", b"last"]
    await admin.close()
    await publisher.stop()
