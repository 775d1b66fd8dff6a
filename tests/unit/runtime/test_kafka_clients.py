"""What every client does right: "no offset" is believed only without an error, and a refusal is not for good."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from services.runtime import kafka_clients
from services.runtime.kafka_clients import Kafka, believe_offsets_only_without_error
from services.runtime.outcome import Misconfigured
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


async def test_who_was_let_in_once_takes_a_refusal_for_a_broker_that_is_away() -> None:
    """A broker that is just starting refuses whom it knew a moment ago: nobody is ended for good by one answer."""
    async with wire_broker([], committed=0) as broker:
        kafka = Kafka(broker.address)
        first = AIOKafkaAdminClient(bootstrap_servers=[broker.address])  # as Faust names them
        await first.start()
        await first.close()
        broker.is_refusing = True
        again = kafka.admin()
        with pytest.raises(KafkaConnectionError, match="speaks TLS only"):
            await again.start()
        await again.close()


async def test_who_was_never_let_in_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong setting is the operator's, and waiting would not mend it."""
    monkeypatch.setattr(kafka_clients, "let_in", set())
    async with wire_broker([], committed=0) as broker:
        broker.is_refusing = True
        client = Kafka(broker.address).admin()
        with pytest.raises(Misconfigured, match="speaks TLS only"):
            await client.start()
        await client.close()
