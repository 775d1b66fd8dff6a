"""Do two subjects do the same? Each folds the same packs, some of them twice; every person must have as many events."""

from collections.abc import Callable, Mapping

import orjson

from bench.node import fresh
from bench.profile.feed import as_packs, end_offsets, write
from bench.profile.kept import Keeping
from bench.profile.peer import KAFKA_STREAMS
from bench.profile.subject import KINDLING, NATIVE, Kind, started, until_committed
from bench.profile.traffic import Traffic, packs
from schemas.topics import EVENTS_CLEAN
from services.profile.pipeline import decode
from services.runtime.kafka_clients import Kafka, assign_whole

PERSONS = 2_000
TWICE = 10  # packs that come again, as after a crash of ingest
POLL_MS = 500


class Disagreement(RuntimeError):  # noqa: N818 a fact of the run
    """Two subjects do not do the same: what they cost says nothing of one another."""


def _kindling_events(key: bytes, raw: bytes) -> int | None:
    return None if key.startswith(b"\0") else decode(raw).events


def _peer_events(_: bytes, raw: bytes) -> int:
    count: int = orjson.loads(raw)["n"]
    return count


EVENTS_OF: Mapping[str, Callable[[bytes, bytes], int | None]] = {
    KINDLING.name: _kindling_events,
    NATIVE.name: _kindling_events,
    KAFKA_STREAMS: _peer_events,
}
"""The events that a record of a subject's changelog says were folded; None where it is no person's."""


async def counted(kind: Kind, keeping: Keeping, traffic: Traffic) -> dict[bytes, int]:
    """How many events of each person the subject has folded."""
    made = as_packs(packs(traffic))
    async with fresh(traffic.partitions) as place:
        ends = await write(place.address, [*made, *made[:TWICE]])
        async with started(kind, place) as running:
            await running.until_said(kind.ready)
            wanted = {number: end for (_, number), end in ends.items()}
            await until_committed(running, place.address, EVENTS_CLEAN.name, wanted)
        return await _last(place.address, keeping.changelog, EVENTS_OF[kind.name])


def compare(counts: Mapping[str, Mapping[bytes, int]]) -> int:
    """How many persons all subjects have, with the same number of events each.

    Raises:
        Disagreement: they differ.
    """
    first, *others = counts
    for other in others:
        persons = counts[first].keys() | counts[other].keys()
        wrong = [each for each in persons if counts[first].get(each) != counts[other].get(each)]
        if wrong:
            person = min(wrong)
            raise Disagreement(
                f"{first} and {other} differ in {len(wrong)} of {len(persons)} persons: of {person.decode()} they have"
                f" {counts[first].get(person)} and {counts[other].get(person)} events"
            )
    return len(counts[first])


async def _last(bootstrap: str, changelog: str, events_of: Callable[[bytes, bytes], int | None]) -> dict[bytes, int]:
    """What the last value of each person says."""
    found: dict[bytes, int] = {}
    ends = await end_offsets(bootstrap, changelog)
    reader = Kafka(bootstrap).reader()
    await reader.start()
    try:
        partitions = await assign_whole(reader, changelog)
        while any([await reader.position(each) < ends[each.topic, each.partition] for each in partitions]):
            for records in (await reader.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    if (count := events_of(record.key, record.value)) is not None:
                        found[record.key] = count
    finally:
        await reader.stop()
    return found
