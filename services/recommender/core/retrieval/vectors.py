"""Whether numbers from outside are a direction: a vector that is none is never written and never searched with."""

import math
from collections.abc import Sequence
from typing import Any

from services.recommender.core.values import Vector


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


def is_direction(vector: Vector, dimension: int) -> bool:
    """True for what may be written: finite, of this length, not all nought."""
    return unit(vector, dimension) is not None


def turned(ids: Sequence[str], start: int) -> list[str]:
    """The ids from a place of their own on, round to it again: replicas that begin apart seldom do the same work."""
    at = start % len(ids) if ids else 0
    return [*ids[at:], *ids[:at]]
