"""What is measured against what: each subject on a fresh broker, over the same traffic in the same order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import orjson

from bench.node import fresh
from bench.peers.java import NoPeer
from bench.profile.feed import Fed, as_packs, end_offsets
from bench.profile.kept import Keeping, Kept, kept
from bench.profile.peer import CHANGELOG, KAFKA_STREAMS, peer_kind
from bench.profile.raw import raw_calls
from bench.profile.run import Chain, Run, run
from bench.profile.subject import INGEST, KINDLING, NATIVE, PLAIN
from bench.profile.traffic import Traffic, events, packs
from bench.reporting import say
from schemas.topics import CONVERSIONS_RAW, EVENTS_CLEAN, EVENTS_RAW, PROFILE_CHANGELOG
from services.runtime.native import compiled
from services.runtime.outcome import Misconfigured

WARMING = 5  # one event in so many comes before the measured ones, and fills the states
CLEAN = (EVENTS_CLEAN.name,)
RAW = (EVENTS_RAW.name, CONVERSIONS_RAW.name)
CHAIN = "chain"
SUBJECTS = (KINDLING.name, NATIVE.name, KAFKA_STREAMS, PLAIN.name, CHAIN)
KEEPING: Mapping[str, Keeping] = {
    KINDLING.name: Keeping(PROFILE_CHANGELOG.name, "profile"),
    NATIVE.name: Keeping(PROFILE_CHANGELOG.name, "profile"),
    KAFKA_STREAMS: Keeping(CHANGELOG, KAFKA_STREAMS),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """The traffic as it is written: what warms, and what is measured, which holds so many of its events.

    `persons`: to whom it happens, in both.
    """

    warming: Sequence[Fed]
    measured: Sequence[Fed]
    events: int
    all_events: int
    persons: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one subject over the parts, and what it kept, where it keeps."""

    run: Run
    parts: Parts
    kept: Kept | None


def chains(wanted: Sequence[str]) -> list[Chain]:
    """The subjects of these names; who cannot run here, a peer or what is not compiled, is left out with a word."""
    made = {
        KINDLING.name: Chain(KINDLING.name, [(KINDLING, CLEAN)]),
        PLAIN.name: Chain(PLAIN.name, [(PLAIN, CLEAN)]),
        CHAIN: Chain(CHAIN, [(INGEST, RAW), (KINDLING, CLEAN)]),
    }
    if NATIVE.name in wanted:
        try:
            compiled()
            made[NATIVE.name] = Chain(NATIVE.name, [(NATIVE, CLEAN)])
        except Misconfigured as error:
            say(f"{NATIVE.name} is left out: {error}")
    if KAFKA_STREAMS in wanted:
        try:
            made[KAFKA_STREAMS] = Chain(KAFKA_STREAMS, [(peer_kind(), CLEAN)])
        except NoPeer as error:
            say(f"{KAFKA_STREAMS} is left out: {error}")
    return [made[name] for name in SUBJECTS if name in wanted and name in made]


def packed(traffic: Traffic) -> Parts:
    """As packs of clean events."""
    made = as_packs(packs(traffic))
    cut = len(made) // WARMING
    persons = [[event["person"] for event in orjson.loads(each.value)["events"]] for each in made]
    return Parts(
        made[:cut], made[cut:], sum(map(len, persons[cut:])), traffic.events, len({*chain.from_iterable(persons)})
    )


def called(traffic: Traffic) -> Parts:
    """As raw calls."""
    made, cut = [*raw_calls(events(traffic), traffic.partitions)], traffic.events // WARMING
    return Parts(made[:cut], made[cut:], traffic.events - cut, traffic.events, len({each.key for each in made}))


async def sampled(subject: Chain, parts: Parts, partitions: int) -> Sample:
    """Run the subject once.

    Raises:
        Died: a process of its did.
    """
    keeping = KEEPING.get(subject.name)
    async with fresh(partitions) as place:
        found = await run(subject, place, parts.warming, parts.measured)
        if keeping is None:
            return Sample(found, parts, None)
        ends = await end_offsets(place.address, keeping.changelog)
        return Sample(found, parts, kept(keeping, place, sum(ends.values())))
