"""How far this machine's clock is from the broker's: the broker dates what is written to some topics, and says how."""

from collections.abc import Sequence
from typing import Any

from services.runtime.clock import now_ms
from services.runtime.metrics import CLOCK_OFFSET

BY_BROKER = 1  # the timestamp type LogAppendTime of a record's metadata


def tell_clock(acks: Sequence[Any], asked_ms: int) -> None:
    """Show the offset by the last of these acks whose record the broker dated; the others say nothing.

    The broker dated it between `asked_ms` and now: the middle of both is off by half of that time at most.
    """
    dated = next((each.timestamp for each in reversed(acks) if each.timestamp_type == BY_BROKER), None)
    if dated is not None:
        CLOCK_OFFSET.set(((asked_ms + now_ms()) / 2 - dated) / 1000)
