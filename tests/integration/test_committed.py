"""A committed offset is known or asked for again, while a killed broker comes back and its coordinator loads."""

import asyncio
from collections.abc import Callable

import pytest
from aiokafka import TopicPartition

from schemas import topics as table
from services.runtime.kafka_clients import Kafka, offset_answers
from tests.brokers import Node

pytestmark = pytest.mark.kafka
WHERE = TopicPartition(table.PRIVACY_REQUESTS.name, 0)
RESTARTS = 2


async def test_no_restart_makes_a_committed_offset_none(
    node: Node, topics: str, record_property: Callable[[str, object], None]
) -> None:
    """Right after SIGKILL and restart most answers name no topic: none of them is believed."""
    kafka = Kafka(topics)
    member = kafka.member("a group")
    await member.start()
    member.assign([WHERE])
    await member.commit({WHERE: 7})
    for restart in range(RESTARTS):
        refused = offset_answers.refused
        node.kill()
        asking = kafka.member("a group")
        await asyncio.to_thread(node.restart)
        await asking.start()
        async with asyncio.timeout(60):
            found = [await asking.committed(WHERE) for _ in range(50)]
        record_property(f"answers asked again after restart {restart}", offset_answers.refused - refused)
        assert found == [7] * 50
        await asyncio.gather(asking.stop(), return_exceptions=True)
    await asyncio.gather(member.stop(), return_exceptions=True)
