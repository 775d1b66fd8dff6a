"""The pipeline as it is now: what Kafka's offsets, the decisions and the dead letters say of each stage. Pure.

Rates and lags are counted in offsets, in which a transaction's marker counts as one more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from schemas.topics import Topic
from services.console.core.held import Held
from services.console.core.parts import PARTS, TOPICS, Part
from services.console.core.values import Act
from services.console.core.words import STAGES

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WINDOW = timedelta(seconds=30)  # that a rate is taken over
STILL = timedelta(seconds=10)  # without a step while something waits
BEHIND_S = 5.0  # of work that waits, at the rate of now: less is what is under way
MOST_LETTERS = 8  # that are shown
WRITING = frozenset({"copy", "reader"})  # questions and rungs of the composer; the others are the recommender's

Spot: TypeAlias = tuple[str, int]
"""A partition: the topic's short name and its number."""
Ends: TypeAlias = Mapping[Spot, int]


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter: who could not take what, and why; nothing of what it holds."""

    at: datetime
    stage: str
    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What the broker said at one instant: where topics end, how far each group has come, and the letters of a day.

    `markers`: places of groups behind which there are no records, only the marks of transactions. `cut`: stages of
    whose letters only the newest were looked at.
    """

    at: datetime
    ends: Ends
    places: Mapping[str, Ends]
    markers: frozenset[tuple[str, Spot]] = frozenset()
    letters: tuple[Letter, ...] = ()
    cut: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ended:
    """How often triggers ended in one way."""

    stage: str
    ending: str
    reason: str
    hour: int
    day: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage now; None is what nobody knows. Costs are in millionths.

    `state`: unknown, paused, still, behind, working or idle. `rungs`: stage of the decision, rung, times in the hour.
    """

    name: str
    state: str
    lag: int | None
    rate: float | None
    ended_hour: int
    ended_day: int
    rungs: tuple[tuple[str, str, int], ...]
    aside: int
    aside_oldest: datetime | None
    letters_hour: int
    letters_day: int
    is_cut: bool
    cost_hour: int
    cost_day: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The pipeline at one instant. `problem` says in words why figures are missing, "" where none are."""

    at: datetime
    stages: tuple[Stage, ...]
    rates: Mapping[str, float]
    endings: tuple[Ended, ...]
    letters: tuple[Letter, ...]
    paused: str = ""
    problem: str = ""

    @property
    def is_empty(self) -> bool:
        """True where nothing ever happened: the first day of a business."""
        return not self.endings and not any(self.rates.values()) and not any(stage.lag for stage in self.stages)


@dataclass(frozen=True, slots=True)
class Told:
    """What the archive and the desk beside it say: acts of the last hour and day, what is held back."""

    hour: Sequence[Act] = ()
    day: Sequence[Act] = ()
    held: Held = field(default_factory=Held)
    problem: str = ""


def snapshot(now: datetime, samples: Sequence[Sample], told: Told) -> Snapshot:
    """The pipeline by the samples of the last half minute, oldest first. Total: without samples figures are unknown."""
    rates = {topic.short: _rate(_ends_of(samples, topic)) or 0.0 for topic in TOPICS}
    return Snapshot(
        at=now,
        stages=tuple(_stage(part, now, samples, told) for part in PARTS),
        rates=rates,
        endings=_endings(told),
        letters=tuple(sorted(samples[-1].letters, key=lambda each: each.at, reverse=True)[:MOST_LETTERS])
        if samples
        else (),
        paused=told.held.paused,
        problem=told.problem,
    )


def recent(samples: Iterable[Sample], now: datetime) -> tuple[Sample, ...]:
    """Those that a rate is taken over."""
    return tuple(each for each in samples if each.at >= now - WINDOW)


def lag_of(part: Part, sample: Sample) -> int | None:
    """How many records wait before the stage; None where nobody can say."""
    lag, is_known = 0, False
    for group, topics in part.groups:
        names = {topic.short for topic in topics}
        places = sample.places.get(group, {})
        for spot, end in sample.ends.items():
            if spot[0] in names and spot in places:
                is_known = True
                lag += 0 if (group, spot) in sample.markers else max(0, end - places[spot])
    return lag if is_known else None


def _stage(part: Part, now: datetime, samples: Sequence[Sample], told: Told) -> Stage:
    lag = lag_of(part, samples[-1]) if samples else None
    steps = [(each.at, _come(part, each)) for each in samples]
    rate = _rate(steps)
    since = told.held.since.get(part.aside.short, {}) if part.aside is not None else {}
    letters = [each for each in (samples[-1].letters if samples else ()) if each.stage == part.name]
    return Stage(
        name=part.name,
        state=_state(lag, rate, steps, is_paused=bool(told.held.paused) and part.aside is not None),
        lag=lag,
        rate=rate,
        ended_hour=sum(each.count for each in told.hour if each.kind == "end" and each.name[0] == part.name),
        ended_day=sum(each.count for each in told.day if each.kind == "end" and each.name[0] == part.name),
        rungs=_rungs(part.name, told.hour),
        aside=len(since),
        aside_oldest=min(since.values(), default=None),
        letters_hour=sum(each.at >= now - HOUR for each in letters),
        letters_day=len(letters),
        is_cut=bool(samples) and part.name in samples[-1].cut,
        cost_hour=_cost(part.name, told.hour),
        cost_day=_cost(part.name, told.day),
    )


def _state(lag: int | None, rate: float | None, steps: Sequence[tuple[datetime, int]], *, is_paused: bool) -> str:
    if is_paused:
        return "paused"
    if lag is None:
        return "unknown"
    if lag and not rate:
        return "still" if steps[-1][0] - steps[0][0] >= STILL else "behind"
    if rate:
        return "behind" if lag > rate * BEHIND_S else "working"
    return "idle"


def _come(part: Part, sample: Sample) -> int:
    """How far the stage has come in all, as a number that grows by what it handles."""
    return sum(
        place
        for group, topics in part.groups
        for spot, place in sample.places.get(group, {}).items()
        if spot[0] in {topic.short for topic in topics}
    )


def _ends_of(samples: Sequence[Sample], topic: Topic) -> list[tuple[datetime, int]]:
    return [
        (each.at, sum(end for spot, end in each.ends.items() if spot[0] == topic.short))
        for each in samples
        if any(spot[0] == topic.short for spot in each.ends)
    ]


def _rate(steps: Sequence[tuple[datetime, int]]) -> float | None:
    """Records a second from the first step to the last; what went back, as a log made anew does, is no rate."""
    if len(steps) < 2:  # noqa: PLR2004
        return None
    seconds = (steps[-1][0] - steps[0][0]).total_seconds()
    return max(0.0, (steps[-1][1] - steps[0][1]) / seconds) if seconds > 0 else None


def _endings(told: Told) -> tuple[Ended, ...]:
    hours = {each.name: each.count for each in told.hour if each.kind == "end"}
    order = {part.name: place for place, part in enumerate(PARTS)}
    ends = [each for each in told.day if each.kind == "end"]
    ends.sort(key=lambda each: (order.get(each.name[0], len(order)), -each.count, each.name))
    return tuple(Ended(*_parts(each), hours.get(each.name, 0), each.count) for each in ends)


def _parts(end: Act) -> tuple[str, str, str]:
    """Stage, ending and reason of an end."""
    stage, ending, reason = end.name
    return stage, ending, reason


def _rungs(stage: str, acts: Sequence[Act]) -> tuple[tuple[str, str, int], ...]:
    found = [each for each in acts if each.kind == "rung" and _asker(each.name[0]) == stage]
    order = {of: place for place, of in enumerate(STAGES)}
    found.sort(key=lambda each: (order.get(each.name[0], len(order)), each.name[0], -each.count, each.name[1]))
    return tuple((each.name[0], each.name[1], each.count) for each in found)


def _cost(stage: str, acts: Sequence[Act]) -> int:
    return sum(each.cost_micros for each in acts if each.kind == "asked" and _asker(each.name[0]) == stage)


def _asker(of: str) -> str:
    return "composer" if of in WRITING else "recommender"
