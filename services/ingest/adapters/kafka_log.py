"""The log in Kafka: one idempotent, non-transactional producer. A broker that is away is waited for, up to a limit."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from aiokafka.errors import KafkaError, KafkaTimeoutError, UnknownTopicOrPartitionError

from schemas.topics import Topic
from services.ingest.core.records import Batch, Outgoing
from services.ingest.metrics import PACKS, TRIES
from services.runtime.clock import now_ms
from services.runtime.clock_offset import tell_clock
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.outcome import Misconfigured, Unavailable

MAX_REQUEST_BYTES = 1_000_000  # below the broker's default message.max.bytes
REQUEST_TIMEOUT_MS = 10_000
STOP_S = 8.0  # what is not kept by then is sent again by who was not told that it is


class KafkaLog:
    """Keeps records on their topics.

    `ack_s` bounds the wait for acks: the collector answers 503 then. None waits for as long as the broker is away.
    """

    def __init__(self, kafka: Kafka, client_id: str, *, ack_s: float | None, linger_ms: int = 2) -> None:
        self._kafka = kafka
        self._options: dict[str, Any] = {
            "client_id": client_id,
            "linger_ms": linger_ms,
            "enable_idempotence": True,
            "max_batch_size": MAX_REQUEST_BYTES,
            "max_request_size": 2 * MAX_REQUEST_BYTES,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
        }
        self._ack_s = ack_s
        self._producer: Any = None
        self.is_broken = asyncio.Event()  # what a producer refuses once, it refuses for ever

    async def start(self) -> None:
        """Connect.

        Raises:
            Unavailable: no broker answers.
            Misconfigured: it refuses us.
        """
        self._producer = self._kafka.producer(**self._options)
        try:
            await self._producer.start()
        except KafkaError as error:
            await self.stop()
            raise Unavailable(f"Kafka does not answer: {error}") from error
        except Misconfigured:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Send what is buffered, for some seconds, and disconnect."""
        if self._producer is not None:
            with contextlib.suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(self._producer.stop(), STOP_S)
            self._producer = None

    async def partition_count(self, topic: Topic) -> int:
        """How many partitions a topic has.

        Raises:
            Misconfigured: it does not exist.
            Unavailable: no broker answers.
        """
        try:
            return len(await self._connected().partitions_for(topic.name))
        except UnknownTopicOrPartitionError as error:
            raise Misconfigured(f"topic {topic.name} is missing; create the topics first") from error
        except KafkaError as error:
            raise Unavailable(f"Kafka does not answer: {error!r}") from error

    async def append(self, records: Sequence[Outgoing]) -> None:
        """Keep the records; returns after every ack."""
        try:
            asked_ms = now_ms()
            async with asyncio.timeout(self._ack_s):
                acks = await asyncio.gather(*[await self._send(each) for each in records])
            tell_clock(acks[-1:], asked_ms)
        except (KafkaTimeoutError, TimeoutError) as error:
            TRIES.inc()
            raise Unavailable(f"Kafka did not take a record in time: {error!r}") from error
        except KafkaError as error:
            TRIES.inc()
            self.is_broken.set()
            raise Unavailable(f"Kafka refused a record: {error!r}") from error

    async def append_batch(self, batch: Batch) -> None:
        """Keep a batch, the partitions side by side; returns or raises only when all have ended.

        A pack goes out when the one before it in its partition is kept: were an earlier one lost and a later one kept,
        the profile would take the earlier one's second coming for a repeat.

        Raises:
            Ended: the broker refused a record (status 75): the producer's sequence is broken, a new one must come.
        """
        lanes: dict[int | None, list[Outgoing]] = {}
        for each in batch.packs:
            lanes.setdefault(each.partition, []).append(each)
        ends = await asyncio.gather(
            *map(self._in_order, lanes.values()), self.append(batch.others), return_exceptions=True
        )
        errors = [end for end in ends if isinstance(end, BaseException)]
        if errors:
            raise Ended(Status.FENCED, str(errors[0])) if self.is_broken.is_set() else errors[0]
        PACKS.inc(len(batch.packs))

    async def _in_order(self, lane: Sequence[Outgoing]) -> None:
        for each in lane:
            await self.append((each,))

    async def _send(self, each: Outgoing) -> "asyncio.Future[Any]":
        sent: asyncio.Future[Any] = await self._connected().send(
            each.topic.name, each.value, key=each.key, partition=each.partition, headers=list(each.headers)
        )
        return sent

    def _connected(self) -> Any:
        if self._producer is None:
            raise Unavailable("not connected to Kafka")
        return self._producer
