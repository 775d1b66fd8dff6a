"""How much anybody may send: token buckets of keys and of client addresses, a bounded number of them."""

from dataclasses import dataclass, field

MOST_BUCKETS = 65_536  # about 15 MB; beyond, who was silent longest begins anew with a full one


@dataclass(frozen=True, slots=True)
class Rate:
    """How many calls may be sent: `per_s` for ever, `burst` at once."""

    per_s: float
    burst: float


@dataclass(slots=True)
class Buckets:
    """The token bucket of each sender: how much it holds, and as of when."""

    most: int = MOST_BUCKETS
    levels: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, sender: str, calls: int, now_s: float, rate: Rate) -> float:
        """Take the calls from the sender's bucket; 0 where it held enough, else the seconds until it will.

        A request costs at least one call, so that empty ones are not free.
        """
        calls = max(1, calls)
        level, since = self.levels.pop(sender, (rate.burst, now_s))
        level = min(rate.burst, level + max(0.0, now_s - since) * rate.per_s)
        is_enough = level >= calls
        self.levels[sender] = (level - calls if is_enough else level, max(since, now_s))
        if len(self.levels) > self.most:
            del self.levels[next(iter(self.levels))]
        return 0.0 if is_enough else (min(calls, rate.burst) - level) / rate.per_s
