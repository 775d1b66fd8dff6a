"""Reads owned changelog partitions from where the local store stands to their end: 100,000 persons in seconds."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiokafka import TopicPartition

from schemas.topics import PROFILE_CHANGELOG
from services.profile.adapters.faust_partition import GROUP
from services.profile.adapters.input_logs import Logs, logs_of, records_at
from services.profile.ports import Store
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import POLL_MS, Kafka
from services.runtime.recovery import recovering

CHUNK = 5_000  # records written to the store at once


class Loader:
    """One `read_committed` reader for all partitions of a rebalance."""

    def __init__(self, kafka: Kafka) -> None:
        self._consumer: Any = kafka.reader(max_partition_fetch_bytes=4_194_304)

    async def start(self) -> None:
        """Connect."""
        await self._consumer.start()

    async def stop(self) -> None:
        """Disconnect; aiokafka can raise CancelledError out of its stop after a failed fetch."""
        await asyncio.gather(self._consumer.stop(), return_exceptions=True)

    async def logs(self, numbers: Iterable[int]) -> dict[int, Logs]:
        """The inputs as the broker holds them."""
        return await logs_of(self._consumer, numbers)

    async def records_at(self, wanted: Mapping[int, Mapping[str, int]]) -> dict[int, dict[str, tuple[int, int]]]:
        """Offset and time of the inputs' records at these offsets; after `load`."""
        return await records_at(self._consumer, wanted) if any(wanted.values()) else {}

    async def load(self, stores: Mapping[int, Store]) -> int:
        """Bring every store from its offset to the changelog's end; sets its offset to end - 1, Faust's own mark.

        How many records were read for it: none where a store stood at the end.
        """
        changelogs = {TopicPartition(PROFILE_CHANGELOG.name, number): number for number in stores}
        self._consumer.assign(list(changelogs))
        ends = await self._consumer.end_offsets(list(changelogs))
        begins = await self._consumer.beginning_offsets(list(changelogs))
        for each, number in changelogs.items():
            offset = stores[number].offset
            if offset is not None and offset >= ends[each] > 0:
                raise Ended(
                    Status.MISCONFIGURED,
                    f"the local store of partition {number} stands at {offset}, the changelog ends at {ends[each]}: "
                    "the topic was made anew. Remove the folder KINDLING_PROFILE_DATA and start again",
                )
            self._consumer.seek(
                each, begins[each] if offset is None else max(begins[each], min(offset + 1, ends[each]))
            )
        with recovering(GROUP) as tell_left:
            read = await self._catch_up(stores, changelogs, ends, tell_left)
        for each, number in changelogs.items():
            stores[number].write({}, ends[each] - 1)
        return read

    async def _catch_up(
        self, stores: Mapping[int, Store], changelogs: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int],
        tell_left: Callable[[float], object],
    ) -> int:  # fmt: skip
        read = 0
        while behind := {each: left for each in changelogs if (left := ends[each] - await self._position(each)) > 0}:
            tell_left(sum(behind.values()))
            for each, records in (await self._consumer.getmany(*behind, timeout_ms=POLL_MS, max_records=CHUNK)).items():
                values = {record.key: record.value for record in records}
                stores[changelogs[each]].write(values, records[-1].offset)
                read += len(records)
        return read

    async def _position(self, each: TopicPartition) -> int:
        position: int = await self._consumer.position(each)
        return position
