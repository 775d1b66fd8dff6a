"""The plain subject: one aiokafka consumer, the same fold over a dict of encoded states; no fence, no recovery.

It is what kindling's worker is measured against, never what to run: a crash loses every state.
"""

import asyncio
import gc
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener

from schemas.topics import EVENTS_CLEAN
from services.profile.core.person import Person
from services.profile.core.rules import Rules
from services.profile.core.transition import Input
from services.profile.pipeline import Read, advance, compiled, decode
from services.runtime.clock import now_ms
from services.runtime.process import GARBAGE_THRESHOLDS
from services.runtime.program import read_program

GROUP = "bench-plain"
PACKS_AT_ONCE = 16  # as the worker takes them
COMMIT_EVERY_S = 1.0  # as the worker commits


class Telling(ConsumerRebalanceListener):  # type: ignore[misc] # the library's own way to be told
    """Says that the partitions have come: from here on CPU is counted."""

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        """Nothing is handed over."""

    async def on_partitions_assigned(self, assigned: set[Any]) -> None:
        """One line, as the worker logs it."""
        print(orjson.dumps({"action": "owned", "partitions": sorted(each.partition for each in assigned)}).decode())


class Plain:
    """States and checkpoints in memory."""

    def __init__(self, consumer: Any, rules: Rules, clock: Callable[[], int]) -> None:
        self._consumer, self._rules, self._clock = consumer, rules, clock
        self._states: dict[str, bytes] = {}
        self._checkpoints: dict[int, dict[str, Any]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Fold until told to stop."""
        committed_s = time.monotonic()
        while not stop.is_set():
            for each, records in (await self._consumer.getmany(timeout_ms=200, max_records=PACKS_AT_ONCE)).items():
                self._fold(each.partition, records)
            if time.monotonic() - committed_s >= COMMIT_EVERY_S:
                await self._consumer.commit()
                committed_s = time.monotonic()

    def _fold(self, number: int, records: Sequence[Any]) -> None:
        inputs = [
            Input(EVENTS_CLEAN.short, number, each.offset, each.timestamp, each.key, each.value) for each in records
        ]
        step = advance(inputs, self._checkpoints.get(number, {}), Read(self._read), self._rules, self._clock())
        self._states.update(step.values)
        self._checkpoints[number] = step.checkpoint

    def _read(self, person: str) -> Person | None:
        raw = self._states.get(person)
        return None if raw is None else decode(raw)


async def main() -> None:
    """Follow events.clean from its beginning until SIGTERM."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)  # as the worker's, or the comparison would be one of collectors
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    rules = compiled(read_program(Path(os.environ["KINDLING_PROGRAM"])))
    consumer = AIOKafkaConsumer(
        bootstrap_servers=os.environ["KINDLING_KAFKA_BOOTSTRAP_SERVERS"], group_id=GROUP,
        enable_auto_commit=False, auto_offset_reset="earliest",
        isolation_level="read_committed",
    )  # fmt: skip
    await consumer.start()
    consumer.subscribe([EVENTS_CLEAN.name], listener=Telling())
    try:
        await Plain(consumer, rules, now_ms).run(stop)
    finally:
        await asyncio.gather(consumer.stop(), return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
