"""What is dropped where a part of a person is full; ties go by name, so that order does not matter."""

import heapq
from collections.abc import Callable, Mapping
from typing import TypeVar

from services.profile.core.decay import Buckets

MAX_TOUCHES = 100  # of a person; a cap of the brand that allows more is held to this

Row = TypeVar("Row")


def keep_newest(times: dict[str, int], most: int) -> None:
    """Drop the oldest beyond `most`."""
    if len(times) > most:
        for name in sorted(times, key=lambda each: (times[each], each))[: len(times) - most]:
            del times[name]


def keep_newest_rows(rows: dict[str, Row], most: int, time_of: Callable[[Row], int]) -> None:
    """Drop the rows with the oldest time beyond `most`."""
    if len(rows) > most:
        for name in sorted(rows, key=lambda each: (time_of(rows[each]), each))[: len(rows) - most]:
            del rows[name]


def keep_heaviest(interests: dict[str, Buckets], most: int, weigh: Callable[[Buckets], float]) -> None:
    """Drop the lightest interests beyond `most`."""
    if len(interests) > most:
        kept = set(heapq.nlargest(most, interests, key=lambda key: (abs(weigh(interests[key])), key)))
        for key in [each for each in interests if each not in kept]:
            del interests[key]


def newest_months(interests: Mapping[str, Buckets], most: int, months: int) -> dict[str, Buckets]:
    """The newest months of each; beyond `most` of the first by name."""
    kept = interests if len(interests) <= most else sorted(interests)[:most]
    return {key: {month: interests[key][month] for month in sorted(interests[key], key=int)[-months:]} for key in kept}


def newest_first(times: Mapping[str, int]) -> list[str]:
    """The names, those of the newest times first."""
    return sorted(times, key=lambda name: (-times[name], name))
