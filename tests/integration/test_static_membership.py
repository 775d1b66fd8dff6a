"""A name in a group belongs to whoever came last; who had it hears so at its commit, and takes nothing back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from deploy.local.ports import free_port
from schemas.topics import PRIVACY_REQUESTS
from services.runtime.errors import Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_instance import taken
from services.runtime.kafka_static import Static, joined, membership, on_refused

pytestmark = pytest.mark.kafka
STATIC = Static("a-name", 10.0)
GROUP = "a group"
WHERE = TopicPartition(PRIVACY_REQUESTS.name, 0)
RARELY_MS = 60_000  # a heart that beats so is silent here


@pytest.fixture
async def told() -> AsyncIterator[list[str]]:
    """The groups in which a member of this process was refused."""
    heard: list[str] = []
    on_refused[STATIC.instance_id] = heard.append
    yield heard
    del on_refused[STATIC.instance_id]
    joined.clear()


async def test_who_lost_its_name_hears_it_at_its_commit_and_stays_away(topics: str, told: list[str]) -> None:
    """Its commit says "unknown", at which the library would join again and push the other out."""
    kafka = Kafka(topics, static=STATIC)
    first = await _joined(kafka)
    await first.commit({WHERE: 0})
    assert await taken(kafka, STATIC, (GROUP, "a group it is not of")) is None
    as_whom = joined[GROUP, STATIC.instance_id]
    second = await _joined(kafka)
    with pytest.raises(KafkaError, match=r"another member of a group has the name a-name"):
        await first.commit({WHERE: 0})
    assert told == [GROUP]
    await first.getmany(timeout_ms=500)
    await second.commit({WHERE: 0})
    joined[GROUP, STATIC.instance_id] = as_whom  # both are of this one process
    end = await taken(kafka, STATIC, (GROUP,))
    assert end is not None
    assert (end.status, "no other process of the group a group has" in str(end)) == (Status.MISCONFIGURED, True)
    assert await taken(Kafka(f"127.0.0.1:{free_port()}", static=STATIC), STATIC, (GROUP,)) is None
    await asyncio.gather(first.stop(), second.stop(), return_exceptions=True)


async def _joined(kafka: Kafka) -> Any:
    member = kafka.member(GROUP, **{**membership(kafka.static, 10.0), "heartbeat_interval_ms": RARELY_MS})
    await member.start()
    member.subscribe([WHERE.topic])
    while not member.assignment():
        await member.getmany(timeout_ms=100)
    return member
