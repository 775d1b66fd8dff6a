"""The profile's runtime: Faust for group, recovery and store; our own fence, transactions and timers."""

import asyncio
import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import aiokafka.producer.sender
from faust.types import TP

from schemas.topics import BY_NAME, EVENTS_CLEAN, PROFILE_CHANGELOG
from services.profile.adapters.faust_app import GROUP, new_app, new_table
from services.profile.adapters.faust_consumer import stamp_records
from services.profile.adapters.faust_gap import refuse_gap
from services.profile.adapters.faust_loader import Loader
from services.profile.adapters.faust_partition import POSITION_KEY, Partition
from services.profile.adapters.rocks_store import RocksStore
from services.profile.adapters.waiting_gauge import show_waiting
from services.profile.core.rules import Rules
from services.profile.core.state import decode
from services.profile.core.step import Input, cause_of
from services.profile.core.waiting import Waiting
from services.profile.metrics import count
from services.profile.pipeline import advance, dues, fire
from services.profile.settings import ProfileSettings
from services.runtime.clock import now_ms
from services.runtime.errors import Ended, Status
from services.runtime.kafka_records import Record, to_dead_letter
from services.runtime.process import Process

log = logging.getLogger(__name__)

aiokafka.producer.sender.BACKOFF_OVERRIDE = 0.002  # it waits 20 ms between two transactions otherwise
TAKEOVER_WITHIN_S = 25.0  # of a 30 s rebalance
STOP_WITHIN_S = 8.0
GONE_WITHIN_S = 1.0
FIRED_AT_ONCE = 200
LIVE_MS = 2_000  # a partition whose last pack is this young follows live, even while the next is on its way


@dataclass(frozen=True, slots=True)
class Original:
    """A refused input as the broker held it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class FaustWorker:
    """Owns partitions, applies packs, fires timers."""

    def __init__(self, settings: ProfileSettings, rules: Rules, process: Process, partitions: int) -> None:
        stamp_records()
        self._settings, self._rules, self._process = settings, rules, process
        self._partitions: dict[int, Partition] = {}
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._generation = -1
        self._is_gate_open = False
        show_waiting(lambda: [each.waiting for each in self._partitions.values()])
        self._app = new_app(settings, agent=self._agent, positions=self._positions, on_revoked=self._on_revoked)
        self._table = new_table(self._app, partitions, own=self.own, on_recover=self._on_recover)

    async def run(self) -> None:
        """Work until the process stops.

        Raises:
            Ended: with the status of the outcome table.
        """
        self._process.health.set_ready("faust", is_ready=False)
        self._app.finalize()
        starting = asyncio.create_task(self._app.start())
        ticking = asyncio.create_task(self._tick_for_ever())
        stopping = asyncio.create_task(self._process.stop.wait())
        crashing = asyncio.create_task(self._app._crashed.wait())  # noqa: SLF001 Faust offers no other word
        try:
            waited: set[asyncio.Future[Any]] = {stopping, crashing, self._ended}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._is_gate_open = False
            self._process.health.set_ready("faust", is_ready=False)
            for task in (ticking, stopping, crashing):
                task.cancel()
        if self._app.crashed and not self._ended.done():
            self._ended.set_exception(Ended(Status.BUG, f"Faust crashed: {self._app._crash_reason!r}"))  # noqa: SLF001
        if self._ended.done():
            _be_gone(self._ended)
            self._ended.result()
        await self._stop(starting)

    async def own(self, numbers: set[int]) -> None:
        """Fence and load every assigned partition anew; what fails ends the process before Faust goes on."""
        try:
            async with asyncio.timeout(TAKEOVER_WITHIN_S):
                await self._own(numbers)
        except Ended as end:
            await self._end(end)
        except Exception as error:  # Faust would go on without the fence: the process must end instead
            log.exception("takeover_failed")
            await self._end(Ended(Status.FENCED, f"could not take over within {TAKEOVER_WITHIN_S:.0f} s: {error!r}"))

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
        stores = {each: RocksStore(database(each), self._table.data.offset_key) for each in numbers}
        partitions = {each: Partition(each, stores[each], GROUP) for each in sorted(numbers)}
        await asyncio.gather(*(each.fence(self._settings.kafka_bootstrap_servers) for each in partitions.values()))
        loader = Loader(self._settings.kafka_bootstrap_servers)
        await loader.start()
        try:
            changelog = PROFILE_CHANGELOG.name
            offsets = {each: self._table.persisted_offset(TP(changelog, each)) for each in numbers}
            loading = time.perf_counter()
            await loader.load({each: (stores[each], offsets[each]) for each in numbers})
            load_s = time.perf_counter() - loading
            for each, partition in partitions.items():
                partition.end_offset = await loader.source_end(each)
                partition.begin(_timers(stores[each], partition.waiting))
        finally:
            await loader.stop()
        self._partitions.update(partitions)
        took = {"load_s": round(load_s, 3), "takeover_s": round(time.perf_counter() - began, 3)}
        log.info("owned", extra={"partitions": sorted(numbers), "generation": self._generation, **took})

    async def _apply(self, number: int, events: list[Any]) -> None:
        """All of one partition's queued packs, as one transaction; acked only afterwards."""
        inputs = [(_input(event), event.message.checksum) for event in events]
        partition = self._partitions.get(number)
        if partition is None:
            return
        async with partition.lock:
            if not partition.is_usable:
                return
            refuse_gap(inputs, partition.position, is_accepted=self._settings.profile_accept_gap)
            now = now_ms()
            step = advance([each for each, _ in inputs], partition.position, partition.read, self._rules, now)
            first, last = inputs[0][0], inputs[-1][0]
            cause = f"{first.topic}/{number}/{first.offset}-{last.topic}/{last.offset}"
            await partition.commit(step, cause, now, [_letter(each) for each in step.rejects])
            partition.applied_ms = last.timestamp_ms
        for event in events:
            event.ack()
        count(step.counts)
        log.info("applied", extra={"partition": number, "packs": len(inputs), **step.counts})

    async def _agent(self, stream: Any) -> None:
        async for event in stream.noack().events():
            queued: dict[int, list[Any]] = defaultdict(list)
            queued[event.message.partition].append(event)
            queue = stream.channel.queue
            for _ in range(self._settings.profile_max_packs - 1):
                if queue.empty():
                    break
                more = queue.get_nowait()
                queued[more.message.partition].append(more)
            try:
                await asyncio.gather(*(self._apply(number, events) for number, events in queued.items()))
            except Ended as end:
                await self._end(end)
            except Exception as error:  # Faust would ack the record and lose it: the process must end instead
                log.exception("bug")
                await self._end(Ended(Status.BUG, f"applying failed: {error!r}"))

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._settings.profile_tick_s)
            try:
                await asyncio.shield(self._tick())
            except Ended as end:
                await self._end(end)
            except Exception as error:  # a dead timer task would be silence: the process must end instead
                log.exception("bug")
                await self._end(Ended(Status.BUG, f"firing failed: {error!r}"))

    async def _tick(self) -> None:
        for partition in list(self._partitions.values()):
            if self._is_gate_open and not self._is_behind(partition):
                async with partition.lock:
                    if self._is_gate_open and partition.is_usable:
                        await self._fire(partition)

    async def _fire(self, partition: Partition) -> None:
        now = now_ms()
        for person in partition.due(now, FIRED_AT_ONCE):
            value = partition.read(person)
            step = None if value is None else fire(person, value, partition.position, self._rules, now)
            if step is not None:
                await partition.commit(step, cause_of(step, partition.number), now)
                count(step.counts)
                log.info("fired", extra={"partition": partition.number, **step.counts})

    def _is_behind(self, partition: Partition) -> bool:
        """True while packs wait that may hold the person's own unsubscribe."""
        applied = partition.position.get("offsets", {}).get(EVENTS_CLEAN.short)
        try:
            seen = self._app.consumer.highwater(TP(EVENTS_CLEAN.name, partition.number)) or 0
        except AssertionError:  # aiokafka's thread has let the partition go, a moment before Faust hears of it
            return True
        end = max(partition.end_offset, seen)
        is_live = now_ms() - partition.applied_ms < LIVE_MS
        return end > 0 and not is_live and (applied is None or end > applied + 1)

    async def _positions(self, sources: Iterable[TP]) -> dict[TP, int | None]:
        found: dict[TP, int | None] = {}
        for each in sources:
            partition = self._partitions.get(each.partition)
            if partition is not None:
                applied = partition.position.get("offsets", {}).get(BY_NAME[each.topic].short)
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

    async def _end(self, end: Ended) -> None:
        """The process ends; whoever called must never go on."""
        if not self._ended.done():
            self._ended.set_exception(end)
        await asyncio.Event().wait()

    async def _stop(self, starting: "asyncio.Task[None]") -> None:
        for partition in list(self._partitions.values()):
            async with partition.lock:
                partition.is_usable = False
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                await self._app.stop()
        except TimeoutError:
            log.warning("stop_took_too_long")
        starting.cancel()
        await asyncio.gather(*(each.close() for each in self._partitions.values()), return_exceptions=True)


def _be_gone(ended: "asyncio.Future[None]") -> None:
    """Faust's tasks outlive their cancelling, and its thread's heartbeats would keep a dead worker's place for long."""
    end = ended.exception()
    timer = threading.Timer(GONE_WITHIN_S, os._exit, (int(end.status if isinstance(end, Ended) else Status.BUG),))
    timer.daemon = True
    timer.start()


def _input(event: Any) -> Input:
    message = event.message
    at_ms = int((message.timestamp or 0) * 1000)
    topic = BY_NAME[message.topic].short
    return Input(topic, message.partition, message.offset, at_ms, message.key, message.value)


def _letter(rejected: Any) -> Record:
    each = rejected.input
    original = Original(f"kindling.{each.topic}.v1", each.partition, each.offset, each.key, each.raw)
    return to_dead_letter("profile", original, rejected.reason, rejected.detail)


def _timers(store: RocksStore, waiting: Waiting) -> list[tuple[int, str]]:
    found = []
    for key, raw in store.items():
        if key != POSITION_KEY:
            value = decode(raw)
            waiting.put(key.decode(), value)
            due = dues(value)
            if due is not None:
                found.append((due, key.decode()))
    return found
