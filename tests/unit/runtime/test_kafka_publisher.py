"""A producer that was refused once is not used again, and none is left behind that nobody stops."""

import asyncio
from typing import Any, cast

import pytest
from aiokafka.errors import InvalidTimestampError, KafkaConnectionError, KafkaTimeoutError, OutOfOrderSequenceNumber

from schemas.topics import LLM_REPLIES
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.llm_ledger import Ledger
from services.runtime.outcome import Unavailable


class Broker:
    """Refuses each send by the next of `faults`; a producer that was refused is out of sequence from then on."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.partition_faults: list[Exception] = []
        self.producers: list[Producer] = []

    @property
    def kafka(self) -> Kafka:
        """This, where a `Kafka` is asked for."""
        return cast("Kafka", self)

    @property
    def open(self) -> int:
        """Producers that were started and not stopped."""
        return sum(each.is_started and not each.is_stopped for each in self.producers)

    def producer(self, **_: Any) -> "Producer":
        """A producer."""
        self.producers.append(Producer(self))
        return self.producers[-1]


class Producer:
    """As the library's idempotent one."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.is_started = self.is_stopped = self._is_out_of_sequence = False
        self.sent = 0

    async def start(self) -> None:
        """Connect."""
        self.is_started = True

    async def stop(self) -> None:
        """Disconnect."""
        self.is_stopped = True

    async def partitions_for(self, _: str) -> set[int]:
        """Three, unless something is wrong."""
        if self._broker.partition_faults:
            raise self._broker.partition_faults.pop(0)
        return {0, 1, 2}

    async def send(self, *_: Any, **__: Any) -> "asyncio.Future[None]":
        """A future of the broker's word."""
        ack: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._is_out_of_sequence:
            ack.set_exception(OutOfOrderSequenceNumber())
        elif self._broker.faults:
            fault = self._broker.faults.pop(0)
            self._is_out_of_sequence = not isinstance(fault, KafkaTimeoutError)
            ack.set_exception(fault)
        else:
            self.sent += 1
            ack.set_result(None)
        return ack


async def test_what_a_producer_is_refused_once_does_not_block_its_partition() -> None:
    """The next send has a new producer, and the old one is stopped."""
    broker = Broker(InvalidTimestampError())
    publisher = Publisher(broker.kafka, "test")
    await publisher.start()
    with pytest.raises(Unavailable):
        await publisher.send_raw(LLM_REPLIES, b"k", b"v")
    await publisher.send_raw(LLM_REPLIES, b"k", b"v")
    assert ([each.sent for each in broker.producers], broker.open) == ([0, 1], 1)
    await publisher.stop()
    assert broker.open == 0


async def test_many_who_were_refused_at_once_share_the_new_producer() -> None:
    """One is made, not one for each."""
    broker = Broker(InvalidTimestampError())
    publisher = Publisher(broker.kafka, "test")
    await publisher.start()
    acts = [publisher.send_raw(LLM_REPLIES, b"k", b"v") for _ in range(10)]
    assert {type(each) for each in await asyncio.gather(*acts, return_exceptions=True)} == {Unavailable}
    await asyncio.gather(*(publisher.send_raw(LLM_REPLIES, b"k", b"v") for _ in range(10)))
    assert [each.sent for each in broker.producers] == [0, 10]
    await publisher.stop()


async def test_a_timeout_breaks_no_producer() -> None:
    """Nothing was sent: the sequence stands."""
    broker = Broker(KafkaTimeoutError())
    publisher = Publisher(broker.kafka, "test")
    await publisher.start()
    with pytest.raises(Unavailable):
        await publisher.send_raw(LLM_REPLIES, b"k", b"v")
    await publisher.send_raw(LLM_REPLIES, b"k", b"v")
    assert len(broker.producers) == 1
    await publisher.stop()


async def test_a_ledger_that_could_not_start_leaves_no_producer_behind() -> None:
    """It is started again until Kafka is there."""
    broker = Broker()
    broker.partition_faults = [KafkaConnectionError(), KafkaConnectionError()]
    ledger = Ledger(broker.kafka, LLM_REPLIES, "composer")
    for _ in range(2):
        with pytest.raises(Unavailable):
            await ledger.start()
    assert broker.open == 0
    assert await ledger.start() == 3
    assert broker.open == 1
    await ledger.stop()
    assert broker.open == 0
