"""How long an event takes from events.clean to durable: at a few paces, one after another, of one subject."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from bench.machine import busy, load_average
from bench.node import fresh
from bench.profile.feed import as_packs, write
from bench.profile.paced import TICK_S, streamed, ticks
from bench.profile.subject import Kind, started, until_committed
from bench.profile.traffic import Traffic, packs
from schemas.topics import EVENTS_CLEAN

WARMING_EVENTS = 5  # of a person on average, before


@dataclass(frozen=True, slots=True)
class Pace:
    """So many events a second, for so many seconds."""

    rate: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Latency:
    """How long the events took, in seconds, ascending; and of how many nothing came.

    `cpu_share`: cores that the subject used. `machine_share`, `load`: as of a run.
    """

    pace: Pace
    took_s: Sequence[float]
    missing: int
    cpu_share: float
    machine_share: float
    load: float


async def latencies(kind: Kind, changelog: str, paces: Sequence[Pace], like: Traffic) -> list[Latency]:
    """One a pace; of as many persons, in as many partitions, as the traffic has.

    Raises:
        Died: the subject did.
    """
    first = like.persons * WARMING_EVENTS
    warming = packs(replace(like, events=first, newcomers=like.persons, exponent=0.0))
    traffic = replace(like, events=first + sum(each.rate * each.seconds for each in paces), visit=1)
    found: list[Latency] = []
    async with fresh(like.partitions) as place:
        ends = {number: end for (_, number), end in (await write(place.address, as_packs(warming))).items()}
        async with started(kind, place) as running:
            await running.until_said(kind.ready)
            await until_committed(running, place.address, EVENTS_CLEAN.name, ends)
            for pace in paces:
                paced = [*islice(ticks(traffic, first, pace.rate), int(pace.seconds / TICK_S))]
                before, used_s = busy(), running.cpu_s()
                awaited = await streamed(place.address, changelog, paced)
                cpu_share, machine_share = (running.cpu_s() - used_s) / pace.seconds, busy().share_since(before)
                took_s = sorted(awaited.took_s)
                found.append(Latency(pace, took_s, awaited.missing, cpu_share, machine_share, load_average()))
                first += pace.rate * pace.seconds
    return found
