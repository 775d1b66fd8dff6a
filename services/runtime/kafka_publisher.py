"""An idempotent producer for what is not a loop: the collector, the import command, the demo."""

import asyncio
import contextlib
from collections.abc import Sequence

from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from schemas.topics import Topic
from services.runtime.clock import now_ms
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import Cause, Record, to_record
from services.runtime.outcome import Misconfigured, Send, Unavailable

REQUEST_TIMEOUT_MS = 10_000


class Publisher:
    """Sends and waits for the broker's word."""

    def __init__(self, kafka: Kafka, source: str) -> None:
        self._producer = kafka.producer(
            enable_idempotence=True, linger_ms=2, client_id=source, request_timeout_ms=REQUEST_TIMEOUT_MS
        )
        self._source = source

    async def start(self) -> None:
        """Connect.

        Raises:
            Unavailable: no broker answers.
            Misconfigured: it refuses us.
        """
        try:
            await self._producer.start()
        except KafkaError as error:
            await self.stop()
            raise Unavailable(f"Kafka does not answer: {error}") from error
        except Misconfigured:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Send what is buffered and disconnect."""
        with contextlib.suppress(KafkaError):
            await self._producer.stop()

    async def partitions(self, topic: Topic) -> int:
        """How many partitions the topic has; 0 where there is none.

        Raises:
            Unavailable: no broker answers.
        """
        try:
            return len(await self._producer.partitions_for(topic.name))
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
        try:
            acks = [
                await self._producer.send(
                    each.topic, each.value, key=each.key, partition=each.partition, headers=list(each.headers)
                )
                for each in records
            ]
            await asyncio.gather(*acks)
        except KafkaError as error:
            raise Unavailable(f"Kafka did not take a record: {error!r}") from error
