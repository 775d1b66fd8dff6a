"""The exactly-once loop: group, fence, take, pause and resume, drain. What a record leads to is one transaction.

The group only says who is alive; the transactional producer of each input partition, made anew by its owner, decides.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import aiokafka.producer.sender
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError

from schemas.topics import Topic
from services.runtime import metrics
from services.runtime.errors import Ended, Status
from services.runtime.kafka_handle import Fuse, Handler
from services.runtime.kafka_owned import Own, Owned, Owning
from services.runtime.kafka_partition import Partition
from services.runtime.outcome import Message, Outcome
from services.runtime.process import Process
from services.runtime.retry import Backoff

log = logging.getLogger(__name__)

aiokafka.producer.sender.BACKOFF_OVERRIDE = 0.002  # it waits 20 ms between two transactions otherwise
SESSION_S = 10.0
SETTLE_SHARE = 0.6  # of the session: the group drops us at its end
HEARTBEAT_SHARE = 0.2
POLL_MS = 200
MAX_RECORDS = 100
CONNECT = Backoff(first_s=0.2, longest_s=5.0)


@dataclass(frozen=True, slots=True)
class LoopPolicy:
    """What one loop reads and how much it holds.

    `fuse_share`: the share of rejects that stops the service. `session_s`: how long the group waits for a sign of life.
    """

    stage: str
    group: str
    topics: tuple[Topic, ...]
    in_flight: int = 64
    drain_s: float = 10.0
    fuse_share: float | None = 0.5
    part: str = "kafka"  # of the process, as its health names it
    session_s: float = SESSION_S


async def run_loop(
    policy: LoopPolicy, bootstrap: str, handle: Callable[[Message], Awaitable[Outcome]], process: Process,
    owning: Owning | None = None,
) -> None:  # fmt: skip
    """Handle every record of the topics until the process stops.

    Raises:
        Ended: fenced or unable to publish (75), our bug (70), or the fuse (78).
    """
    handler = Handler(policy.stage, handle, Fuse(policy.fuse_share))
    own: Own = lambda each, end: Partition(each, policy.stage, policy.group, handler, end)  # noqa: E731
    await run_owning(policy, bootstrap, own, process, owning)


async def run_owning(
    policy: LoopPolicy, bootstrap: str, own: Own, process: Process, owning: Owning | None = None
) -> None:
    """Own partitions of the topics until the process stops.

    Raises:
        Ended: as `run_loop`.
    """
    await _Loop(policy, bootstrap, own, process, owning).run()


class _Loop(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types; it asks for this class
    def __init__(self, policy: LoopPolicy, bootstrap: str, own: Own, process: Process, owning: Owning | None) -> None:
        self._policy, self._bootstrap, self._process, self._owning = policy, bootstrap, process, owning
        self._new_partition = own
        self._partitions: dict[TopicPartition, Owned] = {}
        self._paused: set[TopicPartition] = set()
        self._reading: dict[TopicPartition, asyncio.Task[None]] = {}
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._consumer = self._new_consumer()

    async def run(self) -> None:
        """Connect, take until told to stop or ended, drain."""
        self._process.health.set_ready(self._policy.part, is_ready=False)
        if not await self._connect():
            return
        taking = asyncio.create_task(self._take_for_ever())
        stopping = asyncio.create_task(self._process.stop.wait())
        try:
            waited: set[asyncio.Future[Any]] = {taking, stopping, self._ended}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)
            if not self._ended.done() and taking.done() and not taking.cancelled() and taking.exception():
                self._end(Ended(Status.BUG, f"taking failed: {taking.exception()!r}"))
            if not self._ended.done():
                self._pause(self._partitions)
                await self._each(partition.drain(self._policy.drain_s) for partition in self._partitions.values())
        finally:
            stopping.cancel()
            self._process.health.set_ready(self._policy.part, is_ready=False)
            await self._close()
        if self._ended.done():
            self._ended.result()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Pause at once (records are handed out while this runs), fence, read the committed offsets, seek, resume."""
        owned = set(assigned)
        self._consumer.pause(*owned)
        try:
            gone = {each: self._partitions.pop(each) for each in list(self._partitions) if each not in owned}
            await self._each(partition.close() for partition in gone.values())
            if self._owning is not None:
                for each in gone:
                    self._owning.lost(each.partition)
            await self._each(self._own(each) for each in sorted(owned))
        except Ended as end:
            self._end(end)
        except KafkaError as error:
            self._end(Ended(Status.FENCED, f"could not take over: {error!r}"))
        except Exception as error:  # what a listener raises is swallowed by aiokafka: it must end the process instead
            log.exception("bug")
            self._end(Ended(Status.BUG, f"could not take over: {error!r}"))
        metrics.PARTITIONS.labels(self._policy.stage).set(len(self._partitions))
        names = sorted(f"{each.topic}/{each.partition}" for each in owned)
        log.info("assigned", extra={"stage": self._policy.stage, "partitions": names})
        self._process.health.set_ready(self._policy.part, is_ready=not self._ended.done())

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Stop taking, publish what is finished, publish nothing until assigned again."""
        self._pause(self._partitions)
        for reading in self._reading.values():
            reading.cancel()
        within_s = SETTLE_SHARE * self._policy.session_s
        try:
            await self._each(partition.settle(within_s) for partition in self._partitions.values())
        except Ended as end:
            self._end(end)
        names = sorted(f"{each.topic}/{each.partition}" for each in revoked)
        log.info("revoked", extra={"stage": self._policy.stage, "partitions": names})

    async def _own(self, each: TopicPartition) -> None:
        kept = self._partitions.get(each)
        if kept is not None:
            committed = await self._consumer.committed(each)
            if committed is not None and committed == kept.committed and each not in self._reading:
                self._start(each, kept)
                return
            del self._partitions[each]
            await kept.close()
        partition = self._new_partition(each, self._end)
        await partition.fence(self._bootstrap)
        committed = await self._consumer.committed(each)
        if committed is None:
            committed = (await self._consumer.beginning_offsets([each]))[each]
        partition.committed = committed
        self._partitions[each] = partition
        if self._owning is None:
            self._start(each, partition)
        else:  # not in this callback, where no heartbeat runs
            self._reading[each] = asyncio.create_task(self._read_first(self._owning, each, partition))

    async def _read_first(self, owning: Owning, each: TopicPartition, partition: Owned) -> None:
        try:
            await owning.owned(each.partition)
            self._start(each, partition)
        except Exception as error:
            log.exception("bug")
            self._end(Ended(Status.BUG, f"could not read what goes with {each}: {error!r}"))
        else:
            del self._reading[each]

    def _start(self, each: TopicPartition, partition: Owned) -> None:
        partition.open(partition.committed)
        self._consumer.seek(each, partition.position)
        self._paused.discard(each)
        self._consumer.resume(each)

    async def _take_for_ever(self) -> None:
        while True:
            try:
                batches = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
            except KafkaError as error:
                log.warning("kafka_away", extra={"reason": repr(error)})
                await asyncio.sleep(CONNECT.first_s)
                continue
            for each, records in batches.items():
                if (partition := self._partitions.get(each)) is not None:
                    for record in records:
                        partition.take(record)
            self._balance()

    def _balance(self) -> None:
        """Pause a partition at the high mark of records in flight, resume it at half."""
        total = 0
        for each, partition in self._partitions.items():
            total += partition.in_flight
            if each not in self._consumer.assignment() or not partition.is_open:
                continue
            if each not in self._paused and partition.in_flight >= self._policy.in_flight:
                self._pause([each])
            elif each in self._paused and partition.in_flight <= self._policy.in_flight // 2:
                self._paused.discard(each)
                self._consumer.resume(each)
        metrics.IN_FLIGHT.labels(self._policy.stage).set(total)

    def _pause(self, partitions: Iterable[TopicPartition]) -> None:
        for each in list(partitions):
            if each in self._consumer.assignment():
                self._consumer.pause(each)
                self._paused.add(each)

    async def _connect(self) -> bool:
        """True once the group can be joined; a broker that is away is waited for, until told to stop."""
        for tries in range(10**9):
            try:
                await self._consumer.start()
            except KafkaError as error:
                log.warning("kafka_away", extra={"reason": repr(error)})
                await asyncio.gather(self._consumer.stop(), return_exceptions=True)
                self._consumer = self._new_consumer()
            else:
                self._consumer.subscribe([topic.name for topic in self._policy.topics], listener=self)
                return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.stop.wait(), CONNECT.wait_s(tries))
                return False
        return False

    def _new_consumer(self) -> Any:
        session_ms = int(self._policy.session_s * 1_000)
        return AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, group_id=self._policy.group, enable_auto_commit=False,
            auto_offset_reset="earliest", isolation_level="read_committed", session_timeout_ms=session_ms,
            heartbeat_interval_ms=int(HEARTBEAT_SHARE * session_ms), rebalance_timeout_ms=30_000,
            max_poll_interval_ms=300_000, fetch_max_wait_ms=POLL_MS, max_partition_fetch_bytes=262_144,
            partition_assignment_strategy=(StickyPartitionAssignor,),
        )  # fmt: skip

    def _end(self, end: Ended) -> None:
        if not self._ended.done():
            self._ended.set_exception(end)

    async def _close(self) -> None:
        for reading in self._reading.values():
            reading.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)
        await asyncio.gather(self._consumer.stop(), return_exceptions=True)
        await asyncio.gather(*(each.close() for each in self._partitions.values()), return_exceptions=True)

    async def _each(self, acts: Iterable[Awaitable[None]]) -> None:
        await asyncio.gather(*acts)
