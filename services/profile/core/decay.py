"""Amounts that decay: calendar-month buckets with forward decay.

Source: Cormode, Shkapenyuk, Srivastava, Xu: Forward Decay, ICDE 2009. Bucket m with landmark L_m, the start of the
month, holds the sum of w * 2^((t - L_m) / h) in millionths, as an integer: so adding is exactly commutative, and a
merge is bucket-wise addition.
"""

import math
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeAlias

DAY_MS = 86_400_000
UNIT = 1_000_000  # an amount is in millionths of a weight
FULL_MONTHS = 12  # younger buckets count in full
HALF_MONTHS = 24  # up to here by half, then not at all
MOST = 2**61  # saturation, for half-lives under a day: a 64-bit integer is what JSON readers take
STEEPEST = 64.0  # exponent bound: a landmark in the far future must not overflow

Buckets: TypeAlias = dict[str, int]


class Month(NamedTuple):
    """A calendar month: its key, its landmark, and where the next one begins, both in milliseconds since 1970."""

    key: str
    landmark_ms: int
    end_ms: int


@lru_cache(maxsize=4096)
def month_of_day(day: int) -> Month:
    """The month of a day since 1970."""
    date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    key = str((date.year - 1970) * 12 + date.month - 1)
    begins_ms = landmark_ms(key)
    return Month(key, begins_ms, begins_ms + monthrange(date.year, date.month)[1] * DAY_MS)


@lru_cache(maxsize=4096)
def landmark_ms(month: str) -> int:
    """The start of a month, in milliseconds since 1970."""
    years, rest = divmod(int(month), 12)
    start = datetime(min(1970 + years, 9999), rest + 1, 1, tzinfo=UTC)
    return int((start - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1000


def amount(weight: float, time_ms: int, half_life_ms: float) -> tuple[str, int]:
    """The month of a signal and what it adds to that month's bucket."""
    month = month_of_day(time_ms // DAY_MS)
    return month.key, grown(weight, time_ms - month.landmark_ms, half_life_ms)


def grown(weight: float, since_ms: int, half_life_ms: float) -> int:
    """What a signal so long after its month's landmark adds to the bucket."""
    exponent = since_ms / half_life_ms
    if exponent > STEEPEST:
        return held(round(weight * 2.0**STEEPEST * UNIT))
    much = round(weight * 2.0**exponent * UNIT)
    return much if -MOST <= much <= MOST else held(much)


def add(interests: dict[str, Buckets], key: str, month: str, much: int) -> None:
    """Add to one bucket of one interest. Law: any order gives one answer."""
    buckets = interests.setdefault(key, {})
    buckets[month] = held(buckets.get(month, 0) + much)


def held(much: int) -> int:
    """The amount within what a bucket holds."""
    return much if -MOST <= much <= MOST else max(-MOST, min(MOST, much))


def merge(into: dict[str, Buckets], other: dict[str, Buckets]) -> None:
    """Add the buckets of `other`. Law: associative and commutative, below saturation."""
    for key, buckets in other.items():
        for month, much in buckets.items():
            add(into, key, month, much)


def value(buckets: Buckets, now_ms: int, newest_ms: int, half_life_ms: float) -> float:
    """The weight of an interest at `now`; a bucket's age is taken from the newest event seen, never from the clock.

    Law: a later `now` never gives a greater absolute weight.
    """
    newest_month = int(month_of_day(newest_ms // DAY_MS).key)
    return math.fsum(
        _share(newest_month - int(month))
        * much
        / UNIT
        * 2.0 ** min((landmark_ms(month) - now_ms) / half_life_ms, STEEPEST)
        for month, much in buckets.items()
    )


def weigher(newest_ms: int, half_life_ms: float) -> Callable[[Buckets], float]:
    """What gives an interest's weight as of the newest event seen: the order in which caps drop the lightest."""
    return lambda buckets: value(buckets, newest_ms, newest_ms, half_life_ms)


def is_outlived(month: str, newest_ms: int) -> bool:
    """True if a bucket of this month counts no more, since such a new event was seen."""
    return int(month_of_day(newest_ms // DAY_MS).key) - int(month) >= HALF_MONTHS


def drop_outlived(interests: dict[str, Buckets], newest_ms: int) -> None:
    """Drop the buckets that count no more, and interests without any. Law: any order of events gives one answer."""
    for key, buckets in list(interests.items()):
        if any(is_outlived(month, newest_ms) for month in buckets):
            kept = {month: much for month, much in buckets.items() if not is_outlived(month, newest_ms)}
            if kept:
                interests[key] = kept
            else:
                del interests[key]


def _share(age_months: int) -> float:
    if age_months < FULL_MONTHS:
        return 1.0
    return 0.5 if age_months < HALF_MONTHS else 0.0
