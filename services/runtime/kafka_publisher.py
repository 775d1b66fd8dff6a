"""An idempotent producer for what is not a loop: the collector, the import command, the demo."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from aiokafka.errors import KafkaError, KafkaTimeoutError, UnknownTopicOrPartitionError

from schemas.topics import Topic
from services.runtime.clock import now_ms
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import Cause, Record, to_record
from services.runtime.outcome import Misconfigured, Send, Unavailable

REQUEST_TIMEOUT_MS = 10_000
STOP_S = 8.0  # what is not taken by then was not acked to anybody


class Publisher:
    """Sends and waits for the broker's word.

    A producer that was refused may be out of sequence at that partition for ever: the next send has a new one.
    """

    def __init__(self, kafka: Kafka, source: str) -> None:
        self._kafka, self._source = kafka, source
        self._producer: Any = None
        self._is_broken = False
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Connect.

        Raises:
            Unavailable: no broker answers.
            Misconfigured: it refuses us.
        """
        self._producer = self._kafka.producer(
            enable_idempotence=True, linger_ms=2, client_id=self._source, request_timeout_ms=REQUEST_TIMEOUT_MS
        )
        try:
            await self._producer.start()
        except KafkaError as error:
            await self.stop()
            raise Unavailable(f"Kafka does not answer: {error}") from error
        except Misconfigured:
            await self.stop()
            raise
        self._is_broken = False

    async def stop(self) -> None:
        """Send what is buffered, for some seconds, and disconnect."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(producer.stop(), STOP_S)

    async def partitions(self, topic: Topic) -> int:
        """How many partitions the topic has; 0 where there is none.

        Raises:
            Unavailable: no broker answers.
        """
        try:
            return len(await (await self._sound()).partitions_for(topic.name))
        except UnknownTopicOrPartitionError:
            return 0
        except KafkaError as error:
            raise Unavailable(f"Kafka does not answer: {error!r}") from error

    async def send(self, sends: Sequence[Send], *, traceparent: str | None = None, cause_id: str | None = None) -> None:
        """Put every event on its topic; returns after every ack.

        Raises:
            Unavailable: the broker did not take one of them.
        """
        cause = Cause(cause_id or self._source, f"/kindling/{self._source}", traceparent, now_ms())
        await self._all([to_record(send, cause, number) for number, send in enumerate(sends)])

    async def send_raw(
        self, topic: Topic, key: bytes | None, value: bytes | None, partition: int | None = None
    ) -> None:
        """Put bytes on a topic untouched (None is a tombstone), by the key unless told where; returns after the ack.

        Raises:
            Unavailable: the broker did not take them.
        """
        await self._all([Record(topic.name, key, value, partition, ())])

    async def _all(self, records: Sequence[Record]) -> None:
        producer = await self._sound()
        try:
            acks = [
                await producer.send(
                    each.topic, each.value, key=each.key, partition=each.partition, headers=list(each.headers)
                )
                for each in records
            ]
            await asyncio.gather(*acks)
        except KafkaError as error:
            if producer is self._producer and not isinstance(error, KafkaTimeoutError):  # that was not sent
                self._is_broken = True
            raise Unavailable(f"Kafka did not take a record: {error!r}") from error

    async def _sound(self) -> Any:
        """The producer, made anew where it was refused.

        Raises:
            Unavailable: no broker answers.
        """
        async with self._lock:
            if self._is_broken:
                await self.stop()
                await self.start()
            if self._producer is None:
                raise Unavailable("not connected to Kafka")
            return self._producer
