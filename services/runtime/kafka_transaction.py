"""The transactional producer of one owned partition: the fence, and one transaction after another."""

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka.errors import IllegalOperation, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from services.runtime import metrics
from services.runtime.clock import now_ms
from services.runtime.clock_offset import tell_clock
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import Record

TIMEOUT_MS = 15_000
BATCH_BYTES = 16_384  # aiokafka's own: a record or two
LARGE_BATCH_BYTES = 524_288  # half of what a broker takes: a fold writes tables


@dataclass(frozen=True, slots=True)
class Owner:
    """As whom the broker knows the owner of a partition; whoever comes by the same `transactional_id` is the next.

    `partition`: the input whose offsets move for `group`, or the table that values are written to, without a group.
    """

    transactional_id: str
    partition: TopicPartition
    stage: str
    group: str | None = None
    timeout_ms: int = TIMEOUT_MS
    batch_bytes: int = BATCH_BYTES


def owner_of_input(partition: TopicPartition, stage: str, group: str, batch_bytes: int = BATCH_BYTES) -> Owner:
    """The owner of an input partition, for a group."""
    transactional_id = f"{group}-{partition.topic}-{partition.partition}"
    return Owner(transactional_id, partition, stage, group, batch_bytes=batch_bytes)


class Transactions(Protocol):
    """One transaction after another, by who owns a partition. `is_whole` is False where one was not ended."""

    is_whole: bool

    async def fence(self, kafka: Kafka) -> None:
        """Own the partition: a former owner's open transaction is aborted, and they are refused from then on."""
        ...

    async def commit(
        self,
        records: Sequence[Record],
        following: int | None = None,
        values: Mapping[bytes, bytes | None] | None = None,
    ) -> int | None:
        """All of it or nothing: records, the offset behind what is done, values by key. Gives the last value's offset.

        Raises:
            Ended: fenced, or the broker refused; or our bug.
        """
        ...

    async def close(self) -> None:
        """Disconnect."""
        ...


class Transactor:
    """Made anew by each owner of a partition: the broker refuses the former one from its `fence` on.

    `is_whole` is False from the begin of a transaction to its end: one that was called off in between leaves a producer
    that nobody may use again.
    """

    def __init__(self, owner: Owner) -> None:
        self._owner, self._partition = owner, owner.partition
        self._producer: Any = None
        self.is_whole = True

    async def fence(self, kafka: Kafka) -> None:
        """Start the producer: the broker aborts a former owner's open transaction and refuses it from then on."""
        owner = self._owner
        self._producer = kafka.producer(
            linger_ms=0, retry_backoff_ms=20, transactional_id=owner.transactional_id,
            transaction_timeout_ms=owner.timeout_ms, max_batch_size=owner.batch_bytes,
        )  # fmt: skip
        await self._producer.start()
        metrics.FENCES.labels(owner.stage).inc()

    async def commit(
        self,
        records: Sequence[Record],
        following: int | None = None,
        values: Mapping[bytes, bytes | None] | None = None,
    ) -> int | None:
        """One transaction: 1 begin, 2 send all outputs, 3 values and the offset, 4 await every ack, 5 commit.

        `following`: the offset behind the input's last record done; None moves none. `values` go to the partition as
        whole batches, at about half the cost of a send for each. Gives the offset of the last value; None without any.

        Raises:
            Ended: fenced, or the broker refused; or a value that no batch takes.
        """
        producer = self._producer
        if producer is None:
            raise Ended(Status.BUG, f"{self._partition}: published before it was fenced")
        if not self.is_whole:
            raise Ended(Status.BUG, f"{self._partition}: published through a producer that was called off")
        began = time.perf_counter()
        batches = _batches(producer, values or {}, self._owner.batch_bytes)
        self.is_whole = False
        try:
            last = await self._transaction(producer, records, following, batches)
            self.is_whole = True
        except (KafkaError, IllegalOperation) as error:
            raise Ended(Status.FENCED, f"{self._partition}: could not publish: {error!r}") from error
        finally:
            outcome = "committed" if self.is_whole else "aborted"
            metrics.TRANSACTIONS.labels(self._owner.stage, outcome).inc()
        metrics.got_on(self._owner.stage)
        metrics.TRANSACTION_SECONDS.labels(self._owner.stage).observe(time.perf_counter() - began)
        return last

    async def close(self) -> None:
        """Stop the producer."""
        if self._producer is not None:
            await asyncio.gather(self._producer.stop(), return_exceptions=True)

    async def _transaction(
        self, producer: Any, records: Sequence[Record], following: int | None, batches: Sequence[Any]
    ) -> int | None:
        await _moved(producer.begin_transaction())  # 1
        acks: list[asyncio.Future[Any]] = []
        try:
            return await self._within(producer, acks, records, following, batches)
        except BaseException:
            for each in acks:  # nobody asks for them any more, which asyncio would tell of
                each.add_done_callback(_hear)
            raise

    async def _within(
        self, producer: Any, acks: list[asyncio.Future[Any]], records: Sequence[Record], following: int | None,
        batches: Sequence[Any],
    ) -> int | None:  # fmt: skip
        asked_ms = now_ms()
        for each in records:  # 2
            options = {"key": each.key, "partition": each.partition, "headers": list(each.headers)}
            acks.append(await producer.send(each.topic, each.value, **options))
        where, number = self._partition
        counts = [each.record_count() for each in batches]  # a batch that was sent does not tell
        for batch in batches:  # 3
            acks.append(await producer.send_batch(batch, where, partition=number))  # noqa: PERF401 kept when refused
        if following is not None and self._owner.group is not None:
            offsets = {self._partition: OffsetAndMetadata(following, "")}
            await producer.send_offsets_to_transaction(offsets, self._owner.group)
        acked = await asyncio.gather(*acks)  # 4: a refused batch does not fail the transaction by itself
        tell_clock(acked[: len(records)], asked_ms)
        firsts = acked[len(records) :]
        await _moved(producer.commit_transaction())  # 5
        return max((each.offset + count - 1 for each, count in zip(firsts, counts, strict=True)), default=None)


def _hear(ack: "asyncio.Future[Any]") -> None:
    if not ack.cancelled():
        ack.exception()


async def _moved(act: Awaitable[None]) -> None:
    """Begin or commit, on a producer that may have been refused since the last answer: its client asserts its state.

    Between two sends it says `IllegalOperation`, and the refusal itself to whoever awaits an answer.
    """
    try:
        await act
    except AssertionError as error:
        raise IllegalOperation(str(error)) from error


def _batches(producer: Any, values: Mapping[bytes, bytes | None], batch_bytes: int) -> list[Any]:
    """The values as closed record batches.

    Raises:
        Ended: one is larger than a batch may be; aiokafka would take it as the first of a batch, and no broker has to.
    """
    batches: list[Any] = []
    for key, value in values.items():
        if value is not None and len(value) > batch_bytes:
            raise Ended(Status.BUG, f"a value of {len(value)} bytes does not fit a batch of {batch_bytes}")
        if not batches or batches[-1].append(key=key, value=value, timestamp=None) is None:
            batches.append(producer.create_batch())
            batches[-1].append(key=key, value=value, timestamp=None)
    for each in batches:
        each.close()
    return batches
