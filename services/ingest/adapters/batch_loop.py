"""The consumer's loop: take, handle, keep, done. The offset moves only behind what is kept."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from math import inf
from operator import attrgetter
from time import perf_counter

from schemas.topics import BY_NAME, Topic
from services.ingest import metrics
from services.ingest.adapters.call_spans import tell_batch
from services.ingest.core.batch import BOTS, EVENTS, REPEATS
from services.ingest.core.reasons import Outcome, Reason
from services.ingest.core.records import Batch, Record
from services.ingest.ports import Log, Records
from services.runtime import spans
from services.runtime.kafka_told import tell_time_lag
from services.runtime.metrics import DEAD_LETTERS, OFFSETS_BACK, begin_letters, begin_topics
from services.runtime.outcome import Unavailable
from services.runtime.tasks import first_of
from services.runtime.watch import Progress

SLOW_S = 5.0
STAGE = "ingest"
TOPIC, TIMESTAMP = attrgetter("topic"), attrgetter("timestamp")

log = logging.getLogger(__name__)


class BatchLoop:
    """Runs one pure function over batches of raw records.

    `wait_s(tries)` is how long to wait after a try that found Kafka away; `slow_s` how long an append may last before
    Kafka counts as away. `progress` is told what is at work: a batch that is never done is no life.
    """

    def __init__(
        self,
        records: Records,
        kept: Log,
        handle: Callable[[Sequence[Record]], Batch],
        wait_s: Callable[[int], float],
        *,
        slow_s: float = SLOW_S,
    ) -> None:
        self._records = records
        self._log = kept
        self._handle = handle
        self._wait_s = wait_s
        self._slow_s = slow_s
        self.progress = Progress(inf, lambda: 0.0)
        self._tries = 0

    async def run(self, stop: asyncio.Event, set_ready: Callable[[bool], None]) -> None:
        """Until `stop` is set: 1. take records, 2. handle them, 3. keep what follows, 4. done.

        While Kafka is away the step is tried again and the offsets stay; a stop then leaves the batch undone.
        """
        while not stop.is_set():
            try:
                records = await self._records.take()  # 1
            except Unavailable as error:
                await self._back_off(error, stop, set_ready)
                continue
            self._tries = 0
            set_ready(True)
            if records and not await self._finish(records, stop, set_ready):
                return

    async def _finish(self, records: Sequence[Record], stop: asyncio.Event, set_ready: Callable[[bool], None]) -> bool:
        began_s = perf_counter()
        self.progress.hold(len(records))
        batch = self._handle(records)  # 2
        while True:
            try:
                if not await self._keep(batch, stop, set_ready):  # 3
                    return False
                break
            except Unavailable as error:
                await self._back_off(error, stop, set_ready)
                if stop.is_set():
                    return False
        set_ready(True)
        await self._records.done(records)  # 4
        self.progress.hold(0)
        _count(records, batch, perf_counter() - began_s)
        if spans.is_on():
            tell_batch(records, perf_counter() - began_s)
        return True

    async def _keep(self, batch: Batch, stop: asyncio.Event, set_ready: Callable[[bool], None]) -> bool:
        """True once the batch is kept; where it is slow, a stop ends the waiting, and it is read again one day."""
        is_kept = False

        async def keep() -> None:
            nonlocal is_kept
            await self._log.append_batch(batch)
            is_kept = True

        async def give_up() -> None:
            await asyncio.sleep(self._slow_s)
            set_ready(False)
            await stop.wait()

        await first_of(keep(), give_up())
        return is_kept

    async def _back_off(self, error: Unavailable, stop: asyncio.Event, set_ready: Callable[[bool], None]) -> None:
        set_ready(False)
        log.warning("kafka away", extra={"reason": str(error), "tries": self._tries})
        wait_s = self._wait_s(self._tries)
        self._tries += 1
        try:
            await asyncio.wait_for(stop.wait(), wait_s)
        except TimeoutError:
            return


def begin_metrics(sources: Iterable[Topic]) -> None:
    """Let what is asked of batches be there before the first: what is absent does not increase."""
    OFFSETS_BACK.labels(STAGE)
    begin_topics(STAGE, sources)
    for topic in sources:
        metrics.RECORDS.labels(topic.short)
    for counted in (EVENTS, BOTS, REPEATS, *Outcome):
        metrics.EVENTS.labels(counted)
    begin_letters(STAGE, Reason)
    for reason in Reason:
        metrics.REJECTS.labels(reason)


def _count(records: Sequence[Record], batch: Batch, took_s: float) -> None:
    for topic, run in groupby(records, TOPIC):  # a partition's records come together
        stamps = list(map(TIMESTAMP, run))
        metrics.RECORDS.labels(BY_NAME[topic].short).inc(len(stamps))
        tell_time_lag(STAGE, topic, min(stamps))
    for outcome, count in batch.tally.items():
        metrics.EVENTS.labels(outcome).inc(count)
    for reason, count in batch.reasons.items():
        metrics.REJECTS.labels(reason).inc(count)
        DEAD_LETTERS.labels(STAGE, reason).inc(count)
    metrics.BATCH_SECONDS.observe(took_s)
    log.info(
        "batch",
        extra={"records": len(records), **batch.tally, "rejects": batch.reasons, "duration_s": round(took_s, 4)},
    )
