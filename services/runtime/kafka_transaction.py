"""The transactional producer of one owned input partition: the fence, and one transaction after another."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from typing import Any

from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from services.runtime import metrics
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import Record

TIMEOUT_MS = 15_000
BATCH_BYTES = 16_384  # aiokafka's own: a record or two
LARGE_BATCH_BYTES = 524_288  # half of what a broker takes: a fold writes tables


class Transactor:
    """Made anew by each owner of a partition: the broker refuses the former one from its `fence` on.

    `is_whole` is False from the begin of a transaction to its end: one that was called off in between leaves a producer
    that nobody may use again.
    """

    def __init__(self, partition: TopicPartition, stage: str, group: str, batch_bytes: int = BATCH_BYTES) -> None:
        self._partition, self._stage, self._group, self._batch_bytes = partition, stage, group, batch_bytes
        self._producer: Any = None
        self.is_whole = True

    async def fence(self, kafka: Kafka) -> None:
        """Start the producer: the broker aborts a former owner's open transaction and refuses it from then on."""
        self._producer = kafka.producer(
            linger_ms=0, retry_backoff_ms=20,
            transactional_id=f"{self._group}-{self._partition.topic}-{self._partition.partition}",
            transaction_timeout_ms=TIMEOUT_MS, max_batch_size=self._batch_bytes,
        )  # fmt: skip
        await self._producer.start()

    async def commit(self, records: Sequence[Record], following: int) -> None:
        """One transaction: 1 begin, 2 send all outputs, 3 the offset, 4 await every ack, 5 commit.

        Raises:
            Ended: fenced, or the broker refused.
        """
        producer = self._producer
        if producer is None:
            raise Ended(Status.BUG, f"{self._partition}: published before it was fenced")
        if not self.is_whole:
            raise Ended(Status.BUG, f"{self._partition}: published through a producer that was called off")
        began = time.perf_counter()
        self.is_whole = False
        try:
            await producer.begin_transaction()  # 1
            acks: list[Awaitable[object]] = [
                await producer.send(
                    each.topic, each.value, key=each.key, partition=each.partition, headers=list(each.headers)
                )
                for each in records
            ]  # 2
            offsets = {self._partition: OffsetAndMetadata(following, "")}
            await producer.send_offsets_to_transaction(offsets, self._group)  # 3
            await asyncio.gather(*acks)  # 4: a refused batch does not fail the transaction by itself
            await producer.commit_transaction()  # 5
        except KafkaError as error:
            raise Ended(Status.FENCED, f"{self._partition}: could not publish: {error!r}") from error
        self.is_whole = True
        metrics.TRANSACTION_SECONDS.labels(self._stage).observe(time.perf_counter() - began)

    async def close(self) -> None:
        """Stop the producer."""
        if self._producer is not None:
            await asyncio.gather(self._producer.stop(), return_exceptions=True)
