"""Raw records from Kafka: a group consumer whose offsets move only when it is told that records are done."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from schemas.topics import Topic
from services.ingest.core.records import Record
from services.ingest.metrics import TRIES
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_lag import Left
from services.runtime.log_identity import told_back
from services.runtime.metrics import got_on
from services.runtime.outcome import Misconfigured, Unavailable

STAGE = "ingest"
SESSION_S = 10.0
IDLE_MS = 200  # how long a take waits for a first record: also how fast a stop is noticed
MARKERS_S = 30.0  # between two commits behind markers alone; retention is days
POSITION_S = 1.0  # the client knows it, or waits for it
ENOUGH = 200  # records that need not wait for more: a pack is full

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read, as whom, and how much at once. `accepts_gap`: go on where records are gone by retention."""

    group: str
    topics: tuple[Topic, ...]
    max_records: int = 4_000
    linger_ms: int = 20
    accepts_gap: bool = False


class KafkaBatches:
    """Takes records by the batch; at-least-once."""

    def __init__(self, kafka: Kafka, reading: Reading) -> None:
        self._reading = reading
        self._kafka = kafka
        self._consumer: Any = None
        self._committed: dict[TopicPartition, int] = {}
        self._undone: dict[TopicPartition, int] = {}
        self._passed_s = 0.0

    async def start(self) -> None:
        """Join the group.

        Raises:
            Unavailable: no broker answers.
            Misconfigured: it refuses us.
        """
        self._consumer = self._made()
        try:
            await self._consumer.start()
        except KafkaError as error:
            await self.stop()
            raise Unavailable(f"Kafka does not answer: {error}") from error
        except Misconfigured:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Leave the group; whatever the library raises here says nothing more."""
        if self._consumer is not None:
            await asyncio.gather(self._consumer.stop(), return_exceptions=True)
            self._consumer = None

    async def take(self) -> Sequence[Record]:
        """The next records, each partition's in order; a small batch waits a little for more.

        Raises:
            Ended: records that were not read yet are gone (status 76, with what to do), or a batch is torn (75).
            Unavailable: the broker answers with an error.
        """
        await self._pass_markers()
        taken = await self._some(IDLE_MS, self._reading.max_records)
        if taken and len(taken) < ENOUGH and self._reading.linger_ms:
            clock = asyncio.get_running_loop().time
            until = clock() + self._reading.linger_ms / 1_000
            while len(taken) < ENOUGH and (left_ms := int((until - clock()) * 1_000)) > 0:
                try:
                    taken += await self._some(left_ms, self._reading.max_records - len(taken) or 1)
                except Unavailable:  # the client stands behind what was taken: it comes now or never
                    break
        return taken

    async def done(self, records: Sequence[Record]) -> None:
        """Commit behind the records. What a commit does not reach is read again, here or by the next owner."""
        offsets = {TopicPartition(each.topic, each.partition): each.offset + 1 for each in records}
        for each in offsets:
            self._undone.pop(each, None)
        owned = {each: offset for each, offset in offsets.items() if each in self._connected().assignment()}
        await self._commit(owned)

    async def left(self) -> Left:
        """What is left of each partition that is ours: what was not taken up to its end, and what is not done.

        Raises:
            KafkaError: nobody says where they end.
        """
        consumer = self._consumer
        if consumer is None or not (owned := list(consumer.assignment())):
            return {}
        ends = await consumer.end_offsets(owned)
        positions = {each: await consumer.position(each) for each in owned}
        return {each: max(0, ends[each] - positions[each]) + self._undone.get(each, 0) for each in owned}

    async def _commit(self, offsets: dict[TopicPartition, int]) -> None:
        try:
            if offsets:
                await self._connected().commit(offsets)
                self._committed |= offsets
                got_on(STAGE)
        except KafkaError as error:
            log.warning("not committed", extra={"reason": repr(error)})

    async def _pass_markers(self) -> None:
        """Now and then commit behind the markers of transactions: else a log that aged out would look like a gap.

        Of every partition that was fetched, whoever committed there last: the client stands where the group does, or
        behind markers. Not where records wait to be done, since it stands behind those too.
        """
        clock = asyncio.get_running_loop().time()
        if clock - self._passed_s < MARKERS_S:
            return
        self._passed_s = clock
        consumer = self._connected()
        fetched = [each for each in consumer.assignment() - self._undone.keys() if consumer.highwater(each) is not None]
        try:
            async with asyncio.timeout(POSITION_S):
                at = {each: await consumer.position(each) for each in fetched}
        except (KafkaError, TimeoutError):  # one of them is being taken away, or looks for its place
            return
        await self._commit({each: offset for each, offset in at.items() if offset > self._committed.get(each, -1)})

    async def _some(self, timeout_ms: int, most: int) -> list[Any]:
        try:
            found = await self._connected().getmany(timeout_ms=timeout_ms, max_records=most)
        except NoOffsetForPartitionError as error:
            await self._connected().seek_to_beginning(*error.args)
            return []
        except OffsetOutOfRangeError as error:
            raise Ended(
                Status.GAP,
                f"records were deleted before they were read, or the topic was made anew: {error.args}; what was there "
                "is lost. Set KINDLING_ACCEPT_GAP=true once to go on with the oldest there are",
            ) from error
        except CorruptRecordException as error:
            raise Ended(
                Status.FENCED,
                f"a batch is torn: {error!r}; what the client unpacked beside it is to be read again",
            ) from error
        except KafkaError as error:
            TRIES.inc()
            raise Unavailable(f"Kafka does not hand out records: {error!r}") from error
        for each, records in found.items():
            if records[0].offset < self._committed.get(each, 0):
                told_back(STAGE, f"{each.topic}/{each.partition}", self._committed[each], records[0].offset)
                self._committed[each] = records[0].offset
            self._undone[each] = self._undone.get(each, 0) + len(records)
        return [record for records in found.values() for record in records]

    def _connected(self) -> Any:
        if self._consumer is None:
            raise Unavailable("not connected to Kafka")
        return self._consumer

    def _made(self) -> Any:
        reading = self._reading
        return self._kafka.reader(
            *(topic.name for topic in reading.topics),
            group_id=reading.group,
            client_id=reading.group,
            auto_offset_reset="earliest" if reading.accepts_gap else "none",
            rebalance_timeout_ms=30_000,
            max_poll_interval_ms=300_000,
            session_s=SESSION_S,
        )
