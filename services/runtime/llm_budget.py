"""What was spent on models, by partition, person and day, against what may be; asked before every call. Pure.

Day and total are one installation's bounds for one service: a worker may spend the share of the partitions it owns,
and what a partition has spent goes with it to its next owner.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

EVERYBODY = "*"
DAYS_KEPT = 4  # today and the three days that the reply ledger holds

Key: TypeAlias = tuple[int, str, str]
"""Partition, person and day."""


class Scope(StrEnum):
    """Whose budget; a metric label."""

    PERSON = "person"
    DAY = "day"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens of both directions, and millionths of the currency."""

    tokens: int = 0
    cost_micros: int = 0

    def plus(self, other: "Amount") -> "Amount":
        """Both together."""
        return Amount(self.tokens + other.tokens, self.cost_micros + other.cost_micros)

    def minus(self, other: "Amount") -> "Amount":
        """What is left of it."""
        return Amount(self.tokens - other.tokens, self.cost_micros - other.cost_micros)


@dataclass(frozen=True, slots=True)
class Cap:
    """The most of each; None is no bound."""

    tokens: int | None = None
    cost_micros: int | None = None

    def holds(self, spent: Amount, share: float) -> bool:
        """True if so much is within this share of the cap."""
        is_few = self.tokens is None or spent.tokens <= self.tokens * share
        return is_few and (self.cost_micros is None or spent.cost_micros <= self.cost_micros * share)

    def left(self, spent: Amount, share: float) -> float:
        """The smaller share that is left of either bound, 0 to 1; 1 where there is none, 0 of a bound of nothing."""
        bounds = ((self.tokens, spent.tokens), (self.cost_micros, spent.cost_micros))
        parts = [1 - used / (cap * share) if cap else 0.0 for cap, used in bounds if cap is not None]
        return min(1.0, max(0.0, min(parts, default=1.0)))


@dataclass(frozen=True, slots=True)
class Budgets:
    """What may be spent. `person` is of one in a day."""

    person: Cap = Cap()
    day: Cap = Cap()
    total: Cap = Cap()


@dataclass(frozen=True, slots=True)
class Spent:
    """One spending: which partition's, whose, on which day (ISO, UTC)."""

    partition: int
    person: str
    day: str
    amount: Amount


class Spending:
    """The sums. A client without a ledger owns nothing and counts at partition 0."""

    def __init__(self, budgets: Budgets, partitions: int = 1) -> None:
        self._budgets = budgets
        self.partitions = partitions
        self._owned: set[int] = set()
        self._days: tuple[str, ...] = ()
        self._tokens: Counter[Key] = Counter()
        self._costs: Counter[Key] = Counter()

    def own(self, partition: int, spent: Iterable[Spent]) -> None:
        """Begin to count for a partition, from what it has spent already."""
        self.lose(partition)
        self._owned.add(partition)
        for each in spent:
            self.add(each)

    def lose(self, partition: int) -> None:
        """Forget a partition: its next owner counts on."""
        self._owned.discard(partition)
        self._drop(lambda key: key[0] == partition)

    def over(self, spent: Spent) -> Scope | None:
        """The first budget this would go beyond; None where it may be spent."""
        share, amount = self._share, spent.amount
        if not self._budgets.person.holds(self._of((spent.partition, spent.person, spent.day)).plus(amount), 1.0):
            return Scope.PERSON
        if not self._budgets.day.holds(self._of_all((spent.day,)).plus(amount), share):
            return Scope.DAY
        return None if self._budgets.total.holds(self._of_all(self._days).plus(amount), share) else Scope.TOTAL

    def left(self, day: str) -> dict[Scope, float]:
        """What is left of the day's and of the total budget, of this worker's share: 0 to 1, 1 without a budget."""
        share = self._share
        return {
            Scope.DAY: self._budgets.day.left(self._of_all((day,)), share),
            Scope.TOTAL: self._budgets.total.left(self._of_all(self._days), share),
        }

    @property
    def _share(self) -> float:
        """How much of what everybody may spend is this worker's: the share of the partitions it owns."""
        return min(1.0, max(1, len(self._owned)) / self.partitions)

    def add(self, spent: Spent) -> None:
        """Count it for its person and for everybody; a negative amount takes back. What others own is not counted."""
        if self._owned and spent.partition not in self._owned:
            return
        if spent.day not in self._days:
            self._days = tuple(sorted({*self._days, spent.day})[-DAYS_KEPT:])
            self._drop(lambda key: key[2] not in self._days)
        for key in ((spent.partition, spent.person, spent.day), (spent.partition, EVERYBODY, spent.day)):
            self._tokens[key] += spent.amount.tokens
            self._costs[key] += spent.amount.cost_micros

    def _of(self, key: Key) -> Amount:
        return Amount(self._tokens[key], self._costs[key])

    def _of_all(self, days: Iterable[str]) -> Amount:
        partitions = self._owned or {0}
        keys = [(each, EVERYBODY, day) for each in partitions for day in days]
        return Amount(sum(self._tokens[key] for key in keys), sum(self._costs[key] for key in keys))

    def _drop(self, is_over: Callable[[Key], bool]) -> None:
        for sums in (self._tokens, self._costs):
            for key in [each for each in sums if is_over(each)]:
                del sums[key]
