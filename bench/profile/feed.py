"""Writes what a run needs: the packs on events.clean, and a changelog full of states that the real fold made."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.profile.traffic import Traffic, packs
from schemas.topics import EVENTS_CLEAN, PROFILE_CHANGELOG
from services.profile.core.person import Person
from services.profile.core.rules import Rules
from services.profile.core.transition import Input
from services.profile.pipeline import Read, advance, decode
from services.runtime.kafka_clients import assign_whole

IN_FLIGHT = 512  # records that wait for their ack
HELD_MS = 600_000  # how long a transaction may stay open
VALUES_A_TRANSACTION = 2_000
CHECKPOINT_KEY = b"\0applied"  # where the worker keeps its checkpoint: in the changelog, beside the values


@dataclass(frozen=True, slots=True)
class Fed:
    """A record that is written for a subject; without a time of its own it has that of the writing."""

    topic: str
    partition: int
    value: bytes
    key: bytes | None = None
    timestamp_ms: int | None = None


Ends: TypeAlias = dict[tuple[str, int], int]
"""The end offset of each topic and partition."""


def as_packs(made: Iterable[tuple[int, bytes]]) -> list[Fed]:
    """Packs as records of events.clean."""
    return [Fed(EVENTS_CLEAN.name, number, raw) for number, raw in made]


async def write(bootstrap: str, records: Sequence[Fed]) -> Ends:
    """Write the records, each partition's in their order."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=5)
    await producer.start()
    try:
        return await _sent(producer, records)
    finally:
        await producer.stop()


@asynccontextmanager
async def held(bootstrap: str, records: Sequence[Fed]) -> AsyncIterator[Callable[[], Awaitable[Ends]]]:
    """The records written but not committed, with what commits them: then readers see them all at once."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id="bench-held", acks="all", linger_ms=5,
        transaction_timeout_ms=HELD_MS,
    )  # fmt: skip
    await producer.start()
    try:
        await producer.begin_transaction()
        ends = await _sent(producer, records)

        async def release() -> Ends:
            await producer.commit_transaction()
            return ends

        yield release
    finally:
        await producer.stop()


async def end_offsets(bootstrap: str, topic: str) -> Ends:
    """Where the partitions of a topic end at this moment."""
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await reader.start()
    try:
        partitions = await assign_whole(reader, topic)
        found = await reader.end_offsets(partitions)
    finally:
        await reader.stop()
    return {(each.topic, each.partition): offset for each, offset in found.items()}


async def _sent(producer: Any, records: Sequence[Fed]) -> Ends:
    ends: Ends = {}
    for first in range(0, len(records), IN_FLIGHT):
        acks = [
            await producer.send(
                each.topic, each.value, key=each.key, partition=each.partition, timestamp_ms=each.timestamp_ms
            )
            for each in records[first : first + IN_FLIGHT]
        ]
        for ack in acks:
            done = await ack
            ends[done.topic, done.partition] = done.offset + 1
    return ends


def folded(traffic: Traffic, rules: Rules) -> dict[int, dict[bytes, bytes]]:
    """The encoded value of every person in the traffic, by partition, with the checkpoint the worker starts from."""
    states: dict[str, bytes] = {}
    keys: dict[int, set[str]] = defaultdict(set)

    def read(person: str) -> Person | None:
        raw = states.get(person)
        return None if raw is None else decode(raw)

    for number, raw in packs(traffic):
        step = advance([_input(number, raw)], {}, Read(read), rules, traffic.end_ms)
        states.update(step.values)
        keys[number].update(step.values)
    return {
        number: {
            **{person.encode(): states[person] for person in sorted(persons)},
            CHECKPOINT_KEY: orjson.dumps({"offsets": {}, "sources": {}}),
        }
        for number, persons in keys.items()
    }


async def write_changelog(bootstrap: str, values: dict[int, dict[bytes, bytes]]) -> None:
    """Put the values on the changelog in transactions, as the worker does."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id="bench-fill", acks="all")
    await producer.start()
    try:
        for number, rows in values.items():
            for lot in _lots(list(rows.items())):
                async with producer.transaction():
                    for ack in [
                        await producer.send(PROFILE_CHANGELOG.name, value, key=key, partition=number)
                        for key, value in lot
                    ]:
                        await ack
    finally:
        await producer.stop()


def _lots(rows: Sequence[tuple[bytes, bytes]]) -> Iterable[Sequence[tuple[bytes, bytes]]]:
    for first in range(0, len(rows), VALUES_A_TRANSACTION):
        yield rows[first : first + VALUES_A_TRANSACTION]


def _input(number: int, raw: bytes) -> Input:
    return Input(EVENTS_CLEAN.short, number, 0, 0, None, raw)
