"""How many triggers wait, by age: kept up to date with each value that is written, so that nobody has to look at all.

A person who waits for nothing takes no room; ages are told from the minutes in which conversions came.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

MINUTE_MS = 60_000
HOUR = 60  # minutes
DAY = 24 * HOUR
# A quiet period lasts up to 2 hours, quiet hours a night, a cap days: what is older than its playbook lets it wait is
# looked at by somebody.
AGES = {"0-1h": HOUR, "1h-6h": 6 * HOUR, "6h-1d": DAY, "1d-7d": 7 * DAY, "7d-": None}
"""Each bucket and the minutes before which it ends; the last has no end."""


@dataclass(slots=True)
class Waiting:
    """What waits in one partition; the only value here that changes."""

    by_person: dict[str, tuple[int, ...]] = field(default_factory=dict)
    by_minute: dict[int, int] = field(default_factory=dict)

    def put(self, person: str, opened_ms: Sequence[int]) -> None:
        """Take when the person's triggers were opened that wait. Law: the order in which persons come is free."""
        minutes = tuple([each // MINUTE_MS for each in opened_ms])
        for minute in self.by_person.pop(person, ()):
            self.by_minute[minute] -= 1
            if not self.by_minute[minute]:
                del self.by_minute[minute]
        for minute in minutes:
            self.by_minute[minute] = self.by_minute.get(minute, 0) + 1
        if minutes:
            self.by_person[person] = minutes

    def lapse(self, before_ms: int) -> int:
        """Forget what lies in minutes before this one, and say how many there were."""
        end = before_ms // MINUTE_MS
        over = {minute for minute in self.by_minute if minute < end}
        if not over:
            return 0
        lapsed = sum(self.by_minute.pop(minute) for minute in over)
        for person, minutes in list(self.by_person.items()):
            if kept := tuple([each for each in minutes if each not in over]):
                self.by_person[person] = kept
            else:
                del self.by_person[person]
        return lapsed


def by_age(partitions: Iterable[Waiting], now_ms: int) -> dict[str, int]:
    """How many triggers wait in each bucket of age, 0 included; costs the distinct minutes, not the triggers."""
    found = dict.fromkeys(AGES, 0)
    for each in partitions:
        for minute, number in each.by_minute.items():
            found[_bucket(now_ms // MINUTE_MS - minute)] += number
    return found


def oldest_s(partitions: Iterable[Waiting], now_ms: int) -> float:
    """The age of the oldest waiting trigger in seconds, up to a minute more; 0 where none waits."""
    first = min((min(each.by_minute) for each in partitions if each.by_minute), default=None)
    return 0.0 if first is None else max(0.0, (now_ms - first * MINUTE_MS) / 1000)


def _bucket(age: int) -> str:
    return next(name for name, end in AGES.items() if end is None or age < end)
