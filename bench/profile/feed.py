"""Writes what a run needs: the packs on events.clean, and a changelog full of states that the real fold made."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import orjson
from aiokafka import AIOKafkaProducer

from bench.profile.traffic import Traffic, packs
from schemas.topics import EVENTS_CLEAN, PROFILE_CHANGELOG
from services.profile.core.person import Person
from services.profile.core.rules import Rules
from services.profile.core.step import Input
from services.profile.pipeline import advance, encode

IN_FLIGHT = 64  # packs that wait for their ack
VALUES_A_TRANSACTION = 2_000
POSITION_KEY = b"\0applied"  # where the worker keeps its position: in the changelog, beside the values


async def write_packs(bootstrap: str, made: Sequence[tuple[int, bytes]]) -> dict[int, int]:
    """Put the packs on events.clean; gives the end offset of each partition."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=5)
    await producer.start()
    ends: dict[int, int] = {}
    try:
        for first in range(0, len(made), IN_FLIGHT):
            acks = [
                await producer.send(EVENTS_CLEAN.name, raw, partition=number)
                for number, raw in made[first : first + IN_FLIGHT]
            ]
            for ack in acks:
                done = await ack
                ends[done.partition] = done.offset + 1
    finally:
        await producer.stop()
    return ends


def folded(traffic: Traffic, rules: Rules) -> dict[int, dict[bytes, bytes]]:
    """The encoded value of every person in the traffic, by partition, with the position the worker starts from."""
    states: dict[str, Person] = {}
    keys: dict[int, set[str]] = defaultdict(set)
    for number, raw in packs(traffic):
        step = advance([_input(number, raw)], {}, states.get, rules, traffic.end_ms)
        states.update(step.values)
        keys[number].update(step.values)
    return {
        number: {
            **{person.encode(): encode(states[person]) for person in sorted(persons)},
            POSITION_KEY: orjson.dumps({"offsets": {}, "sources": {}}),
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
