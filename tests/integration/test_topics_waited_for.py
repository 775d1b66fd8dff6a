"""On a broker that makes whatever topic it is asked for, no client of ours makes one: missing topics are waited for."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

from deploy.local import kafka as local
from deploy.local.ports import free_port
from schemas import topics as table
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_pulse import Group, Pulse
from services.runtime.kafka_topics import TopicsAdmin
from tests.processes import new_process

pytestmark = pytest.mark.kafka
GROUP = Group("a group", (table.PRIVACY_REQUESTS,))


@pytest.fixture
def obliging(tmp_path: Path) -> Iterator[Kafka]:
    """A broker with Kafka's own default for topics that are asked for, and without one."""
    lines = ("auto.create.topics.enable=true",)
    at = local.Broker(
        tmp_path / "kafka", free_port(), free_port(), ("-XX:TieredStopAtLevel=1",), lines
    )  # fmt: skip
    process = local.spawn(at)
    try:
        local.wait_ready(process, at)
        yield Kafka(at.address)
    finally:
        local.end(process)


async def test_no_client_makes_a_topic_by_asking_for_it(obliging: Kafka) -> None:
    """Pulse, member of a group, reader, and producer: each asks for a topic of its own."""
    process, admin = new_process(), TopicsAdmin(obliging)
    await admin.start()

    async def act() -> None:
        pulse = process.tasks.start("pulse", Pulse(obliging, process, (GROUP,)).beat_for_ever())
        async with asyncio.timeout(20):
            while not process.health.parts.get("broker"):
                await asyncio.sleep(0)
        await process.tasks.stop(pulse)

    assert await process.tasks.run(act()) is None
    assert process.health.parts[GROUP.part] is False
    member = obliging.member("another group")
    await member.start()
    member.subscribe([table.EVENTS_CLEAN.name])
    for _ in range(5):
        await member.getmany(timeout_ms=200)
    await member.stop()
    reader = obliging.reader(table.CATALOG_COURSES.name, request_timeout_ms=1_000)
    with pytest.raises(KafkaError):
        await reader.start()
    await asyncio.gather(reader.stop(), return_exceptions=True)
    producer = obliging.producer(request_timeout_ms=1_000)
    await producer.start()
    with pytest.raises(KafkaError):
        await producer.send(table.EMAIL_FEEDBACK.name, b"")
    await producer.stop()
    assert await admin.counts() == {}
    await admin.stop()
