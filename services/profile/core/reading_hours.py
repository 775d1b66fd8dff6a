"""In which hours of the week a person reads: what was counted, smoothed over the neighbours, with a prior.

Counts are by hours of UTC, so they need no zone; what the business says of all its readers is by their own clocks.
A summer and a winter lie an hour apart in them: the smoothing spans it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import log2

from schemas.program import DAY, WEEK

HOUR_MS = 3_600_000
EPOCH_HOUR = 72  # 1 January 1970 was a Thursday; hour 0 of a week is Monday's first
KERNEL = ((-2, 1 / 16), (-1, 4 / 16), (0, 6 / 16), (1, 4 / 16), (2, 1 / 16))  # binomial: near a Gaussian of one hour
OF_ANY_DAY = 0.75  # of an hour's weight, for this hour of every day: five mornings say more than one evening today


class ReadingHours:
    """The hours of one person, in which the prior weighs as much as `prior_weight` of evidence.

    `usual` by the hour of the day or of the week from Monday: how much everybody reads; evenly where it is empty.
    """

    def __init__(self, counts: Mapping[str, int], usual: Sequence[float], prior_weight: float) -> None:
        weights = [0.0] * WEEK
        for hour, count in counts.items():
            weights[int(hour) % WEEK] += weight(count)
        self.evidence = sum(weights)
        self._smoothed = _smoothed(weights)
        self._prior_weight = prior_weight
        mean = sum(usual) / len(usual) if usual else 1.0
        self._usual = [each / mean for each in usual]

    def score(self, time_ms: int, local: datetime | None) -> float:
        """How much is read in the hour of this instant, where 1 is an hour of the average; `local` by their clock.

        Law: more visits in the hour that scores highest leave it the highest.
        """
        own = WEEK * self._smoothed[hour_of_week(time_ms)]
        return (own + self._prior_weight * self._usually(local)) / (self.evidence + self._prior_weight)

    def _usually(self, local: datetime | None) -> float:
        """What the prior says of an hour; nothing where nobody knows which it is."""
        if local is None or not self._usual:
            return 1.0
        return self._usual[(DAY * local.weekday() + local.hour) % len(self._usual)]


def weight(count: int) -> float:
    """What so many acts in an hour weigh: a long visit is no habit."""
    return log2(1 + count)


def hour_of_week(time_ms: int) -> int:
    """The hour of the week in UTC; Monday's first is 0."""
    return (time_ms // HOUR_MS + EPOCH_HOUR) % WEEK


def _smoothed(weights: Sequence[float]) -> list[float]:
    """Each hour with a part of its neighbours and of the same hour on other days. Law: the sum is as before."""
    of_day = [sum(weights[hour::DAY]) * DAY / WEEK for hour in range(DAY)]
    mixed = [OF_ANY_DAY * of_day[hour % DAY] + (1 - OF_ANY_DAY) * each for hour, each in enumerate(weights)]
    return [sum(part * mixed[(hour + step) % WEEK] for step, part in KERNEL) for hour in range(WEEK)]
