"""From answers to figures: hits, nDCG, intervals by bootstrap over learners, and paired differences."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import orjson

WORKLOAD = "recommendation"
PLACES = 10
RESAMPLES = 1_000
SEED = 20_261_125
Column = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One query and what each subject's ten hit: of ten bits the lowest is the first place."""

    kind: str
    learner: str
    half: str
    prior: int
    language: str
    targets: int
    hits: Mapping[str, int]
    by_age: Mapping[str, tuple[int, int]]
    spent_s: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one subject on one slice of the queries."""

    workload: str
    subject: str
    slice: str
    metric: str
    value: float

    def line(self) -> str:
        """The figure as one JSON object."""
        return orjson.dumps(asdict(self)).decode()


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval over learners."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.4f} [{self.low:.4f}, {self.high:.4f}]"


SLICES: Mapping[str, Callable[[Row], bool]] = {
    "all": lambda row: row.kind == "all",
    "half b": lambda row: row.kind == "all" and row.half == "b",
    "thin": lambda row: row.kind == "thin",
    "2-4 prior": lambda row: row.kind == "all" and 2 <= row.prior <= 4,  # noqa: PLR2004 the slice's own name
    "5+ prior": lambda row: row.kind == "all" and row.prior >= 5,  # noqa: PLR2004
    "english": lambda row: row.kind == "all" and row.language == "en",
    "other languages": lambda row: row.kind == "all" and row.language != "en",
    "cold": lambda row: row.kind == "cold",
    "nobody": lambda row: row.kind == "nobody",
}


def hit_bits(shown: Sequence[str], targets: Sequence[str]) -> int:
    """Which of the first ten places hit, as bits."""
    wanted = set(targets)
    return sum(1 << place for place, each in enumerate(shown[:PLACES]) if each in wanted)


def hit_at(bits: int, places: int) -> float:
    """1 where one of the first places hits."""
    return float(bits & ((1 << places) - 1) > 0)


def ndcg(bits: int, targets: int) -> float:
    """The discounted gain of ten places over that of the best list: min(targets, 10) hits in front."""
    gain = sum(1 / math.log2(place + 2) for place in range(PLACES) if bits >> place & 1)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(targets, PLACES)))


METRICS: Mapping[str, Callable[[int, int], float]] = {
    "hit@1": lambda bits, _: hit_at(bits, 1),
    "hit@10": lambda bits, _: hit_at(bits, PLACES),
    "ndcg@10": ndcg,
}


def column(rows: Sequence[Row], subject: str, metric: str) -> Column:
    """The metric of each query."""
    return np.array([METRICS[metric](row.hits[subject], row.targets) for row in rows])


def interval(values: Column) -> Interval:
    """The mean of one value a learner, and where 95 % of resampled means lie."""
    chance = np.random.default_rng(SEED)
    count = len(values)
    means = np.array([values[chance.integers(0, count, count)].mean() for _ in range(RESAMPLES)])
    low, high = np.quantile(means, (0.025, 0.975))
    return Interval(float(values.mean()), float(low), float(high))


def subjects(rows: Sequence[Row]) -> tuple[str, ...]:
    """Who answered, in order of first answer."""
    return tuple(dict.fromkeys(name for row in rows for name in row.hits))


def figures(rows: Sequence[Row]) -> list[Figure]:
    """Every metric of every subject on every slice that has queries."""
    made = []
    for name, is_in in SLICES.items():
        chosen = [row for row in rows if is_in(row)]
        for subject in subjects(chosen):
            for metric in METRICS:
                value = round(float(column(chosen, subject, metric).mean()), 5)
                made.append(Figure(WORKLOAD, subject, name, metric, value))
    return [*made, *costs(rows)]


def costs(rows: Sequence[Row]) -> list[Figure]:
    """CPU of a decision's lanes and fusion, without the index's search."""
    spent = np.array([row.spent_s for row in rows if row.kind == "all"]) * 1000
    if not len(spent):
        return []
    p50, p99 = np.quantile(spent, (0.5, 0.99))
    values = {"cpu_ms_mean": spent.mean(), "cpu_ms_p50": p50, "cpu_ms_p99": p99}
    return [Figure(WORKLOAD, "kindling", "all", name, round(float(value), 3)) for name, value in values.items()]


def differences(rows: Sequence[Row], subject: str, metric: str) -> dict[str, Interval]:
    """Subject less each other on the same queries: its mean and interval."""
    mine = column(rows, subject, metric)
    others = [name for name in subjects(rows) if name != subject]
    return {name: interval(mine - column(rows, name, metric)) for name in others}


def ages(rows: Sequence[Row]) -> dict[str, tuple[int, float]]:
    """Of all courses to be foretold, by their events at the query: how many, and which share was shown."""
    totals: dict[str, list[int]] = {}
    for row in rows:
        for age, (found, wanted) in row.by_age.items():
            total = totals.setdefault(age, [0, 0])
            total[0], total[1] = total[0] + found, total[1] + wanted
    return {age: (wanted, found / wanted) for age, (found, wanted) in sorted(totals.items())}
