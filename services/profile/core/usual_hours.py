"""In which hours of the week all persons read, by their own clocks: the prior of a playbook's `send_time`."""

from array import array
from datetime import timedelta

from schemas.program import WEEK
from services.profile.core.person import Person
from services.profile.core.reading_hours import weight
from services.profile.core.rules import Rules
from services.profile.core.times import at
from services.profile.core.zone import zone_of

HOUR = timedelta(hours=1)
OF_THEIRS = frozenset({"person", "country"})  # a zone that is the brand's says nothing of where somebody is
DIGITS = 3
MOST = 2**16 - 1  # of a count that is kept


class UsualHours:
    """The hours of persons, of each the last state that came. `now_ms`: whose offset of summer or winter counts."""

    def __init__(self, rules: Rules, now_ms: int) -> None:
        self._rules, self._now_ms = rules, now_ms
        self._hours: dict[bytes, array[int]] = {}  # hour, count, hour, count: two bytes each, since persons are many

    @property
    def persons(self) -> int:
        """Of how many persons hours and zone are known."""
        return len(self._hours)

    def take(self, key: bytes, person: Person | None) -> None:
        """Know the person so, or no more."""
        self._hours.pop(key, None)
        if person is None or not person.engagement.hours:
            return
        found = zone_of(person.traits.said_zone(), self._rules)
        if found.zone is None or found.source not in OF_THEIRS:
            return
        offset = at(self._now_ms).astimezone(found.zone).utcoffset() or timedelta()
        known = array("H")
        for hour, count in person.engagement.hours.items():
            known.extend(((int(hour) + offset // HOUR) % WEEK, min(count, MOST)))
        self._hours[key] = known

    def shares(self) -> tuple[float, ...]:
        """How much is read in each hour from Monday, where 1 is the average; nothing where nobody's is known."""
        sums = [0.0] * WEEK
        for hours in self._hours.values():
            whole = sum(map(weight, hours[1::2]))
            for hour, count in zip(hours[::2], hours[1::2], strict=True):
                sums[hour] += weight(count) / whole  # nobody counts for more than another
        mean = sum(sums) / WEEK
        return tuple(round(each / mean, DIGITS) for each in sums) if mean else ()
