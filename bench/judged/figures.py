"""From what each lead was shown to figures: by subject, catalogue, slice and half, with intervals over leads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.judged.grades import METRICS, Grades, worth
from bench.judged.leads import Lead
from bench.measurement import Measurement, rounded

WORKLOAD = "judged"
RESAMPLES, SEED = 2_000, 20_261_126


@dataclass(frozen=True, slots=True)
class Shown:
    """What one lead was shown by each subject, best first."""

    lead: Lead
    by: Mapping[str, Sequence[str]]


def slices(shown: Sequence[Shown]) -> Mapping[str, list[Shown]]:
    """All, each catalogue, each kind of lead, and those who speak another language than English; none is empty."""
    found = {"all": list(shown), "other languages": [each for each in shown if each.lead.language != "en"]}
    for kind in ("catalogue", "slice"):
        for each in shown:
            found.setdefault(getattr(each.lead, kind), []).append(each)
    return {name: of for name, of in found.items() if of}


def column(shown: Sequence[Shown], subject: str, metric: str, grades: Grades) -> list[float]:
    """One figure of one subject, lead by lead."""
    return [getattr(worth(each.by[subject], grades[each.lead.id]), METRICS[metric]) for each in shown]


def measured(shown: Sequence[Shown], grades: Grades) -> Iterator[Measurement]:
    """Every figure of every subject on every slice."""
    for name, part in slices(shown).items():
        for subject in part[0].by:
            for metric in METRICS:
                value = float(np.mean(column(part, subject, metric, grades)))
                yield Measurement(WORKLOAD, subject, metric, rounded(value), "share", name)


def difference(one: Sequence[float], other: Sequence[float]) -> tuple[float, float, float]:
    """The mean of one less the other over the same leads, and its 95 % interval by bootstrap."""
    apart = np.array(one) - np.array(other)
    drawn = np.random.default_rng(SEED).integers(0, len(apart), (RESAMPLES, len(apart)))
    low, high = np.percentile(apart[drawn].mean(axis=1), (2.5, 97.5))
    return float(apart.mean()), float(low), float(high)


def table(shown: Sequence[Shown], grades: Grades) -> Iterator[str]:
    """A line a subject."""
    yield f"{'':24}" + "".join(f"{metric:>15}" for metric in METRICS)
    for subject in shown[0].by:
        values = (float(np.mean(column(shown, subject, metric, grades))) for metric in METRICS)
        yield f"{subject:24}" + "".join(f"{value:15.3f}" for value in values)
