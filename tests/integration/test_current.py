"""A view up to date on the real broker: a dead worker's open transaction cannot hide a refusal."""

import asyncio
from typing import Any

import pytest

from schemas import topics as table
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_current import Current, Ends
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.outcome import Unavailable
from tests.processes import new_process

pytestmark = pytest.mark.kafka
TOPIC = table.PRIVACY_REQUESTS


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
