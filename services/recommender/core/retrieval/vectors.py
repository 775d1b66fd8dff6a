"""Whether numbers from outside are a direction: a vector that is none is never written and never searched with."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from services.recommender.core.values import Vector

NOISE = 1e-9  # of float32


def unit(row: Sequence[Any], dimension: int) -> Vector | None:
    """The row at unit length; None where it has another length, or holds nothing finite to point with.

    shapes: (dimension,), unit length.
    """
    if len(row) != dimension or not all(isinstance(each, int | float) for each in row):
        return None
    length = math.hypot(*row)
    if not math.isfinite(length) or length <= 0:
        return None
    return tuple(each / length for each in row)


def direction(weighted: Iterable[tuple[float, Vector]], mean: Vector | None) -> Vector | None:
    """Σ w·v / Σ w less the catalogue's mean, of unit length; None where there is none.

    The vectors of one language model point nearly one way; what tells them apart is what is left without their mean.
    A mean of another length is of another generation, which has just gone or is just coming: it is left aside.
    """
    pairs = list(weighted)
    if not pairs:
        return None
    total = sum(weight for weight, _ in pairs)
    middle = mean if mean is not None and len(mean) == len(pairs[0][1]) else (0.0,) * len(pairs[0][1])
    left = [-value for value in middle]
    for weight, vector in pairs:
        share = weight / total
        left = [so_far + share * value for so_far, value in zip(left, vector, strict=True)]
    length = sum(value * value for value in left) ** 0.5
    return tuple(value / length for value in left) if length > NOISE else None


def is_direction(vector: Vector, dimension: int) -> bool:
    """True for what may be written: finite, of this length, not all nought."""
    return unit(vector, dimension) is not None


def turned(ids: Sequence[str], start: int) -> list[str]:
    """The ids from a place of their own on, round to it again: replicas that begin apart seldom do the same work."""
    at = start % len(ids) if ids else 0
    return [*ids[at:], *ids[:at]]
