"""When to ask Kafka at all: after some failures in a row it is away, and one request at a time finds out about it."""

from dataclasses import dataclass

FAILURES = 3  # in a row: one alone may be a partition whose leader moves
AGAIN_S = 2.0  # between two that are let through to find out


@dataclass(slots=True)
class Breaker:
    """Failures since the last success, and when somebody may try again."""

    failures: int = 0
    again_s: float = 0.0

    def lets(self, now_s: float) -> bool:
        """True for who may ask: everybody, or while it is away one every two seconds."""
        if self.failures < FAILURES:
            return True
        if now_s < self.again_s:
            return False
        self.again_s = now_s + AGAIN_S
        return True

    def failed(self, now_s: float) -> None:
        """Note that it did not answer."""
        self.failures += 1
        if self.failures == FAILURES:
            self.again_s = now_s + AGAIN_S

    def succeeded(self) -> None:
        """Note that it did."""
        self.failures = 0
