"""A committed offset is known or asked for again: "none" is believed only from an answer without an error."""

import asyncio

import pytest
from aiokafka import TopicPartition

from services.runtime.kafka_clients import Kafka, believe_offsets_only_without_error
from tests.wire_broker import TOPIC, wire_broker

LOADING, AWAY, MOVED, UNKNOWN_TOPIC = 14, 15, 16, 3


async def _committed(address: str) -> int | None:
    consumer = Kafka(address).member("a group")
    await consumer.start()
    try:
        async with asyncio.timeout(20):
            offset: int | None = await consumer.committed(TopicPartition(TOPIC, 0))
            return offset
    finally:
        await asyncio.gather(consumer.stop(), return_exceptions=True)


async def test_a_coordinator_that_loads_is_asked_again() -> None:
    """14, 15 and 16 name no topic, which reads as "never committed"; the offset is what comes after them."""
    async with wire_broker([LOADING, AWAY, MOVED], committed=42) as broker:
        assert await _committed(broker.address) == 42
        assert broker.asked == 4
        assert broker.looked_up >= 3  # at first, and after each word that the coordinator is elsewhere


async def test_none_is_believed_from_an_answer_without_error() -> None:
    """Nothing was ever committed: one question is enough."""
    async with wire_broker([], committed=-1) as broker:
        assert await _committed(broker.address) is None
        assert broker.asked == 1


@pytest.mark.parametrize("error", [LOADING, AWAY, MOVED, UNKNOWN_TOPIC])
async def test_an_error_of_a_partition_is_no_none_either(error: int) -> None:
    """The library passes over a topic that is unknown for a moment."""
    async with wire_broker([], committed=7, partition_error=error) as broker:
        assert await _committed(broker.address) == 7
        assert broker.asked == 2


async def test_correcting_twice_corrects_once() -> None:
    """Whoever imports it first."""
    believe_offsets_only_without_error()
    async with wire_broker([LOADING], committed=3) as broker:
        assert await _committed(broker.address) == 3
        assert broker.asked == 2
