"""What an event costs against how many persons there are, how much is known of each, and how many packs come at once.

In one process, by the fold alone: persons are copies of a few thousand that were folded, each with bytes of their own,
so that a million are there in seconds. What the broker and the disk add is not in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import fmean

from bench.profile import ladder
from bench.profile.ladder import PARTITIONS, VISIT, Folding, Start, lots_of
from bench.profile.traffic import Traffic, events, packed, packs, person_of
from services.profile.pipeline import Rules

FOLDED_EVENTS = 20_000  # by which the persons are made that the others are copies of
LEAST_FOLDED, MOST_FOLDED = 200, 2_000  # of these persons
LAP_EVENTS = 18_000
LAPS = 2  # the lesser counts, since what else runs only ever adds


@dataclass(frozen=True, slots=True)
class Point:
    """Persons, events folded of each before on average, and packs folded at once."""

    persons: int = 10_000
    events_before: int = 10
    packs: int = 8


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU of an event at a point, in seconds, all together; and the mean bytes of a value there."""

    point: Point
    all_s: float
    value_bytes: float


AXES: dict[str, tuple[Point, ...]] = {
    "persons": tuple(Point(persons=each) for each in (10_000, 30_000, 100_000, 300_000, 1_000_000)),
    "events_before": tuple(Point(events_before=each) for each in (1, 3, 10, 30, 100, 300)),
    "packs": tuple(Point(packs=each) for each in (1, 2, 4, 8, 16, 32, 64)),
}
"""The points of each curve; where they meet, they are one point."""
QUICK_AXES = {axis: points[:2] for axis, points in AXES.items()}


def cost_at(point: Point, rules: Rules, end_ms: int, lap_events: int = LAP_EVENTS) -> Cost:
    """What an event costs at the point, over a lap of so many."""
    with ladder.spared_collector():
        start = _start(point, rules, end_ms, lap_events)
        count = ladder.events_in(start.second)
        laps = [ladder.measured(start) for _ in range(LAPS)]
        return Cost(point, min(each.all_s for each in laps) / count, fmean(laps[0].lengths))


def _start(point: Point, rules: Rules, end_ms: int, lap_events: int) -> Start:
    """The persons of the point, and two laps of their events."""
    originals, passed, folding = _originals(point, rules, end_ms)
    values = {person_of(rank): bytes(memoryview(originals[rank % len(originals)])) for rank in range(point.persons)}
    first = len(originals) * point.events_before
    traffic = Traffic(first + 2 * lap_events, point.persons, VISIT, end_ms, PARTITIONS, exponent=0.0)
    coming = islice(events(traffic), first, None)
    laps = [lots_of(packed(islice(coming, lap_events), PARTITIONS), point.packs, passed) for _ in range(2)]
    return Start(folding, values, *laps)


def _originals(point: Point, rules: Rules, end_ms: int) -> tuple[Sequence[bytes], dict[int, int], Folding]:
    """Encoded persons with that many events each on average, and where the fold of them ended."""
    count = min(MOST_FOLDED, max(LEAST_FOLDED, FOLDED_EVENTS // point.events_before))
    traffic = Traffic(count * point.events_before, count, 1, end_ms, PARTITIONS, newcomers=count, exponent=0.0)
    passed: dict[int, int] = {}
    folding, values = Folding(rules, end_ms), dict[str, bytes]()
    ladder.folded(folding, lots_of(packs(traffic), point.packs, passed), values)
    return [*values.values()], passed, folding
