"""Waiting between tries: exponential with full jitter, so that many who wait do not come back at once."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """The waits of a retry. `wait_s(n)` lies in [0, min(longest, first·2^n)]. Source: Brooker, AWS, 2015."""

    first_s: float = 0.1
    longest_s: float = 5.0

    def wait_s(self, tries: int) -> float:
        """How long to wait after try number `tries` (0 is the first)."""
        ceiling = min(self.longest_s, self.first_s * 2.0 ** min(tries, 30))
        return random.uniform(0, ceiling)  # noqa: S311 jitter, not a secret
