"""Faust's Kafka consumer, corrected where it loses records at a takeover; private names, so both versions are pinned.

What is corrected, each shown by the kill plan: source partitions are held back until the flow resumes; the fetch
thread gets its own copy of the active set; a seek goes to the position in the state; a gap ends before its record.
"""

import logging
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias, cast

import faust.transport.drivers.aiokafka as driver
from aiokafka.consumer.fetcher import FetchResult
from faust.types import TP

log = logging.getLogger(__name__)

FETCH_MAX_WAIT_MS = 200  # Faust's fixed 1500 delays every ListOffsets of a rebalance by seconds
Positions: TypeAlias = Callable[[Iterable[TP]], Awaitable[dict[TP, int | None]]]


class CorrectedThread(driver.AIOKafkaConsumerThread):
    """Reads committed records only."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 Faust offers no setting
        consumer._fetch_max_wait_ms = FETCH_MAX_WAIT_MS  # noqa: SLF001
        return consumer

    def on_crash(self, msg: str, *fmt: Any, **_: Any) -> None:
        """Faust prints here, and its traceback with it: it is a line of the log like others."""
        log.error("faust_thread_crashed", extra={"reason": msg.format(*fmt)}, exc_info=sys.exc_info())

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Watch over sources only: of a changelog, which no stream reads, Faust would say for ever that it stands."""
        if not cast("CorrectedConsumer", self.consumer)._is_changelog_tp(tp):  # noqa: SLF001
            super().verify_event_path(now, tp)


class CorrectedConsumer(driver.Consumer):
    """Starts where the state stands, and hands nothing out before it stands there."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._held: set[TP] = set()

    def _new_consumer_thread(self) -> CorrectedThread:
        return CorrectedThread(self, loop=self.loop, beacon=self.beacon)

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Changelogs at once; sources only when the flow resumes after the seek."""
        every = set(tps)
        sources = {each for each in every if not self._is_changelog_tp(each)}
        self._held |= sources
        super().resume_partitions(every - sources)

    def pause_partitions(self, tps: Iterable[TP]) -> None:
        """Paused is also not held any more."""
        every = set(tps)
        self._held -= every
        super().pause_partitions(every)

    def resume_flow(self) -> None:
        """Let the sources go: Faust has sought them by now."""
        super().resume_flow()
        held, self._held = self._held, set()
        super().resume_partitions(held & self.assignment())

    async def perform_seek(self) -> None:
        """Seek every source partition behind the last record in the state; where there is none, as committed."""
        sources = [each for each in self.assignment() if not self._is_changelog_tp(each)]
        found = await cast("CorrectedTransport", self.transport).positions(sources)
        wanted = {each: offset for each, offset in found.items() if offset is not None}
        if unknown := found.keys() - wanted.keys():
            wanted.update(await self.earliest_offsets(*unknown))
        for each, offset in wanted.items():
            await self.seek_wait({each: offset})
            self._read_offset[each] = offset
            self._committed_offset[each] = offset

    def handed_out(self, tp: TP) -> tuple[int, int] | None:
        """Where the last record handed out of a partition ended, and where reading is: `stamp_records` keeps both."""
        consumer = self._thread._consumer  # noqa: SLF001
        subscription = consumer and consumer._subscription.subscription  # noqa: SLF001
        assignment = subscription and subscription.assignment
        return getattr(assignment and assignment.state_value(tp), "handed_out", None)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109 Faust's name
        copied = set(active_partitions or ())
        return await super()._getmany(copied, timeout) if copied else {}

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        await super()._add_gap(tp, offset_from, offset_to - 1)


class CorrectedTransport(driver.Transport):
    """The transport with the corrected consumer."""

    Consumer = CorrectedConsumer
    positions: Positions


def stamp_records() -> None:
    """Let every record carry the offset where the one handed out before it ended, in its unused `checksum`.

    Faust passes `record.checksum` on to `message.checksum`; message format 2 has none. Idempotent.
    """
    if getattr(FetchResult.getall, "is_stamping", False):
        return
    plain = FetchResult.getall

    def getall(self: Any, max_records: int | None = None) -> list[Any]:
        state = self._assignment.state_value(self._topic_partition) if self._assignment.active else None
        start = state.position if state is not None and state.has_valid_position else None
        records: list[Any] = plain(self, max_records)
        if state is None:
            return records
        ended, position = getattr(state, "handed_out", (start, start))
        ended = ended if position == start else start  # another position than we left it at: somebody sought
        for record in records:
            object.__setattr__(record, "checksum", ended)
            ended = record.offset + 1
        state.handed_out = (ended, state.position)
        return records

    getall.is_stamping = True  # type: ignore[attr-defined]
    FetchResult.getall = getall
