"""`python -m bench profile`: CPU of an event, kindling beside its peers; then a cold recovery."""

import argparse
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.cpu import NoProc
from bench.measurement import Measurement
from bench.node import fresh
from bench.profile import figures, ladder
from bench.profile.feed import folded, write_changelog
from bench.profile.recovery import Recovery, recover
from bench.profile.sinks import CHAIN, SUBJECTS, Sample, called, chains, packed, sampled
from bench.profile.subject import ROOT, Died
from bench.profile.traffic import Traffic
from bench.reporting import reported, say
from deploy.local.kafka import LocalKafkaError
from services.profile.core.rules import Rules
from services.profile.pipeline import compiled
from services.runtime.program import read_program

PERSONS = 20_000  # whose events are folded
LADDER_PERSONS = 6_000
QUICK_PART = 10  # what --quick divides by
FILL_EVENTS = 8  # of one person, on average, in the states that are recovered


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and how much of it."""

    events: int
    persons: int
    rounds: int
    visit: int
    partitions: int
    packs: int
    ladder_persons: int  # 0: no ladder
    subjects: tuple[str, ...]


def main(words: Sequence[str]) -> int:
    """Measure, and print one JSON object per figure."""
    plan = planned(words)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # it warns of every topic that is young
    return reported(_laddered(plan) if plan.ladder_persons else _measured(plan), (NoProc, Died, LocalKafkaError))


def planned(words: Sequence[str]) -> Plan:
    """What the words ask for."""
    parser = argparse.ArgumentParser(prog="python -m bench profile", description=__doc__)
    add = parser.add_argument
    add("--events", type=_positive, default=250_000, help="taken by each subject in each round, a fifth to warm it")
    add("--persons", type=_positive, default=100_000, help="recovered by the cold start")
    add("--rounds", type=_positive, default=2, help="of every subject")
    add("--visit", type=_positive, default=8, help="events of a visit at most; 1: no visits, each on its own")
    add("--partitions", type=_positive, default=3, help="of every topic that the profile reads")
    add("--subjects", nargs="+", choices=SUBJECTS, default=SUBJECTS, help="which of them run")
    add("--packs", type=_positive, default=8, help="of the ladder: folded at once")
    add("--ladder", action="store_true", help="only the parts of a fold, in this process, without a broker")
    add("--quick", action="store_true", help="one round of a tenth: says that it runs, not how fast")
    read = parser.parse_args(words)
    part, rounds = (QUICK_PART, 1) if read.quick else (1, read.rounds)
    events, persons = (max(1, number // part) for number in (read.events, read.persons))
    ladder_persons = LADDER_PERSONS // part * read.ladder
    return Plan(events, persons, rounds, read.visit, read.partitions, read.packs, ladder_persons, tuple(read.subjects))


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1; came {word}")
    return number


async def _laddered(plan: Plan) -> list[Measurement]:
    say(f"ladder: {plan.ladder_persons} persons, {plan.packs} packs at once, {plan.rounds} rounds")
    rules = compiled(read_program(ROOT / "examples" / "academy"))
    size = ladder.Size(plan.ladder_persons, plan.packs, plan.rounds)
    return figures.ladder(ladder.climbed(size, rules, int(time.time() * 1000)))


async def _measured(plan: Plan) -> list[Measurement]:
    now_ms = int(time.time() * 1000)
    samples = await _rounds(plan, now_ms)
    recovery = await _recovery(plan, compiled(read_program(ROOT / "examples" / "academy")), now_ms)
    return [*figures.costs(samples), *figures.recoveries(recovery)]


async def _rounds(plan: Plan, now_ms: int) -> dict[str, list[Sample]]:
    say(f"traffic: {plan.events} events of {PERSONS} persons in {plan.partitions} partitions")
    traffic = Traffic(plan.events, PERSONS, plan.visit, now_ms, plan.partitions)
    subjects = chains(plan.subjects)
    parts = {each.name: called(traffic) if each.name == CHAIN else packed(traffic) for each in subjects}
    samples: dict[str, list[Sample]] = {each.name: [] for each in subjects}
    for number in range(plan.rounds):
        for subject in subjects:
            sample = await sampled(subject, parts[subject.name], plan.partitions)
            samples[subject.name].append(sample)
            _tell(number, subject.name, sample, plan)
    return samples


async def _recovery(plan: Plan, rules: Rules, now_ms: int) -> Recovery:
    traffic = Traffic(plan.persons * FILL_EVENTS, plan.persons, plan.visit, now_ms, plan.partitions, plan.persons)
    say(f"recovery: folding {traffic.events} events")
    values = folded(traffic, rules)
    async with fresh(plan.partitions) as place:
        say("recovery: filling the changelog")
        await write_changelog(place.address, values)
        return await recover(place, values)


def _tell(number: int, name: str, sample: Sample, plan: Plan) -> None:
    run = sample.run
    cost_us = run.cpu_s / sample.events * figures.MICROS
    say(
        f"round {number + 1} of {plan.rounds}: {name:13} {run.cpu_s:6.2f} s of CPU, {cost_us:6.2f} µs an event,"
        f" {sample.events / run.wall_s:7.0f} events/s, load {run.load:.1f}"
    )
