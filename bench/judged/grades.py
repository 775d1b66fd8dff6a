"""What was judged, and what a list of ten is worth by it."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

HERE = Path(__file__).parent
GOOD = 2
PLACES, FIRST = 10, 5
NOBODY: Mapping[str, int] = MappingProxyType({})

Grades: TypeAlias = Mapping[str, Mapping[str, int]]
"""Lead → course → 0, 1 or 2."""


@dataclass(frozen=True, slots=True)
class Worth:
    """How one lead was served, each from 0 to 1. `unjudged` is the share of the first five that nobody judged.

    What nobody judged counts as absurd. `absurd` is of those shown: who shows three because no fourth fits loses
    nothing by it.
    """

    hit: float
    good: float
    absurd: float
    gain: float
    unjudged: float


METRICS: Mapping[str, str] = MappingProxyType(
    {"hit@1": "hit", "graded 2 at 1": "good", "absurd@5": "absurd", "nDCG@10": "gain", "unjudged@5": "unjudged"}
)


def read_grades(path: Path = HERE / "judgements.csv") -> Grades:
    """The file's grades."""
    grades: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            grades.setdefault(row["lead"], {})[row["course"]] = int(row["grade"])
    return grades


def worth(shown: Sequence[str], of: Mapping[str, int]) -> Worth:
    """What a list is worth to a lead with these grades; an empty list serves nobody."""
    gained = [2 ** of.get(each, 0) - 1 for each in shown[:PLACES]]
    ideal = sum(_gains(sorted((2**each - 1 for each in of.values()), reverse=True)[:PLACES]))
    first = of.get(shown[0], 0) if shown else 0
    of_five = shown[:FIRST]
    return Worth(
        hit=float(first > 0),
        good=float(first == GOOD),
        absurd=_share(sum(of.get(each, 0) == 0 for each in of_five), len(of_five)),
        gain=sum(_gains(gained)) / ideal if ideal else 0.0,
        unjudged=_share(sum(each not in of for each in of_five), len(of_five)),
    )


def agreement(once: Grades, again: Grades) -> tuple[int, float, float]:
    """How many pairs were judged twice, the share judged alike, and Cohen's kappa."""
    pairs = [(once[lead][course], grade) for lead, of in again.items() for course, grade in of.items()]
    alike = sum(a == b for a, b in pairs) / len(pairs)
    chance = (
        sum(sum(a == grade for a, _ in pairs) * sum(b == grade for _, b in pairs) for grade in range(GOOD + 1))
        / len(pairs) ** 2
    )
    return len(pairs), alike, (alike - chance) / (1 - chance)


def _gains(gained: Sequence[float]) -> list[float]:
    return [each / log2(place + 2) for place, each in enumerate(gained)]


def _share(part: int, of: int) -> float:
    return part / of if of else 1.0
