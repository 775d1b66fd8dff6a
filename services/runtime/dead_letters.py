"""The operator's hand on dead letters: list them, show one, send some back; for a command.

What is sent back and the mark that it was are one transaction: a run that dies loses nothing and doubles nothing.
"""

import heapq
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.codec import encode
from schemas.errors import DecodeError
from schemas.redriven import Redriven
from schemas.topics import REDRIVEN, dead_letters
from services.runtime.clock import now
from services.runtime.errors import Ended
from services.runtime.kafka_clients import POLL_MS, Kafka, assign_whole
from services.runtime.kafka_records import RawRecord, Record
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.kafka_transaction import Owner, Transactor
from services.runtime.kafka_view import View
from services.runtime.letters import Bar, Letter, Marks, Selection, barred, letter_of, mark_of, sent_back
from services.runtime.outcome import Message, Misconfigured, Unavailable

STAGE = "redrive"
TRANSACTIONAL_ID = "kindling.redrive"  # who begins is the only one: an earlier run is refused from then on
AT_ONCE = 100  # letters of a transaction
AT_ONCE_BYTES = 4_000_000
TOLD = 100  # letters of a report
FETCH_BYTES = 4_194_304


@dataclass(frozen=True, slots=True)
class Told:
    """A dead letter, and why it would not be sent back; None where it would, or was."""

    letter: Letter
    bar: Bar | None


@dataclass(slots=True)
class Report:
    """What a run came to: how many were sent back, how many not by reason, and the first of either."""

    sent: int = 0
    barred: Counter[Bar] = field(default_factory=Counter)
    told: list[Told] = field(default_factory=list)

    def count(self, each: Told) -> None:
        """Count one letter."""
        if each.bar is None:
            self.sent += 1
        else:
            self.barred[each.bar] += 1
        if len(self.told) < TOLD:
            self.told.append(each)


@dataclass(frozen=True, slots=True)
class Listing:
    """The newest of the letters that are meant, newest first, and how many there are by stage and reason."""

    newest: tuple[Told, ...]
    by_reason: Mapping[tuple[str, str], int]


async def listed(kafka: Kafka, meant: Selection, most: int = TOLD) -> Listing:
    """The letters that are meant.

    Raises:
        Unavailable: no broker answers.
        Misconfigured: a topic does not exist.
    """
    marks, counts = await _marks(kafka), Counter[tuple[str, str]]()
    newest: list[tuple[int, int, Letter]] = []
    numbers = count()
    async with aclosing(_letters(kafka, meant)) as letters_of_now:
        async for letter in letters_of_now:
            counts[letter.stage, letter.reason] += 1
            heapq.heappush(newest, (letter.at_ms, next(numbers), letter))
            if len(newest) > most:
                heapq.heappop(newest)
    letters = [letter for *_, letter in sorted(newest, reverse=True)]
    return Listing(tuple(Told(each, barred(each, marks)) for each in letters), counts)


async def shown(kafka: Kafka, stage: str, partition: int, offset: int) -> Told:
    """The letter at this place.

    Raises:
        Unavailable: no broker answers.
        Misconfigured: there is none, or a topic does not exist.
    """
    found = await listed(kafka, Selection((stage,), at=(partition, offset)), 1)
    if not found.newest:
        raise Misconfigured(f"expected a dead letter of {stage} at {partition}/{offset}; there is none: list them")
    return found.newest[0]


async def redrive(kafka: Kafka, meant: Selection, *, is_dry: bool = False) -> Report:
    """Send back each letter that is meant and may be, once, to the partition it came from; a dry run only says so.

    Letters that come while it runs are not looked at, those of what it sent back among them.

    Raises:
        Unavailable: no broker answers, or another run has begun: what was sent is marked, so that it is safe to go on.
        Misconfigured: a topic does not exist.
    """
    if is_dry:
        return await _redriven(kafka, meant, None)
    own = Transactor(Owner(TRANSACTIONAL_ID, TopicPartition(REDRIVEN.name, 0), STAGE))
    try:
        await own.fence(kafka)  # before the marks are read: from here on nobody else writes one
        return await _redriven(kafka, meant, own)
    except (Ended, KafkaError) as error:
        told = "another run has begun, or Kafka refused; what was sent back is marked: list, then run again"
        raise Unavailable(f"dead letters could not be sent back ({error}): {told}") from error
    finally:
        await own.close()


async def _redriven(kafka: Kafka, meant: Selection, own: Transactor | None) -> Report:
    marks, partitions, report = await _marks(kafka), await _partitions(kafka), Report()
    batch: list[Letter] = []
    async with aclosing(_letters(kafka, meant)) as letters:
        async for letter in letters:
            bar = barred(letter, marks)
            if bar is None:
                batch.append(letter)
                if len(batch) == AT_ONCE or sum(len(each.value or b"") for each in batch) > AT_ONCE_BYTES:
                    await _send(own, batch, partitions)
                    batch = []
            report.count(Told(letter, bar))
    if batch:
        await _send(own, batch, partitions)
    return report


async def _send(own: Transactor | None, batch: list[Letter], partitions: Mapping[str, int]) -> None:
    if own is not None:
        at = now()
        marks = [_record(mark_of(each, at)) for each in batch]
        await own.commit([*(sent_back(each, partitions) for each in batch), *marks])


def _record(mark: Redriven) -> Record:
    return Record(REDRIVEN.name, str(REDRIVEN.key(mark)).encode(), encode(REDRIVEN, mark), 0, ())


async def _marks(kafka: Kafka) -> Marks:
    """What was sent back so far.

    Raises:
        Misconfigured: a mark cannot be read; nobody knows then what may be sent.
    """
    marks: dict[tuple[str, int, int], Redriven] = {}

    def take(message: Message) -> None:
        if (mark := message.event) is not None:
            marks[mark.stage, mark.partition, mark.offset] = mark

    def refuse(record: RawRecord, error: DecodeError) -> None:
        what = f"a mark of what was sent back, {REDRIVEN.name} at {record.offset}, cannot be read ({error})"
        raise Misconfigured(f"{what}: use the version that wrote it")

    view = View(kafka, (REDRIVEN,), take, refuse)
    try:
        await view.read()
    finally:
        await view.stop()
    return marks


async def _partitions(kafka: Kafka) -> Mapping[str, int]:
    admin = TopicsAdmin(kafka)
    try:
        await admin.start()
        return await admin.counts()
    finally:
        await admin.stop()


async def _letters(kafka: Kafka, meant: Selection) -> AsyncGenerator[Letter, None]:
    """The letters that are meant, up to the ends as they are now; stage by stage, each partition in its order."""
    reader = kafka.reader(max_partition_fetch_bytes=FETCH_BYTES)
    try:
        await reader.start()
        for stage in meant.stages:
            async for letter in _of_stage(reader, stage, meant):
                if meant.takes(letter):
                    yield letter
    except KafkaError as error:
        raise Unavailable(f"dead letters could not be read: {error!r}. Were the topics made?") from error
    finally:
        await reader.stop()


async def _of_stage(reader: Any, stage: str, meant: Selection) -> AsyncIterator[Letter]:
    every = await assign_whole(reader, dead_letters(stage).name)
    ends = await reader.end_offsets(every)
    starts = await _starts(reader, every, meant)
    for each, start in starts.items():
        reader.seek(each, start)
    for each in starts:
        end = ends[each] if meant.at is None else min(ends[each], meant.at[1] + 1)
        while await reader.position(each) < end:
            for record in (await reader.getmany(each, timeout_ms=POLL_MS)).get(each, ()):
                if record.offset < end:
                    yield letter_of(stage, record)


async def _starts(reader: Any, every: tuple[TopicPartition, ...], meant: Selection) -> Mapping[TopicPartition, int]:
    """Where each partition is read from: at the one place that is meant, or at the first record of `since`."""
    begins: dict[TopicPartition, int] = await reader.beginning_offsets(every)
    if meant.at is not None:
        partition, offset = meant.at
        return {each: max(offset, begin) for each, begin in begins.items() if each.partition == partition}
    if meant.since is None:
        return begins
    found = await reader.offsets_for_times(dict.fromkeys(every, int(meant.since.timestamp() * 1000)))
    return {each: place.offset for each, place in found.items() if place is not None}
