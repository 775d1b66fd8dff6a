"""How a person answers mail, and in which hours of the week they are about: what a time to send may be told from.

Opens do not count, since machines make most of them; of clicks those that a person made.
"""

from typing import Any, Self

from schemas.program import WEEK
from services.profile.core import decay
from services.profile.core.caps import newest_months
from services.profile.core.decay import Buckets
from services.profile.core.facet import Arrival, Change, Facet, Look, Visit
from services.profile.core.feedback import is_heard
from services.profile.core.reading_hours import EPOCH_HOUR, HOUR_MS
from services.profile.core.rules import Rules

DELIVERED, CLICKED = "delivered", "clicked"
CLICK_BYTES = 120  # bound of a month's amount and an hour, with the names of facet and fields
MAX_WORDS = 16
MONTHS = 24  # of buckets that count
DEAR = 8  # the share up to which the hours are kept
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOURS = tuple(map(str, range(WEEK)))


class Engagement(Facet):
    """Amounts of each month by word of feedback, counts by hour of the week."""

    by_word: dict[str, Buckets] = {}
    hours: dict[str, int] = {}

    def hear(self, visit: Visit) -> int:
        """Count the hours in which the person did something: each bounded by what any event adds."""
        hours = self.hours
        for act in visit.acts:
            hour = _HOURS[(act.time_ms // HOUR_MS + EPOCH_HOUR) % WEEK]
            hours[hour] = hours.get(hour, 0) + 1
        return 0

    def apply(self, change: Change) -> None:
        """Count the mails that were delivered."""
        if is_heard(change.event) and change.event["feedback"]["word"] == DELIVERED:
            self._count(DELIVERED, change.time_ms, change.newest_ms, change.rules)

    def click(self, time_ms: int, newest_ms: int, rules: Rules) -> int:
        """Count a click that a person made, and when; gives an upper bound of the bytes this adds."""
        self._attend(time_ms)
        self._count(CLICKED, time_ms, newest_ms, rules)
        return CLICK_BYTES

    def turn(self, newest_ms: int) -> None:
        """Drop what is outlived."""
        decay.drop_outlived(self.by_word, newest_ms)

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add the other's counts."""
        decay.merge(self.by_word, other.by_word)
        decay.drop_outlived(self.by_word, arrival.newest_ms)
        for hour, count in other.hours.items():
            self.hours[hour] = self.hours.get(hour, 0) + count

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest months; the hours go last."""
        del newest_ms, half_life_ms
        self.by_word = newest_months(self.by_word, max(1, MAX_WORDS // share), max(1, MONTHS // share))
        if share > DEAR:
            self.hours.clear()

    def readable(self, look: Look) -> dict[str, Any]:
        """How often of late each word was heard, and when in the week the person was there."""
        half_life_ms = look.rules.half_life_ms
        heard = {
            word: round(decay.value(buckets, look.now_ms, look.newest_ms, half_life_ms), 3)
            for word, buckets in self.by_word.items()
        }
        there = sorted((int(hour), count) for hour, count in self.hours.items())
        hours = {f"{DAYS[hour // 24]} {hour % 24:02}": count for hour, count in there}
        return {**heard, **({"hours": hours} if hours else {})}

    def _count(self, word: str, time_ms: int, newest_ms: int, rules: Rules) -> None:
        month, much = decay.amount(1.0, time_ms, rules.half_life_ms)
        if not decay.is_outlived(month, newest_ms):
            decay.add(self.by_word, word, month, much)

    def _attend(self, time_ms: int) -> None:
        hour = _HOURS[(time_ms // HOUR_MS + EPOCH_HOUR) % WEEK]
        self.hours[hour] = self.hours.get(hour, 0) + 1
