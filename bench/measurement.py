"""What was measured: one JSON object a line, and the arithmetic from samples to figures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

import orjson

MILLIS = 1_000
SIGNIFICANT = 4  # digits: more than any run repeats


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure of one subject in one workload, of all it is measured on or of one slice."""

    workload: str
    subject: str
    metric: str
    value: float
    unit: str
    slice: str | None = None

    def line(self) -> str:
        """The figure as one JSON object."""
        return orjson.dumps({name: of for name, of in asdict(self).items() if of is not None}).decode()


def middle(samples: Sequence[float]) -> float:
    """The median, rounded to what a run repeats."""
    return rounded(median(samples))


def spread(samples: Sequence[float]) -> float:
    """How far the samples lie apart: greatest less least, as a share of the median."""
    return rounded((max(samples) - min(samples)) / median(samples))


def rounded(value: float) -> float:
    """The value with so many digits as mean something."""
    return float(f"{value:.{SIGNIFICANT}g}")


def share_of_ms(ascending: Sequence[float], share: float) -> float:
    """The value that so great a share of the samples, in seconds, does not pass; in milliseconds."""
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))] * MILLIS
