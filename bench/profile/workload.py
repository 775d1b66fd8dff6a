"""`python -m bench profile`: CPU of an event, kindling against plain in turn; then a cold recovery."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.cpu import NoProc
from bench.measurement import Measurement
from bench.node import fresh
from bench.profile import figures
from bench.profile.feed import folded, write_changelog, write_packs
from bench.profile.recovery import Recovery, recover
from bench.profile.subject import KINDLING, PLAIN, ROOT, Died, Kind, cpu_to_the_end, started
from bench.profile.traffic import Traffic, packs
from deploy.local.kafka import LocalKafkaError
from services.profile.core.rules import Rules
from services.profile.pipeline import compiled
from services.runtime.program import read_program

PERSONS = 20_000  # whose events are folded
FILL_EVENTS = 8  # of one person, on average, in the states that are recovered


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and how much of it."""

    events: int
    persons: int
    rounds: int
    visit: int
    partitions: int


def main(words: Sequence[str]) -> int:
    """Measure, and print one JSON object per figure."""
    plan = _plan(words)
    try:
        measured = asyncio.run(_measured(plan))
    except (NoProc, Died, LocalKafkaError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    for each in measured:
        print(each.line())
    return 0


def _plan(words: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="python -m bench profile", description=__doc__)
    parser.add_argument("--events", type=int, default=400_000, help="folded by each subject in each round")
    parser.add_argument("--persons", type=int, default=100_000, help="recovered by the cold start")
    parser.add_argument("--rounds", type=int, default=3, help="of kindling, then plain")
    parser.add_argument("--visit", type=int, default=8, help="events of a visit at most; 1: no visits, each on its own")
    parser.add_argument("--partitions", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything: says that it runs, not how fast")
    read = parser.parse_args(words)
    share = 10 if read.quick else 1
    rounds = 1 if read.quick else read.rounds
    return Plan(read.events // share, read.persons // share, rounds, read.visit, read.partitions)


async def _measured(plan: Plan) -> list[Measurement]:
    rules = compiled(read_program(ROOT / "examples" / "academy"))
    _say(f"traffic: {plan.events} events of {PERSONS} persons in {plan.partitions} partitions")
    now_ms = int(time.time() * 1000)
    made = list(packs(Traffic(plan.events, PERSONS, plan.visit, now_ms, plan.partitions)))
    samples: dict[str, list[float]] = {KINDLING.name: [], PLAIN.name: []}
    for number in range(plan.rounds):
        async with fresh(plan.partitions) as place:
            ends = await write_packs(place.address, made)
            for kind in (KINDLING, PLAIN):
                async with started(kind, place) as running:
                    used = await cpu_to_the_end(running, place.address, ends)
                samples[kind.name].append(used)
                _tell(number, kind, used, plan)
    recovery = await _recovery(plan, rules, now_ms)
    return [*figures.costs(samples, plan.events), *figures.recoveries(recovery)]


async def _recovery(plan: Plan, rules: Rules, now_ms: int) -> Recovery:
    traffic = Traffic(plan.persons * FILL_EVENTS, plan.persons, plan.visit, now_ms, plan.partitions, plan.persons)
    _say(f"recovery: folding {traffic.events} events")
    values = folded(traffic, rules)
    async with fresh(plan.partitions) as place:
        _say("recovery: filling the changelog")
        await write_changelog(place.address, values)
        return await recover(place, values)


def _tell(number: int, kind: Kind, used_s: float, plan: Plan) -> None:
    cost = used_s / plan.events * figures.MICROS
    _say(f"round {number + 1} of {plan.rounds}: {kind.name:8} {used_s:6.2f} s of CPU, {cost:6.2f} µs an event")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
