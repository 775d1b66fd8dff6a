"""What a person is interested in: `topic:<slug>` and `item:<id>`, each with the amounts of its months."""

from collections.abc import Sequence
from typing import Any, Self

from schemas.recommendation import Interest
from services.profile.core import decay
from services.profile.core.caps import keep_heaviest, newest_months
from services.profile.core.decay import DAY_MS, MOST, Buckets
from services.profile.core.facet import Arrival, Facet, Look, Visit
from services.profile.core.meaning import keys_of, size_of
from services.profile.core.rules import Rules

MAX_INTERESTS = 128
SLACK = 32  # interests over the cap before it is enforced
MONTHS = 24  # of buckets that count
MOST_SHOWN = 24
NO_DAY = -1  # before every event's


class Interests(Facet):
    """The amounts of each month by interest."""

    by_key: dict[str, Buckets] = {}

    def hear(self, visit: Visit) -> int:
        """Add what the acts mean."""
        half_life_ms, bag, size = visit.rules.half_life_ms, self.by_key, 0
        newest_ms, day, month, landmark_ms = visit.newest_ms, NO_DAY, "", 0
        for act in visit.acts:
            time_ms, said = act.time_ms, act.meaning
            is_late = time_ms < newest_ms
            if not is_late:
                newest_ms = time_ms
            if said is None or not (weight := said.weight):
                continue
            if time_ms // DAY_MS != day:
                day = time_ms // DAY_MS
                month, landmark_ms, _ = decay.month_of_day(day)
            if is_late and decay.is_outlived(month, newest_ms):
                continue
            much, is_new = decay.grown(weight, time_ms - landmark_ms, half_life_ms), False
            for key in said.interests:
                buckets = bag.get(key)
                if buckets is None or (known := buckets.get(month)) is None:
                    decay.add(bag, key, month, much)
                    is_new = True
                else:  # as nearly always
                    total = known + much
                    buckets[month] = total if -MOST <= total <= MOST else decay.held(total)
            if is_new:
                size += said.interest_size
                if len(bag) > MAX_INTERESTS + SLACK:
                    keep_heaviest(bag, MAX_INTERESTS, decay.weigher(newest_ms, half_life_ms))
        return size

    def turn(self, newest_ms: int) -> None:
        """Drop what is outlived."""
        decay.drop_outlived(self.by_key, newest_ms)

    def lower(self, course: str, topics: Sequence[str], ends_ms: int, rules: Rules) -> int:
        """Hear that a mail about the course was ignored; gives an upper bound of the bytes this adds."""
        month, much = decay.amount(rules.ignored_weight, ends_ms, rules.half_life_ms)
        keys = keys_of(course, topics) if much else ()
        for key in keys:
            decay.add(self.by_key, key, month, much)
        return size_of(keys)

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add the other's amounts, bucket by bucket."""
        decay.merge(self.by_key, other.by_key)
        decay.drop_outlived(self.by_key, arrival.newest_ms)
        keep_heaviest(self.by_key, MAX_INTERESTS, decay.weigher(arrival.newest_ms, arrival.half_life_ms))

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the heaviest, and of each the newest months."""
        keep_heaviest(self.by_key, MAX_INTERESTS // share, decay.weigher(newest_ms, half_life_ms))
        self.by_key = newest_months(self.by_key, MAX_INTERESTS, max(1, MONTHS // share))

    def show(self, look: Look) -> dict[str, Any]:
        """The heaviest, and the evidence of all."""
        weight_of = self.weights(look.now_ms, look.newest_ms, look.rules.half_life_ms)
        heaviest = sorted(weight_of, key=lambda key: (-abs(weight_of[key]), key))[: MOST_SHOWN // look.share]
        return {
            "interests": tuple(Interest(key=key, weight=round(weight_of[key], 6)) for key in heaviest),
            "evidence": round(evidence(weight_of), 6),
        }

    def readable(self, look: Look) -> dict[str, Any]:
        """Each interest's weight at the look, the heaviest first."""
        weight_of = self.weights(look.now_ms, look.newest_ms, look.rules.half_life_ms)
        return {key: round(weight, 3) for key, weight in sorted(weight_of.items(), key=lambda each: -each[1])}

    def weights(self, now_ms: int, newest_ms: int, half_life_ms: float) -> dict[str, float]:
        """Every interest's weight at `now`."""
        return {key: decay.value(buckets, now_ms, newest_ms, half_life_ms) for key, buckets in self.by_key.items()}


def evidence(weight_of: dict[str, float]) -> float:
    """The sum of the positive interests."""
    return sum(weight for weight in weight_of.values() if weight > 0)
