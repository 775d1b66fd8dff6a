"""What the broker says of the pipeline: where topics end, how far groups have come, and the dead letters of a day.

A group may stand before the end though nothing waits: behind a transaction lies its mark, which is no record. A place
that has stood still is looked at, and what is found is remembered.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from aiokafka import TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorForGroupError,
)

from schemas.dead_letter import OURS
from schemas.topics import BY_NAME, STAGES, Topic, dead_letters
from services.console.core.flow import DAY, Ends, Letter, Sample, Spot
from services.console.core.parts import PARTS, TOPICS
from services.runtime.clock import now
from services.runtime.kafka_clients import Kafka
from services.runtime.outcome import Misconfigured, Unavailable

LETTERS = tuple(dead_letters(stage) for stage in STAGES)
MOST_KEPT = 200  # of the newest letters of one partition
MOST_PEEKED = 16  # offsets that marks may take, behind which is looked
PEEKS, PEEK_MS = 5, 150  # the first of a topic is asked for together with who leads it
WITHIN_S = 8.0
LETTER_BYTES = 1_048_576
UNKNOWN = (GroupAuthorizationFailedError, GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError)
MOST_SAID = 100  # letters of a header
UNSAID = "?"

Place: TypeAlias = tuple[str, Spot]


class KafkaFlow:
    """Asks when it is asked; it holds connections from the first question on until it is stopped."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self._admin: Any = None
        self._reader: Any = None
        self._last: dict[Place, tuple[int, int]] = {}  # of each group at each partition: place and end
        self._bare: dict[Place, tuple[int, int]] = {}  # where only marks were found behind the place
        self._letters: dict[TopicPartition, tuple[Letter, ...]] = {}
        self._read_to: dict[TopicPartition, int] = {}

    async def sample(self) -> Sample:
        """What is so now.

        Raises:
            Unavailable: no broker answers in time.
        """
        async with self._asking():
            there = await self._partitions()
            ends = await self._ends(there, TOPICS)
            places = {group: await self._places(group, topics, ends) for group, topics in _groups()}
            markers = await self._markers(ends, places)
            await self._read_letters(there)
        since = now() - DAY
        letters = tuple(each for found in self._letters.values() for each in found if each.at >= since)
        cut = {_stage_of(each.topic) for each, found in self._letters.items() if len(found) == MOST_KEPT}
        return Sample(now(), ends, places, markers, letters, frozenset(cut))

    async def stop(self) -> None:
        """Disconnect."""
        admin, reader = self._admin, self._reader
        self._admin = self._reader = None
        if admin is not None:
            await asyncio.gather(admin.close(), return_exceptions=True)
        if reader is not None:
            await asyncio.gather(reader.stop(), return_exceptions=True)

    @contextlib.asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Connected; after a failure the clients are not used again."""
        try:
            async with asyncio.timeout(WITHIN_S):
                if self._admin is None:
                    self._admin = self._kafka.admin()
                    await self._admin.start()
                if self._reader is None:
                    self._reader = self._kafka.reader(max_partition_fetch_bytes=LETTER_BYTES)
                    await self._reader.start()
                yield
        except (KafkaError, TimeoutError, Misconfigured) as error:
            await self.stop()
            told = f"no answer within {WITHIN_S:g} s" if isinstance(error, TimeoutError) else str(error)
            raise Unavailable(f"Kafka does not answer at {self._kafka.bootstrap}: {told}") from error

    async def _partitions(self) -> Mapping[str, tuple[int, ...]]:
        """The partitions of every topic that we may see; of another nothing is known."""
        visible = set(await self._admin.list_topics())
        wanted = [each.name for each in (*TOPICS, *LETTERS) if each.name in visible]
        described = await self._admin.describe_topics(wanted) if wanted else []
        return {each["topic"]: tuple(part["partition"] for part in each["partitions"]) for each in described}

    async def _ends(self, there: Mapping[str, tuple[int, ...]], topics: Iterable[Topic]) -> Ends:
        asked = [TopicPartition(each.name, number) for each in topics for number in there.get(each.name, ())]
        found = await self._reader.end_offsets(asked) if asked else {}
        return {(BY_NAME[each.topic].short, each.partition): end for each, end in found.items()}

    async def _places(self, group: str, topics: tuple[Topic, ...], ends: Ends) -> Ends:
        """Where the group goes on; a partition that it never committed begins at its first record.

        Nothing is known of a group that nobody coordinates yet, or that we may not look at.
        """
        try:
            committed = await self._admin.list_consumer_group_offsets(group)
        except UNKNOWN:
            return {}
        known = {(each.topic, each.partition): kept.offset for each, kept in committed.items() if kept.offset >= 0}
        if not known:
            return {}
        names = {topic.short: topic.name for topic in topics}
        spots = [spot for spot in ends if spot[0] in names]
        new = [TopicPartition(names[name], number) for name, number in spots if (names[name], number) not in known]
        begins = await self._reader.beginning_offsets(new) if new else {}
        return {
            (name, number): known.get((names[name], number), begins.get(TopicPartition(names[name], number), 0))
            for name, number in spots
        }

    async def _markers(self, ends: Ends, places: Mapping[str, Ends]) -> frozenset[Place]:
        """The places behind which there is no record, among those that stand where they stood before."""
        bare = set[Place]()
        for group, of_group in places.items():
            for spot, place in of_group.items():
                where, stands = (group, spot), (place, ends[spot])
                if 0 < ends[spot] - place <= MOST_PEEKED and self._last.get(where) == stands:
                    if self._bare.get(where) != stands and await self._is_bare(spot, *stands):
                        self._bare[where] = stands
                    if self._bare.get(where) == stands:
                        bare.add(where)
                self._last[where] = stands
        return frozenset(bare)

    async def _is_bare(self, spot: Spot, place: int, end: int) -> bool:
        where = TopicPartition(_name(spot[0]), spot[1])
        self._reader.assign([where])
        self._reader.seek(where, place)
        for _ in range(PEEKS):
            if await self._reader.getmany(where, timeout_ms=PEEK_MS, max_records=1):
                return False
            if await self._reader.position(where) == end:
                return True
        return False

    async def _read_letters(self, there: Mapping[str, tuple[int, ...]]) -> None:
        """Those that came since the last look; at the first look those of a day, or the newest of them."""
        asked = [TopicPartition(each.name, number) for each in LETTERS for number in there.get(each.name, ())]
        ends = await self._reader.end_offsets(asked) if asked else {}
        new = {each: end for each, end in ends.items() if self._read_to.get(each) != end}
        if not new:
            return
        begins = await self._begins([each for each in new if each not in self._read_to])
        self._reader.assign(list(new))
        for each, end in new.items():
            start = min(self._read_to.get(each, begins.get(each, end)), end)
            self._reader.seek(each, max(start, end - 2 * MOST_KEPT))
        while any([await self._reader.position(each) < end for each, end in new.items()]):
            for where, records in (await self._reader.getmany(timeout_ms=PEEK_MS)).items():
                kept = (*self._letters.get(where, ()), *map(_letter, records))
                self._letters[where] = kept[-MOST_KEPT:]
        self._read_to |= new

    async def _begins(self, partitions: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """From where on a day's letters lie; a partition without any such has none."""
        if not partitions:
            return {}
        since_ms = int((now() - DAY + timedelta(seconds=1)).timestamp() * 1000)
        found = await self._reader.offsets_for_times(dict.fromkeys(partitions, since_ms))
        return {each: at.offset for each, at in found.items() if at is not None}


def _groups() -> Iterable[tuple[str, tuple[Topic, ...]]]:
    return (each for part in PARTS for each in part.groups)


def _name(short: str) -> str:
    return next(topic.name for topic in TOPICS if topic.short == short)


def _stage_of(name: str) -> str:
    return BY_NAME[name].short.partition(".")[2]


def _letter(record: Any) -> Letter:
    """Who, why, when and where; neither key nor value, nor the detail, which may quote either."""
    ours = {name.removeprefix(OURS): value or b"" for name, value in record.headers if name.startswith(OURS)}
    said = {name: value.decode("utf-8", "replace")[:MOST_SAID] for name, value in ours.items()}
    source = BY_NAME.get(said.get("topic", ""))
    where = (source.short if source else UNSAID, said.get("partition", UNSAID), said.get("offset", UNSAID))
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return Letter(at, _stage_of(record.topic), said.get("reason", UNSAID), "/".join(where))
