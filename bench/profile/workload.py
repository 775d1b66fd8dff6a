"""`python -m bench profile`: CPU of an event beside peers, a cold recovery, how long an event and a mail take."""

import argparse
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.cpu import NoProc
from bench.machine import load_average
from bench.measurement import Measurement
from bench.node import fresh
from bench.profile import agreement, curves, figures, ladder, picture
from bench.profile.agreement import Disagreement, compare, counted
from bench.profile.feed import folded, write_changelog
from bench.profile.latency import Pace, latencies
from bench.profile.mailing import mailed
from bench.profile.recovery import Recovery, recover
from bench.profile.run import Chain
from bench.profile.sinks import CHAIN, KEEPING, SUBJECTS, Sample, called, chains, packed, sampled
from bench.profile.subject import PROGRAM, Died
from bench.profile.traffic import Traffic
from bench.reporting import reported, say
from deploy.local.ports import LocalError
from services.profile.core.rules import Rules
from services.profile.pipeline import compiled
from services.runtime.program import read_program

PERSONS = 20_000  # whose events are folded; at 5,000 a second each comes back after 4 s
LADDER_PERSONS = 6_000
LEADS = 40  # whose mails are waited for
PACES = (1_000, 5_000)  # events a second
QUICK_PART = 10  # what --quick divides by
AGREED_PART = 25  # of the events, by which it is seen that two subjects do the same
FILL_EVENTS = 8  # of one person, on average, in the states that are recovered
QUICK_PARTS = ("cost", "recovery", "latency")
PARTS = (*QUICK_PARTS, "mail")
WRONG = (NoProc, Died, Disagreement, LocalError)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and how much of it."""

    parts: tuple[str, ...]
    subjects: tuple[str, ...]
    events: int
    persons: int
    rounds: int
    visit: int
    partitions: int
    seconds: int
    leads: int
    packs: int
    ladder_persons: int  # 0: no ladder
    curves: Path | None  # where the picture goes; None: no curves
    is_quick: bool


def main(words: Sequence[str]) -> int:
    """Measure, and print one JSON object per figure."""
    plan = planned(words)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # it warns of every topic that is young
    if plan.ladder_persons:
        return reported(_laddered(plan), WRONG)
    if plan.curves is not None:
        return reported(_curved(plan, plan.curves), WRONG)
    return reported(_measured(plan), WRONG)


def planned(words: Sequence[str]) -> Plan:
    """What the words ask for."""
    parser = argparse.ArgumentParser(prog="python -m bench profile", description=__doc__)
    add = parser.add_argument
    add("--parts", nargs="+", choices=PARTS, help="what is measured; all, and quick all but the mail")
    add("--subjects", nargs="+", choices=SUBJECTS, default=SUBJECTS, help="who is, in cost and latency")
    add("--events", type=_positive, default=250_000, help="taken by each subject in each round, a fifth to warm it")
    add("--persons", type=_positive, default=100_000, help="recovered by the cold start")
    add("--rounds", type=_positive, default=2, help="of every subject")
    add("--visit", type=_positive, default=8, help="events of a visit at most; 1: no visits, each on its own")
    add("--partitions", type=_positive, default=3, help="of every topic that the profile reads")
    add("--seconds", type=_positive, default=20, help="of each pace, in latency")
    add("--packs", type=_positive, default=8, help="of the ladder: folded at once")
    add("--ladder", action="store_true", help="only the parts of a fold, in this process, without a broker")
    add("--curves", type=Path, metavar="FILE", help="only the fold against how much there is; the picture, as SVG")
    add("--quick", action="store_true", help="one round of a tenth: says that it runs, not how fast")
    read = parser.parse_args(words)
    part = QUICK_PART if read.quick else 1
    events, persons, seconds = (max(1, number // part) for number in (read.events, read.persons, read.seconds))
    rounds = 1 if read.quick else read.rounds
    parts = read.parts or (QUICK_PARTS if read.quick else PARTS)
    return Plan(
        tuple(parts), tuple(read.subjects), events, persons, rounds, read.visit, read.partitions, seconds,
        LEADS // part, read.packs, LADDER_PERSONS // part * read.ladder, read.curves, read.quick,
    )  # fmt: skip


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1; came {word}")
    return number


async def _laddered(plan: Plan) -> list[Measurement]:
    say(f"ladder: {plan.ladder_persons} persons, {plan.packs} packs at once, {plan.rounds} rounds")
    rules = compiled(read_program(PROGRAM))
    size = ladder.Size(plan.ladder_persons, plan.packs, plan.rounds)
    rounds = ladder.climbed(size, rules, int(time.time() * 1000))
    return figures.ladder(rounds, load_average())


async def _curved(plan: Plan, path: Path) -> list[Measurement]:
    rules, now_ms = compiled(read_program(PROGRAM)), int(time.time() * 1000)
    found: dict[str, list[curves.Cost]] = {}
    for axis, points in (curves.QUICK_AXES if plan.is_quick else curves.AXES).items():
        say(f"curves: {axis}")
        found[axis] = [curves.cost_at(each, rules, now_ms) for each in points]
    picture.draw(found, path)
    return figures.curves(found, load_average())


async def _measured(plan: Plan) -> list[Measurement]:
    now_ms = int(time.time() * 1000)
    found: list[Measurement] = []
    if "cost" in plan.parts:
        found += figures.costs(await _rounds(plan, now_ms))
    if "recovery" in plan.parts:
        found += figures.recoveries(await _recovery(plan, compiled(read_program(PROGRAM)), now_ms))
    if "latency" in plan.parts:
        found += await _latencies(plan, now_ms)
    if "mail" in plan.parts:
        say(f"mail: {plan.leads} leads, every service, no model")
        found += figures.mails(await mailed(plan.leads, plan.partitions))
    return found


async def _latencies(plan: Plan, now_ms: int) -> list[Measurement]:
    part = QUICK_PART if plan.is_quick else 1
    paces = [Pace(each // part, plan.seconds) for each in PACES]
    like = Traffic(plan.events, PERSONS // part, plan.visit, now_ms, plan.partitions)
    found: list[Measurement] = []
    for subject in chains([each for each in plan.subjects if each in KEEPING]):
        say(f"latency: {subject.name}, {plan.seconds} s of each pace")
        kind, changelog = subject.links[0][0], KEEPING[subject.name].changelog
        took = await latencies(kind, changelog, paces, like)
        found += figures.durations(subject.name, took)
    return found


async def _rounds(plan: Plan, now_ms: int) -> dict[str, list[Sample]]:
    say(f"traffic: {plan.events} events of {PERSONS} persons in {plan.partitions} partitions")
    traffic = Traffic(plan.events, PERSONS, plan.visit, now_ms, plan.partitions)
    subjects = chains(plan.subjects)
    if not plan.is_quick:
        await _agree(plan, subjects, now_ms)
    parts = {each.name: called(traffic) if each.name == CHAIN else packed(traffic) for each in subjects}
    samples: dict[str, list[Sample]] = {each.name: [] for each in subjects}
    for number in range(plan.rounds):
        for subject in subjects:
            sample = await sampled(subject, parts[subject.name], plan.partitions)
            samples[subject.name].append(sample)
            _tell(number, subject.name, sample, plan)
    return samples


async def _agree(plan: Plan, subjects: Sequence[Chain], now_ms: int) -> None:
    """See that those who keep persons count the same, where there are two."""
    keeping = [each for each in subjects if each.name in KEEPING]
    if len(keeping) > 1:
        traffic = Traffic(plan.events // AGREED_PART, agreement.PERSONS, plan.visit, now_ms, plan.partitions)
        counts = {each.name: await counted(each.links[0][0], KEEPING[each.name], traffic) for each in keeping}
        names = " and ".join(counts)
        say(f"{names} fold the same: {compare(counts)} persons of {traffic.events} events")


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
    cost_us = run.cpu_s / sample.parts.events * figures.MICROS
    say(
        f"round {number + 1} of {plan.rounds}: {name:13} {run.cpu_s:6.2f} s of CPU, {cost_us:6.2f} µs an event,"
        f" {sample.parts.events / run.wall_s:7.0f} events/s, load {run.load:.1f}"
    )
