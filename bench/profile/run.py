"""One run of a subject over the traffic: what it costs from the moment the measured part can be seen until it is done.

The first part of the traffic warms the subject and fills its states. The rest is written in one transaction, so that
it comes at once when that is committed: a backlog, as after an hour's pause. CPU is counted from that moment until the
group has committed the end of every partition; what came before is told apart.
"""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bench.machine import busy, load_average, resident_bytes
from bench.node import Place
from bench.profile.feed import Fed, end_offsets, held, write
from bench.profile.subject import Kind, Running, started, until_committed
from schemas.topics import EVENTS_CLEAN


@dataclass(frozen=True, slots=True)
class Chain:
    """Subjects, each with the topics it reads: the second one's are what the first one writes."""

    name: str
    links: Sequence[tuple[Kind, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took, in seconds.

    `warming_s`: CPU from the assignment to the moment the measured part came, idle waiting for it among it.
    `cpu_s`, `wall_s`: from there to the end. `load`: of the machine over a minute, at the end.
    `machine_share`: of its cores that were busy meanwhile, with whatever. `grown_bytes`: resident memory, in all.
    """

    warming_s: float
    cpu_s: float
    wall_s: float
    load: float
    machine_share: float
    grown_bytes: int


async def run(chain: Chain, place: Place, warming: Sequence[Fed], measured: Sequence[Fed]) -> Run:
    """Let the chain take both parts.

    Raises:
        Died: a subject did.
    """
    ends = await write(place.address, warming)
    async with AsyncExitStack() as stack:
        subjects = [await stack.enter_async_context(started(kind, place)) for kind, _ in chain.links]
        for subject in subjects:
            await subject.until_said(subject.kind.ready)
        began_s, began_bytes = _cpu_s(subjects), _resident(subjects)
        await _done(chain, subjects, place, ends)
        async with held(place.address, measured) as release:
            before, warm_s, since = busy(), _cpu_s(subjects), time.monotonic()
            ends = await release()
            await _done(chain, subjects, place, ends)
        cpu_s, wall_s = _cpu_s(subjects) - warm_s, time.monotonic() - since
        grown = _resident(subjects) - began_bytes
        return Run(warm_s - began_s, cpu_s, wall_s, load_average(), busy().share_since(before), grown)


async def _done(chain: Chain, subjects: Sequence[Running], place: Place, ends: dict[tuple[str, int], int]) -> None:
    """Wait until each of the chain is through; who comes after another is so with all that the other wrote."""
    for subject, (_, topics) in zip(subjects, chain.links, strict=True):
        for topic in topics:
            wanted = {number: end for (name, number), end in ends.items() if name == topic}
            await until_committed(subject, place.address, topic, wanted)
        ends = await end_offsets(place.address, EVENTS_CLEAN.name)


def _cpu_s(subjects: Sequence[Running]) -> float:
    return sum(each.cpu_s() for each in subjects)


def _resident(subjects: Sequence[Running]) -> int:
    return sum(resident_bytes(each.process.pid) for each in subjects)
