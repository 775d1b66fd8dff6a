"""What the kill plans share: a feeder that never gives up, and a watch that reads, waits and restarts who died."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from schemas.topics import Topic
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send, Unavailable
from tests.system.conftest import Worker

PACE_S = 0.04
CHUNK = 50  # inputs of a burst sent at once
POLL_MS = 100


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
        self._publisher = Publisher(bootstrap, "plan")
        self._burst, self._stop = 0, asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.sent = self.repeated = 0

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
                await self._pause(PACE_S)

    async def _pause(self, duration_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), duration_s)

    async def _deliver(self, inputs: Sequence[Send | Poison]) -> None:
        while True:
            try:
                for each in inputs:
                    if isinstance(each, Poison):
                        await self._publisher.send_raw(each.topic, each.key, each.value)
                await self._publisher.send([each for each in inputs if isinstance(each, Send)])
            except Unavailable:
                self.repeated += len(inputs)
                await self._connect()
            else:
                self.sent += len(inputs)
                return

    async def _connect(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._publisher.stop(), 5)
        while True:
            self._publisher = Publisher(self._bootstrap, "plan")
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

    async def until(self, is_true: Callable[[], bool], within_s: float, what: str) -> float:
        """The seconds until it was true."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not is_true():
            spent_s = loop.time() - began
            assert spent_s < within_s, f"not within {within_s:.0f} s: {what}; statuses {self.statuses()}"
            await self._poll()
        return loop.time() - began

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
        await self.until(lambda: loop.time() >= end, duration_s + 30, "time")

    def statuses(self) -> dict[str, list[int]]:
        """How each worker ended, each time."""
        return {worker.log.stem: worker.statuses for worker in self._workers}

    async def _poll(self) -> None:
        for worker in self._workers:
            worker.keep_alive()
        with contextlib.suppress(KafkaError):
            for records in (await self._consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    self.records[record.topic].append(record)
