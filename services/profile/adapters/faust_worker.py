"""The profile's runtime: Faust for group, recovery and store; our own fence, transactions and timers."""

import asyncio
import contextlib
import logging
import math
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from faust.types import TP

from schemas.topics import BY_NAME
from services.profile.adapters.at_work import at_work
from services.profile.adapters.faust_app import new_app, new_table
from services.profile.adapters.faust_consumer import stamp_records
from services.profile.adapters.faust_gap import passed
from services.profile.adapters.faust_loader import Loader
from services.profile.adapters.faust_partition import Partition, owner_of
from services.profile.adapters.faust_transitions import apply, fire_due
from services.profile.adapters.input_logs import INPUTS
from services.profile.adapters.lag import is_behind
from services.profile.adapters.person_cache import PersonCache
from services.profile.adapters.placing import place
from services.profile.adapters.rocks_store import RocksStore
from services.profile.adapters.standing_gauges import Standing
from services.profile.adapters.step_metrics import begin_metrics
from services.profile.adapters.waiting_gauge import show_waiting
from services.profile.adapters.woken import Woken
from services.profile.core.rules import Rules
from services.profile.metrics import count
from services.profile.settings import ProfileSettings
from services.runtime.clock import now_ms
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_transaction import Transactor
from services.runtime.process import Process

log = logging.getLogger(__name__)

TAKEOVER_WITHIN_S = 25.0  # of a 30 s rebalance
STOP_WITHIN_S = 8.0
GONE_WITHIN_S = 1.0
FIRED_AT_ONCE = 200
MB = 1024 * 1024
MARKERS_S = 30.0  # between two looks at markers; retention is days


class FaustWorker:
    """Owns partitions, applies packs, fires timers.

    `kafka` is the one by which the process was let in: who comes by another is a stranger, and refused for good.
    """

    def __init__(
        self, settings: ProfileSettings, kafka: Kafka, rules: Rules, process: Process, partitions: int
    ) -> None:
        stamp_records()
        self._settings, self._rules, self._process = settings, rules, process
        self._partitions: dict[int, Partition] = {}
        self._tasks, self._kafka = process.tasks, kafka
        self._behind = process.watch.progress("packs behind")
        self._applying, self._firing = process.watch.progress("packs"), process.watch.progress("timers")
        self._generation = -1
        self._is_gate_open = False
        self._standing, self._woken = Standing(), Woken()
        begin_metrics()
        show_waiting(lambda: [each.waiting for each in self._partitions.values()])
        self._app = new_app(settings, kafka, agent=self._agent, positions=self._positions, on_revoked=self._on_revoked)
        self._table = new_table(self._app, partitions, own=self.own, on_recover=self._on_recover)

    async def run(self) -> None:
        """Work until the process stops; what goes wrong ends the process, with the status of the outcome table."""
        self._process.health.set_ready("faust", is_ready=False)
        self._app.finalize()
        starting = self._tasks.start("start Faust", self._start())
        ticking = self._tasks.start("tick", self._tick_for_ever())
        try:
            await self._process.stop.wait()
        finally:
            self._is_gate_open = False
            self._process.health.set_ready("faust", is_ready=False)
            if (end := self._tasks.ended) is not None:  # Faust's tasks outlive their cancelling, and its heartbeats
                end = await self._process.caused(end)
                self._process.last_resort(end.status, GONE_WITHIN_S)  # would keep a dead worker's place for long
        await self._tasks.stop(ticking)
        await self._stop()
        await self._tasks.stop(starting)

    async def _start(self) -> None:
        """Start Faust and see that it lives. It may raise while the broker goes away, or crash: neither says so itself.

        Raises:
            Ended: it did, and nobody had told it to stop.
        """
        try:
            await self._app.start()
        except Exception as error:
            raise Ended(Status.FENCED, f"Faust did not start: {error!r}") from error
        await self._app._crashed.wait()  # noqa: SLF001 Faust offers no other word
        reason = f"Faust crashed: {self._app._crash_reason!r}"  # noqa: SLF001
        if not self._process.stop.is_set():
            raise Ended(Status.BUG, reason)
        log.warning(
            "crashed_while_stopping", extra={"reason": reason}
        )  # a takeover found its stores closed: it is over

    async def own(self, numbers: set[int]) -> None:
        """Fence and load every assigned partition anew; what fails ends the process before Faust goes on.

        Faust closes its stores as soon as it is told to stop: a takeover that this cuts off has taken nothing.
        """
        try:
            async with asyncio.timeout(TAKEOVER_WITHIN_S):
                await self._own(numbers)
        except Ended as end:
            await self._end(end, "take over")
        except Exception as error:  # Faust would go on without the fence: the process must end instead
            if self._process.stop.is_set():
                log.warning("takeover_cut_off", extra={"reason": repr(error)})
                return
            log.exception("takeover_failed")
            late = Ended(Status.FENCED, f"could not take over within {TAKEOVER_WITHIN_S:.0f} s: {error!r}")
            await self._end(late, "take over")

    async def _own(self, numbers: set[int]) -> None:
        began = time.perf_counter()
        for former in list(self._partitions.values()):
            async with former.lock:
                await former.close()
        self._partitions.clear()
        self._generation = self._app.consumer_generation_id
        if not numbers:
            return
        database = self._table.data._db_for_partition  # noqa: SLF001 the store Faust has opened
        stores = {each: RocksStore(database(each), self._table.data.offset_key) for each in sorted(numbers)}
        cache_bytes = self._settings.profile_cache_mb * MB // len(numbers)
        partitions = {
            each: Partition(each, store, Transactor(owner_of(each)), PersonCache(cache_bytes))
            for each, store in stores.items()
        }
        await asyncio.gather(*(each.fence(self._kafka) for each in partitions.values()))
        loader = Loader(self._kafka)
        await loader.start()
        try:
            loading = time.perf_counter()
            read = await loader.load(stores)
            load_s = time.perf_counter() - loading
            await place(partitions, loader, self._rules)
        finally:
            await loader.stop()
        self._partitions.update(partitions)
        took = {"read": read, "load_s": round(load_s, 3), "takeover_s": round(time.perf_counter() - began, 3)}
        log.info("owned", extra={"partitions": sorted(numbers), "generation": self._generation, **took})

    async def _apply(self, partition: Partition, events: Sequence[Any]) -> None:
        """Some of one partition's packs, as one transaction; acked only afterwards."""
        async with at_work(partition, self._applying):
            if not partition.is_usable:
                return
            step = await apply(partition, events, self._rules, now_ms())
            self._behind.move()
        for event in events:
            event.ack()
        if step.is_due:
            self._woken.wake(partition.number)
        count(step.counts)
        log.info("applied", extra={"partition": partition.number, "packs": len(events), **step.counts})

    async def _agent(self, stream: Any) -> None:
        """Apply what is queued, all partitions at once; never waits for more."""
        async for event in stream.noack().events():
            queue, queued = stream.channel.queue, defaultdict[int, list[Any]](list)
            queued[event.message.partition].append(event)
            for _ in range(self._settings.profile_max_packs * max(1, len(self._partitions)) - 1):
                if queue.empty():
                    break
                more = queue.get_nowait()
                queued[more.message.partition].append(more)
            try:
                await asyncio.gather(*(self._apply_all(number, events) for number, events in queued.items()))
            except Exception as error:  # noqa: BLE001 Faust would ack the record and lose it: the process must end
                await self._end(error, "apply")

    async def _apply_all(self, number: int, events: Sequence[Any]) -> None:
        """One transaction after another, of so many packs at most.

        All by the owner of now: what is left when the partition is taken over anew is dropped, and comes again where
        its state stands. To the next owner it would look like a gap.
        """
        partition, most = self._partitions.get(number), self._settings.profile_max_packs
        if partition is not None:
            for first in range(0, len(events), most):
                await self._apply(partition, events[first : first + most])

    async def _tick_for_ever(self) -> None:
        """Look at all at the timer's pace, whoever is woken; in between at those who are."""
        loop = asyncio.get_running_loop()
        while True:
            next_s = loop.time() + self._settings.profile_tick_s
            while await self._woken.is_before(next_s):
                await asyncio.shield(self._look_at_woken())
            await asyncio.shield(self._tick())

    async def _tick(self) -> None:
        now, consumer = now_ms(), self._app.consumer
        self._woken.take()  # all are looked at
        behind = [each for each in self._partitions.values() if is_behind(each, consumer, now)]
        self._behind.hold(len(behind))
        if self._is_gate_open:  # else their stores may be closed
            self._standing.show(list(self._partitions.values()), consumer, now)
        await self._look_at([each for each in self._partitions.values() if each not in behind])

    async def _look_at_woken(self) -> None:
        now, consumer, woken = now_ms(), self._app.consumer, self._woken.take()
        found = [each for number, each in self._partitions.items() if number in woken]
        await self._look_at([each for each in found if not is_behind(each, consumer, now)])

    async def _look_at(self, partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            if self._is_gate_open:
                async with at_work(partition, self._firing):
                    if self._is_gate_open and partition.is_usable:
                        self._pass_markers(partition)
                        await self._fire(partition)
                        await partition.settle(now_ms())

    def _pass_markers(self, partition: Partition) -> None:
        """Now and then go on behind the markers of transactions: else an input that aged out would look like a gap."""
        if time.monotonic() - partition.passed_s < MARKERS_S:
            return
        partition.passed_s = time.monotonic()
        handed_out = {each.short: self._app.consumer.handed_out(TP(each.name, partition.number)) for each in INPUTS}
        partition.stand(passed(partition.checkpoint, handed_out))

    async def _fire(self, partition: Partition) -> None:
        """Whoever is due, in one transaction."""
        counts = await fire_due(partition, self._rules, now_ms(), FIRED_AT_ONCE)
        if counts is not None:
            count(counts)
            log.info("fired", extra={"partition": partition.number, **counts})

    async def _positions(self, sources: Iterable[TP]) -> dict[TP, int | None]:
        found: dict[TP, int | None] = {}
        for each in sources:
            partition = self._partitions.get(each.partition)
            if partition is not None:
                applied = partition.checkpoint.get("offsets", {}).get(BY_NAME[each.topic].short)
                found[each] = None if applied is None else applied + 1
        return found

    async def _on_recover(self, *_: Any) -> None:
        self._is_gate_open = self._generation == self._app.consumer_generation_id
        self._process.health.set_ready("faust", is_ready=self._is_gate_open)

    async def _on_revoked(self, *_: Any, **__: Any) -> None:
        """Close the gate and wait for a transaction in flight."""
        self._is_gate_open = False
        for partition in list(self._partitions.values()):
            async with partition.lock:
                pass

    async def _leave(self, partition: Partition) -> None:
        """Pass the last markers, where that is quick; else the next owner may find a gap of them."""
        if partition.is_usable and self._tasks.ended is None:
            partition.passed_s = -math.inf
            with contextlib.suppress(TimeoutError, Ended):
                async with asyncio.timeout(GONE_WITHIN_S):
                    self._pass_markers(partition)
                    await partition.settle(now_ms())

    async def _end(self, error: Exception, name: str) -> None:
        """The process ends; whoever called must never go on."""
        self._tasks.end(error, name)
        await asyncio.Event().wait()

    async def _stop(self) -> None:
        for partition in list(self._partitions.values()):
            async with partition.lock:
                await self._leave(partition)
                partition.is_usable = False
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                await self._app.stop()
        except TimeoutError:
            log.warning("stop_took_too_long")
        for partition in self._partitions.values():
            partition.store.flush()  # else a start on this folder reads the changelog since the last one again
        await asyncio.gather(*(each.close() for each in self._partitions.values()), return_exceptions=True)
