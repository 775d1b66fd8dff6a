"""When not to ask: a circuit breaker with one probe, a share of calls that may be retries, and what Retry-After means.

Pure: the time is an argument.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, TypeAlias

from schemas.llm import Fault

RETRIED = frozenset({
    Fault.TIMEOUT, Fault.UNREACHABLE, Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.CONFLICT,
})  # fmt: skip
ENDED = frozenset({Fault.QUOTA, Fault.DENIED})  # only the operator can mend these: one is enough to open
AWAY = frozenset({
    Fault.TIMEOUT, Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.CONFLICT, Fault.INVALID_REQUEST,
})  # fmt: skip
"""Faults of one model (busy, broken, not there, or not for such a question): another of the endpoint may answer.

The endpoint itself unreachable, the key refused, or the money gone would be met by every model.
"""
BREAKER_FAULTS = 5  # in a row
BREAKER_REST_S = 30.0
LONGEST_REST_S = 300.0  # however long a Retry-After is
RETRIES_AT_MOST = 10.0  # saved up in quiet times

Pass: TypeAlias = Literal["call", "probe"]


@dataclass(slots=True)
class Breaker:
    """Opens after so many faults in a row, rests, then lets one probe through: its end decides."""

    faults: int = 0
    open_until_s: float = 0.0
    is_probing: bool = False
    fault: Fault | None = None  # the last that counted

    def enter(self, now_s: float) -> Pass | None:
        """How a call may go out; None while nothing is to be asked."""
        if now_s < self.open_until_s:
            return None
        if self.faults < BREAKER_FAULTS:
            return "call"
        if self.is_probing:
            return None
        self.is_probing = True
        return "probe"

    def leave(self, given: Pass, now_s: float, fault: Fault | None, rest_s: float = 0.0) -> bool:
        """Count how a call ended; True if that opened the breaker. `rest_s`: how long the endpoint asked to be left."""
        if given == "probe":
            self.is_probing = False
        if fault not in RETRIED | ENDED:
            if given == "probe" or now_s >= self.open_until_s:
                self.faults = 0
            return False
        self.fault = fault
        self.faults = BREAKER_FAULTS if given == "probe" or fault in ENDED or rest_s else self.faults + 1
        was_open = now_s < self.open_until_s
        if self.faults >= BREAKER_FAULTS:
            rest_s = LONGEST_REST_S if fault in ENDED else min(max(rest_s, BREAKER_REST_S), LONGEST_REST_S)
            self.open_until_s = max(self.open_until_s, now_s + rest_s)
            return not was_open
        return False

    def is_open(self, now_s: float) -> bool:
        """True while it rests, and after that until a probe has shown that the model answers."""
        return now_s < self.open_until_s or self.faults >= BREAKER_FAULTS

    @property
    def is_of_model(self) -> bool:
        """True if what it rests from is a fault of this model alone."""
        return self.fault in AWAY

    def abandon(self, given: Pass) -> None:
        """A call was called off, or had too little time: it says nothing of the endpoint, and another may probe."""
        if given == "probe":
            self.is_probing = False


@dataclass(slots=True)
class RetryBudget:
    """A token bucket: each call puts a share of a retry in, each retry takes one out. Source: Finagle, RetryBudget."""

    share: float
    saved: float = RETRIES_AT_MOST

    def call(self) -> None:
        """Count a first try."""
        self.saved = min(RETRIES_AT_MOST, self.saved + self.share)

    def take(self) -> bool:
        """True if there may be one retry now."""
        if self.saved < 1 or not self.share:
            return False
        self.saved -= 1
        return True


def retry_after_s(word: str | None, now: datetime) -> float | None:
    """The seconds a Retry-After asks for; None where it is absent, nonsense or past. Source: RFC 9110, 10.2.3."""
    if word is None:
        return None
    try:
        seconds = float(word)
    except ValueError:
        try:
            at = parsedate_to_datetime(word)
        except ValueError:
            return None
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return seconds if math.isfinite(seconds) and seconds > 0 else None
