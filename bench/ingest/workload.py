"""`python -m bench ingest`: raw records into batches beside a plain relay, calls over HTTP beside a bare handler."""

import argparse
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.cpu import NoProc
from bench.ingest import figures
from bench.ingest.calls import Taken, bodies, taken
from bench.ingest.memory import grown
from bench.ingest.subject import CHAINS, SERVERS
from bench.measurement import Measurement
from bench.node import fresh
from bench.profile.run import Run, run
from bench.profile.sinks import called
from bench.profile.subject import Died, Kind, started
from bench.profile.traffic import Traffic
from bench.reporting import reported, say
from deploy.local.ports import LocalError

PARTS = ("relay", "http", "memory")
PERSONS = 20_000
VISIT = 8  # events of a visit at most
PARTITIONS = 3
BATCHED = (100, 1)  # calls a request
SINGLE_PART = 10  # of the calls, where each has a request of its own
WARMING = 5  # one request in so many comes before the measured ones
QUICK_PART = 20  # what --quick divides by
WRONG = (NoProc, Died, LocalError)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and how much of it."""

    parts: Sequence[str]
    events: int
    memory_events: int
    rounds: int


def main(words: Sequence[str]) -> int:
    """Measure, and print one JSON object per figure."""
    plan = planned(words)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # it warns of every topic that is young
    return reported(_measured(plan), WRONG)


def planned(words: Sequence[str]) -> Plan:
    """What the words ask for."""
    parser = argparse.ArgumentParser(prog="python -m bench ingest", description=__doc__)
    add = parser.add_argument
    add("--parts", nargs="+", choices=PARTS, default=PARTS, help="what is measured")
    add("--events", type=int, default=200_000, help="of each subject in each round, a fifth to warm it")
    add("--memory-events", type=int, default=5_000_000, help="over which memory has to stay flat")
    add("--rounds", type=int, default=3, help="of every subject")
    add("--quick", action="store_true", help="one round of a twentieth: says that it runs, not how fast")
    read = parser.parse_args(words)
    part, rounds = (QUICK_PART, 1) if read.quick else (1, read.rounds)
    return Plan(tuple(read.parts), read.events // part, read.memory_events // part, rounds)


async def _measured(plan: Plan) -> list[Measurement]:
    found: list[Measurement] = []
    if "relay" in plan.parts:
        found += await _relayed(plan)
    if "http" in plan.parts:
        for calls_each in BATCHED:
            found += await _called(plan, calls_each)
    if "memory" in plan.parts:
        say(f"memory: {plan.memory_events} events")
        found += figures.remembered(grown(_traffic(plan.memory_events)), plan.memory_events)
    return found


async def _relayed(plan: Plan) -> list[Measurement]:
    parts = called(_traffic(plan.events))
    runs: dict[str, list[Run]] = {each.name: [] for each in CHAINS}
    for number in range(plan.rounds):
        for each in CHAINS:
            async with fresh(PARTITIONS) as place:
                took = await run(each, place, parts.warming, parts.measured)
            runs[each.name].append(took)
            _tell(number, each.name, took.cpu_s / parts.events, parts.events / took.wall_s)
    return figures.relayed(runs, parts.events)


async def _called(plan: Plan, calls_each: int) -> list[Measurement]:
    requests = [*bodies(_traffic(plan.events // (SINGLE_PART if calls_each == 1 else 1)), calls_each)]
    takings: dict[str, list[Taken]] = {each.name: [] for each in SERVERS}
    for number in range(plan.rounds):
        for each in SERVERS:
            took = await _served(each, requests, calls_each)
            takings[each.name].append(took)
            _tell(number, each.name, took.cpu_s / took.calls, took.calls / took.wall_s)
    return figures.called(takings, calls_each)


async def _served(kind: Kind, requests: Sequence[tuple[str, bytes]], calls_each: int) -> Taken:
    cut = len(requests) // WARMING
    async with fresh(PARTITIONS) as place, started(kind, place) as server:
        port = (await server.until_said(kind.ready))["port"]
        await taken(server, port, requests[:cut], calls_each)
        return await taken(server, port, requests[cut:], calls_each)


def _traffic(events: int) -> Traffic:
    return Traffic(events, PERSONS, VISIT, int(time.time() * 1000), PARTITIONS)


def _tell(number: int, name: str, cost_s: float, rate: float) -> None:
    say(f"round {number + 1}: {name:10} {cost_s * figures.MICROS:7.2f} µs, {rate:7.0f} a second")
