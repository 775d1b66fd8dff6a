"""The gauges of what waits, told when they are scraped, from what the owned partitions keep."""

from collections.abc import Callable, Iterable
from functools import partial

from services.profile.core.waiting import AGES, Waiting, by_age, oldest_s
from services.profile.metrics import OLDEST, WAITING
from services.runtime.clock import now_ms

Held = Callable[[], Iterable[Waiting]]


def show_waiting(held: Held) -> None:
    """Let the gauges tell of the partitions that are held when somebody asks."""
    for age in AGES:
        WAITING.labels(age).set_function(partial(_of_age, held, age))
    OLDEST.set_function(lambda: oldest_s(held(), now_ms()))


def _of_age(held: Held, age: str) -> float:
    return by_age(held(), now_ms())[age]
