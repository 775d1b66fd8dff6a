"""What the kill plans share: a feeder that never gives up, a watch that restarts who died, and the nemesis itself."""

import asyncio
import contextlib
import logging
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, assert_never

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from schemas.topics import Topic
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send, Unavailable
from tests.brokers import Node
from tests.system.conftest import Worker

log = logging.getLogger(__name__)

PACE_S = 0.04
CHUNK = 50  # inputs of a burst sent at once
POLL_MS = 100
AWAKE_S = 2.0  # what wakes up does its harm at once
WITHIN_S = 120.0  # a worker comes back in about 15 s on an idle machine, most of it the session
LINGER_S = 5.0  # a worker that has ended is gone by then, and its partitions with it
Blow: TypeAlias = Literal["kill", "terminate", "suspend", "overtake", "kill_broker"]
Records: TypeAlias = Mapping[str, Sequence[Any]]
IsAnswered: TypeAlias = Callable[[Records, Sequence[Any]], bool]
"""What was read of each topic, and the inputs in question."""


@dataclass(frozen=True, slots=True)
class Poison:
    """Bytes nobody can read, for a topic that holds something else."""

    topic: Topic
    key: bytes | None
    value: bytes


class Feeder:
    """Sends what `make` makes, in order; again where the broker did not take it, as ingest and every client does."""

    def __init__(self, bootstrap: str, make: Callable[[], Send | Poison]) -> None:
        self._bootstrap, self._make = bootstrap, make
        self._publisher = Publisher(Kafka(bootstrap), "plan")
        self._burst, self._stop = 0, asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin, at a steady pace."""
        await self._publisher.start()
        self._task = asyncio.create_task(self._run())

    def burst(self, count: int) -> None:
        """Send so many inputs without a pause."""
        self._burst += count

    async def stop(self) -> None:
        """End; everything that was begun is sent."""
        self._stop.set()
        if self._task is not None:
            await self._task
        await self._publisher.stop()

    async def _run(self) -> None:
        while not self._stop.is_set():
            count = min(CHUNK, self._burst) or 1
            await self._deliver([self._make() for _ in range(count)])
            self._burst = max(0, self._burst - count)
            if not self._burst:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), PACE_S)

    async def _deliver(self, inputs: Sequence[Send | Poison]) -> None:
        while True:
            try:
                for each in inputs:
                    if isinstance(each, Poison):
                        await self._publisher.send_raw(each.topic, each.key, each.value)
                await self._publisher.send([each for each in inputs if isinstance(each, Send)])
            except Unavailable:
                await self._connect()
            else:
                return

    async def _connect(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._publisher.stop(), 5)
        while True:
            self._publisher = Publisher(Kafka(self._bootstrap), "plan")
            try:
                await self._publisher.start()
            except Unavailable:
                await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.3)
            else:
                return


class Watch:
    """Follows topics as a `read_committed` reader does, and keeps the workers alive meanwhile."""

    def __init__(self, bootstrap: str, topics: Sequence[Topic], workers: Sequence[Worker]) -> None:
        self._consumer: Any = AIOKafkaConsumer(
            *(topic.name for topic in topics), bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False,
            auto_offset_reset="earliest", isolation_level="read_committed",
        )  # fmt: skip
        self._workers = workers
        self.records: dict[str, list[Any]] = defaultdict(list)

    async def start(self) -> None:
        """Connect."""
        await self._consumer.start()

    async def stop(self) -> None:
        """Disconnect."""
        await asyncio.gather(self._consumer.stop(), return_exceptions=True)

    async def until(self, is_true: Callable[[], bool], what: str, within_s: float = WITHIN_S) -> None:
        """Go on until it is true."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not is_true():
            statuses = {worker.log.stem: worker.statuses for worker in self._workers}
            assert loop.time() - began < within_s, f"not within {within_s:.0f} s: {what}; workers ended with {statuses}"
            await self._poll()

    async def catch_up(self) -> None:
        """Read everything that is there now."""
        partitions = sorted(self._consumer.assignment())
        ends = await self._consumer.end_offsets(partitions)
        while any([await self._consumer.position(each) < end for each, end in ends.items()]):
            await self._poll()

    async def during(self, duration_s: float) -> None:
        """Go on for so long."""
        loop = asyncio.get_running_loop()
        end = loop.time() + duration_s
        await self.until(lambda: loop.time() >= end, "time", duration_s + 30)

    async def _poll(self) -> None:
        for worker in self._workers:
            worker.keep_alive()
        with contextlib.suppress(KafkaError):
            for records in (await self._consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    self.records[record.topic].append(record)


@dataclass(frozen=True, slots=True)
class Plan:
    """Two workers, what they read and write, and how one sees that they are alive and have answered.

    `burst` inputs are sent at once, and the blow falls when `amid` records of the output have come of them.
    `owners` of the pair own partitions at once: where there is one partition, only one does, and it is the one struck.
    """

    node: Node
    pair: tuple[Worker, Worker]
    watch: Watch
    feeder: Feeder
    source: Topic
    output: Topic
    owned: str
    is_answered: IsAnswered
    burst: int = 400
    amid: int = 150
    blows: tuple[Blow, ...] = ("kill", "terminate", "suspend", "kill_broker")
    owners: int = 2

    async def play(self) -> None:
        """Everything that is to happen; returns when both workers have ended in order and all is answered."""
        await self.strike_all()
        assert [await worker.end() for worker in self.pair] == [0, 0]
        assert all(late < LINGER_S for worker in self.pair for late in worker.lingered_s)

    async def strike_all(self) -> None:
        """Every blow, each under a burst; returns when all is answered, and nothing more is to come."""
        await self.watch.start()
        await self.feeder.start()
        self.feeder.burst(self.burst)  # the workers find a backlog, and no committed offset
        await self._recovered()
        for blow in self.blows:
            began = time.monotonic()
            await self._in_the_midst()
            await self._strike(blow)
            await self._recovered()
            log.info("%s: %.1f s", blow, time.monotonic() - began)
        await self.feeder.stop()
        await self.watch.catch_up()
        await self._answered()
        await self.watch.during(2)  # what is to come a moment later

    async def _strike(self, blow: Blow) -> None:
        struck = [worker for worker in self.pair if self._owns(worker)][: self.owners]
        one, two = struck[0], struck[-1]
        match blow:
            case "kill":
                one.kill()
                one.start()
            case "terminate":
                assert await two.end() == 0
                two.start()
            case "suspend":
                await self._suspend(one)
            case "overtake":
                await self._overtake(one)
            case "kill_broker":
                self.node.kill()
                restarting = asyncio.create_task(asyncio.to_thread(self.node.restart))
                await self.watch.until(restarting.done, "the broker answers")
                await restarting
            case _:
                assert_never(blow)

    async def _suspend(self, one: Worker) -> None:
        """Stop it past its session, until the other has all and has answered some; it wakes up with its hands full.

        What it holds are the rest of a burst and, once it reads on, the beginning of the next: a fetch was under way.
        """
        other = self._other(one)
        all_of_them = self._partitions(one) | self._partitions(other)
        one.send(signal.SIGSTOP)
        await self.watch.catch_up()
        before = len(self.watch.records[self.output.name])
        self.feeder.burst(self.burst // 2)
        await self.watch.until(lambda: self._partitions(other) >= all_of_them, "the other has all partitions")
        await self._grown(before + self.amid // 2)
        one.send(signal.SIGCONT)
        await self.watch.during(AWAKE_S)

    async def _overtake(self, one: Worker) -> None:
        """Let it stop within a transaction until the other has worked on from there; it wakes up and goes on to commit.

        Of a worker that stops so on SIGUSR1, and says where. What the other commits behind an open transaction is seen
        by no `read_committed` reader, so its own word is taken for it.
        """
        other = self._other(one)
        one.send(signal.SIGUSR1)
        self.feeder.burst(self.burst // 2)
        await self.watch.until(lambda: bool(one.said("stops")), "it stops within a transaction")
        number = one.said("stops")[-1]["partition"]
        before = self._applied(other, number)
        await self.watch.until(lambda: self._applied(other, number) > before, "the other works on in its place")
        one.send(signal.SIGCONT)
        await self.watch.during(AWAKE_S)

    async def _in_the_midst(self) -> None:
        before = len(self.watch.records[self.output.name])
        self.feeder.burst(self.burst)
        await self._grown(before + self.amid)

    async def _grown(self, count: int) -> None:
        await self.watch.until(lambda: len(self.watch.records[self.output.name]) >= count, "a burst is partly answered")

    async def _recovered(self) -> None:
        """Who should owns partitions, the other stands by, and what was there is answered."""
        await self.watch.until(self._is_whole, "the owners own partitions, and both are of the group")
        await self._answered()

    async def _answered(self) -> None:
        inputs = list(self.watch.records[self.source.name])
        await self.watch.until(lambda: self.is_answered(self.watch.records, inputs), "the inputs are answered")

    def _is_whole(self) -> bool:
        are_members = all(worker.said(self.owned) for worker in self.pair)
        return are_members and sum(map(self._owns, self.pair)) >= self.owners

    def _other(self, one: Worker) -> Worker:
        return self.pair[0] if one is self.pair[1] else self.pair[1]

    @staticmethod
    def _applied(worker: Worker, number: int) -> int:
        return sum(line["partition"] == number for line in worker.said("applied"))

    def _owns(self, worker: Worker) -> bool:
        return bool(self._partitions(worker)) and not worker.said("ended")

    def _partitions(self, worker: Worker) -> frozenset[str]:
        owned = worker.said(self.owned)
        return frozenset(map(str, owned[-1]["partitions"])) if owned else frozenset()
