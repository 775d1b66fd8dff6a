"""The exactly-once loop: group, fence, take, drain. What a record leads to is one transaction.

The group only says who is alive; the transactional producer of each input partition, made anew by its owner, decides.
"""

import asyncio
import contextlib
import itertools
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from services.runtime import metrics
from services.runtime.errors import Ended, Status
from services.runtime.kafka_aside import Shelf
from services.runtime.kafka_clients import POLL_MS, Kafka
from services.runtime.kafka_ends import Ends
from services.runtime.kafka_handle import Fuse, Handler
from services.runtime.kafka_lag import Lag, asking
from services.runtime.kafka_markers import Markers
from services.runtime.kafka_member import CONNECT, connected
from services.runtime.kafka_owned import Own, Owned, Owning, Room, Share
from services.runtime.kafka_partition import Partition
from services.runtime.kafka_places import Places
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.kafka_trouble import Trouble
from services.runtime.log_identity import told_accepted
from services.runtime.outcome import Message, Outcome, Unavailable
from services.runtime.process import Process
from services.runtime.recovery import recovering

log = logging.getLogger(__name__)

SETTLE_SHARE = 0.6  # of the session: the group drops us at its end
MAX_RECORDS = 100
FULL_S = 1.0  # how long is waited for room at once
NOWHERE = TopicPartition("", 0)  # asking for it alone says that we live, and hands out nothing


async def run_loop(
    policy: LoopPolicy, kafka: Kafka, handle: Callable[[Message], Awaitable[Outcome]], process: Process,
    owning: Owning | None = None,
) -> None:  # fmt: skip
    """Handle every record of the topics until the process stops.

    What goes wrong ends the process: fenced or unable to publish (75), our bug (70), or the fuse (78).
    """

    def set_away(is_away: bool) -> None:  # noqa: FBT001 a fact, not a switch
        process.watch.set_away(policy.stage, is_away)
        process.health.set_ready(f"what {policy.stage} asks", not is_away)

    metrics.begin_records(policy.stage, policy.topics)
    handler = Handler(Ends(policy.stage, policy.aside), handle, Fuse(policy.fuse_share), set_away, policy.hold)
    own: Own = lambda each, share: Partition(each, policy.stage, policy.group, handler, share)  # noqa: E731
    await run_owning(policy, kafka, own, process, owning)


async def run_owning(
    policy: LoopPolicy, kafka: Kafka, own: Own, process: Process, owning: Owning | None = None
) -> None:
    """Own partitions of the topics until the process stops; what goes wrong ends the process, as in `run_loop`."""
    await _Loop(policy, kafka, own, process, owning).run()


class _Loop(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types; it asks for this class
    def __init__(self, policy: LoopPolicy, kafka: Kafka, own: Own, process: Process, owning: Owning | None) -> None:
        self._policy, self._kafka, self._process, self._owning = policy, kafka, process, owning
        self._tasks, self._new_partition = process.tasks, own
        self._room = Room(policy.in_flight, process.watch.progress(policy.part, policy.patience_s))
        self._shelf = None if policy.aside is None else Shelf(kafka, policy.aside.topic)
        self._share = Share(self._tasks, self._room, self._shelf, policy.hold)
        self._partitions: dict[TopicPartition, Owned] = {}
        self._reading: dict[TopicPartition, asyncio.Task[None]] = {}
        self._moving = asyncio.Lock()  # partitions from one hand to the other
        self._is_joined = False
        self._trouble = Trouble(f"take {policy.stage}", lambda _: self._tell_ready())
        self._consumer: Any = None
        self._places: Places
        self._markers: Markers

    async def run(self) -> None:
        """Connect, take until told to stop, drain."""
        self._process.health.set_ready(self._policy.part, is_ready=False)
        self._consumer = await connected(self._policy, self._kafka, self._process.stop)
        if self._consumer is None:
            return
        self._places = Places(self._policy, self._consumer)
        self._markers = Markers(self._consumer, self._partitions)
        self._consumer.subscribe([topic.name for topic in self._policy.topics], listener=self)
        metrics.begin(self._policy.stage)
        metrics.begin_topics(self._policy.stage, self._policy.topics)
        taking = self._tasks.start(f"take {self._policy.stage}", self._take_for_ever())
        left = asking(self._policy.stage, self._consumer, self._partitions)
        lagging = self._tasks.start(f"lag of {self._policy.stage}", Lag(self._policy.stage).follow(left))
        try:
            await self._process.stop.wait()
            await self._tasks.stop(taking)
            self._pause(self._partitions)
            await self._each(partition.drain(self._policy.drain_s) for partition in self._partitions.values())
            await self._markers.pass_last()
            await self._each(partition.settle(self._policy.drain_s) for partition in self._partitions.values())
        finally:
            self._process.health.set_ready(self._policy.part, is_ready=False)
            await self._tasks.stop(taking, lagging)
            await self._close()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Pause at once (records are handed out while this runs), fence, read the committed offsets, seek, resume."""
        owned = set(assigned)
        self._consumer.pause(*owned)
        try:
            async with self._moving:
                await self._move_to(owned)
        except KafkaError as error:
            self._tasks.end(Ended(Status.FENCED, f"could not take over: {error!r}"))
        except Exception as error:  # noqa: BLE001 what a listener raises is swallowed by aiokafka: it ends the process
            self._tasks.end(error, f"take over {self._policy.stage}")
        metrics.PARTITIONS.labels(self._policy.stage).set(len(self._partitions))
        names = sorted(f"{each.topic}/{each.partition}" for each in owned)
        log.info("assigned", extra={"stage": self._policy.stage, "partitions": names})
        self._is_joined = True
        self._tell_ready()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Stop taking, publish what is finished, publish nothing until assigned again."""
        self._pause(self._partitions)
        await self._tasks.stop(*self._reading.values())
        within_s = SETTLE_SHARE * self._policy.session_s
        try:
            await self._each(partition.settle(within_s) for partition in self._partitions.values())
        except Exception as error:  # noqa: BLE001 as above
            self._tasks.end(error, f"settle {self._policy.stage}")
        names = sorted(f"{each.topic}/{each.partition}" for each in revoked)
        log.info("revoked", extra={"stage": self._policy.stage, "partitions": names})

    async def _move_to(self, owned: set[TopicPartition]) -> None:
        for each, partition in self._partitions.items():
            self._places.leave(each, partition.committed)
        await self._each([self._give_up(each) for each in self._partitions.keys() - owned])
        await self._each(self._own(each) for each in sorted(owned))

    async def _give_up(self, each: TopicPartition) -> None:
        self._reading.pop(each, None)
        await self._partitions.pop(each).close()
        if self._owning is not None:
            self._owning.lost(each.partition)

    async def _own(self, each: TopicPartition) -> None:
        kept = self._partitions.get(each)
        if kept is not None:
            is_read = self._reading.pop(each, None) is None
            if is_read and kept.is_whole and await self._places.is_unmoved(each, kept.committed):
                self._start(each, kept)
                return
            await self._give_up(each)
        await self._take_over(each)

    async def _take_over(self, each: TopicPartition, start: int | None = None) -> None:
        """Refuse the former owner, and only then ask where it was; `start` is where that is known to be no more."""
        partition = self._new_partition(each, self._share)
        try:
            await partition.fence(self._kafka)
            partition.committed = await self._places.begin(each) if start is None else start
        except BaseException:  # nobody else knows its producer
            await partition.close()
            raise
        self._partitions[each] = partition
        act = self._read_first(each, partition)  # not in the group's callback, where no heartbeat runs
        self._reading[each] = self._tasks.start(f"read what goes with {each.topic}/{each.partition}", act)

    async def _read_first(self, each: TopicPartition, partition: Owned) -> None:
        with recovering(self._policy.stage):
            await self._read_until_read(each, partition)
            if self._owning is not None:
                await self._owning.owned(each.partition)
        self._start(each, partition)
        del self._reading[each]
        self._tell_ready()

    async def _read_until_read(self, each: TopicPartition, partition: Owned) -> None:
        trouble = Trouble(f"read what goes with {each.topic}/{each.partition}")
        for tries in itertools.count():
            try:
                await partition.read()
                break
            except Unavailable as error:
                trouble.meet(error.__cause__ or error)
                await asyncio.sleep(CONNECT.wait_s(tries))

    def _tell_ready(self) -> None:
        """Ready is who has joined, has read what goes with each partition, and is told no error."""
        is_ready = self._is_joined and not self._reading and not self._trouble.is_there
        self._process.health.set_ready(self._policy.part, is_ready)

    def _start(self, each: TopicPartition, partition: Owned) -> None:
        if self._process.stop.is_set():  # what would begin now might be cut off in its middle
            return
        partition.open(partition.committed)
        self._consumer.seek(each, partition.position)
        self._consumer.resume(each)

    async def _take_for_ever(self) -> None:
        while True:
            if self._policy.hold.is_on:
                await self._policy.hold.over(FULL_S)
                self._room.rest()
                await self._say_alive()
                await self._markers.pass_now_and_then()
                continue
            if not self._room.left:
                await self._wait_for_room()
                await self._say_alive()
                continue
            try:
                most = min(MAX_RECORDS, self._room.left)
                batches = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=most)
            except NoOffsetForPartitionError:  # of a partition that is being taken over: it is sought in a moment
                continue
            except OffsetOutOfRangeError as error:
                await self._out_of_range(error)
                continue
            except KafkaError as error:
                self._trouble.meet_taking(error)
                await asyncio.sleep(CONNECT.first_s)
                continue
            self._trouble.clear()
            for each, records in batches.items():
                if (partition := self._partitions.get(each)) is not None:
                    for record in records:
                        partition.take(record)
            metrics.IN_FLIGHT.labels(self._policy.stage).set(self._room.held)
            await self._markers.pass_now_and_then()

    async def _out_of_range(self, error: OffsetOutOfRangeError) -> None:
        """The log is not the one that was read a moment ago: it was cut off, or made anew."""
        for each, offset in error.args[0].items():
            if (partition := self._partitions.get(each)) is not None and partition.is_open:
                with contextlib.suppress(KafkaError):  # the next fetch says the same
                    start = await self._places.start_of(each, offset)
                    if start == offset:
                        continue
                    told_accepted(self._policy.stage, f"{each.topic}/{each.partition}", offset, start)
                    await self._begin_anew(each, partition, start)

    async def _begin_anew(self, each: TopicPartition, former: Owned, start: int) -> None:
        """Publish what is at work of the log as it was, and take the partition over: none of its offsets holds here."""
        self._pause([each])
        await former.drain(self._policy.drain_s)
        async with self._moving:
            if self._partitions.get(each) is not former:  # the group has moved it meanwhile
                return
            await self._give_up(each)
            self._places.begin_anew(each, start)
            try:
                await self._take_over(each, start)
            except KafkaError as error:
                raise Ended(Status.FENCED, f"could not take over anew: {error!r}") from error
        self._tell_ready()

    async def _wait_for_room(self) -> None:
        """Wait a while for a record to end."""
        began = time.monotonic()
        await self._room.wait(FULL_S)
        metrics.PAUSED_SECONDS.labels(self._policy.stage).inc(time.monotonic() - began)

    async def _say_alive(self) -> None:
        """Let the group hear that we are alive, though nothing is asked for."""
        with contextlib.suppress(KafkaError):  # the next one that takes says so
            await self._consumer.getmany(NOWHERE, timeout_ms=0)

    def _pause(self, partitions: Iterable[TopicPartition]) -> None:
        for each in list(partitions):
            if each in self._consumer.assignment():
                self._consumer.pause(each)

    async def _close(self) -> None:
        await self._tasks.stop(*self._reading.values())
        await asyncio.gather(self._consumer.stop(), return_exceptions=True)
        await asyncio.gather(*(each.close() for each in self._partitions.values()), return_exceptions=True)
        if self._shelf is not None:
            await self._shelf.stop()

    async def _each(self, acts: Iterable[Awaitable[None]]) -> None:
        await asyncio.gather(*acts)
