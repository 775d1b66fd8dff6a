"""Offsets behind the markers of transactions, which are no records: else a log that aged out would look like a gap."""

import contextlib
import time
from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.runtime.kafka_clients import POLL_MS
from services.runtime.kafka_owned import Owned

MARKERS_S = 30.0  # between two commits behind markers alone; retention is days


class Markers:
    """Commits behind markers for partitions that have nothing in flight; `partitions` is who owns what, as it is."""

    def __init__(self, consumer: Any, partitions: Mapping[TopicPartition, Owned]) -> None:
        self._consumer, self._partitions = consumer, partitions
        self._passed_s = time.monotonic()

    async def pass_now_and_then(self) -> None:
        """Commit behind what the consumer has passed, twice a minute."""
        if time.monotonic() - self._passed_s < MARKERS_S:
            return
        self._passed_s = time.monotonic()
        for each, partition in self._idle().items():
            with contextlib.suppress(KafkaError):  # it is being taken away
                partition.pass_to(await self._consumer.position(each))

    async def pass_last(self) -> None:
        """The same at the end: who has nothing in flight looks once more, and commits behind what was no record."""
        idle = self._idle()
        if not idle:
            return
        with contextlib.suppress(KafkaError):  # the next owner reads on at the offset as it is
            self._consumer.resume(*idle)
            records = await self._consumer.getmany(*idle, timeout_ms=POLL_MS)
            for each in idle.keys() - records.keys():
                idle[each].pass_to(await self._consumer.position(each))

    def _idle(self) -> dict[TopicPartition, Owned]:
        return {each: part for each, part in self._partitions.items() if part.is_open and not part.in_flight}
