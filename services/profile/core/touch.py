"""A touch: one mail that was asked for, or the ghost of one held out; and what many of them let go.

A person keeps them, and the home of a mailbox those of all who use it: one arithmetic for both.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from services.profile.core.caps import MAX_TOUCHES
from services.profile.core.feedback import STRENGTH, STRONGEST
from services.profile.core.rules import CapMs

GHOST, ASK = "ghost", "ask"


class Touch(Struct, array_like=True, frozen=True, order=True, gc=False):
    """When it was asked for, until when it is reserved, `ask` or `ghost`, the strongest word heard."""

    time_ms: int
    until_ms: int
    purpose: str
    playbook: str
    kind: str
    word: str


def is_confirmed(touch: Touch) -> bool:
    """True if the touch happened, or may have; a ghost always did, and what a later version calls otherwise."""
    return touch.kind != ASK or strength_of(touch) >= STRENGTH["unknown"]


def strength_of(touch: Touch) -> int:
    """How much the strongest word heard of a touch says; one that nobody here knows more than any."""
    return STRENGTH.get(touch.word, STRONGEST)


def is_taken(touches: Iterable[Touch], purpose: str, now_ms: int, purpose_ms: int) -> bool:
    """True if the purpose was served within `purpose_ms`, or is reserved."""
    return any(
        row.purpose == purpose and (now_ms - row.time_ms < purpose_ms if is_confirmed(row) else row.until_ms > now_ms)
        for row in touches
    )


def free_at(rows: Sequence[Touch], purpose: str, now_ms: int, caps: Sequence[CapMs], memory_ms: int) -> int:
    """When the caps let one more mail of the purpose go, in milliseconds; `now` or before where they do at once.

    A cap that names a purpose looks at its mails alone.
    """
    at = now_ms
    for cap in caps:
        if cap.purpose not in {None, purpose}:
            continue
        counted = rows if cap.purpose is None else [row for row in rows if row.purpose == purpose]
        ends = sorted(end for row in counted if (end := _counts_until(row, cap.window_ms)) > now_ms)
        if len(ends) >= cap.most:
            at = max(at, ends[len(ends) - cap.most])
    if len(rows) >= MAX_TOUCHES:
        lives = sorted(max(row.time_ms + memory_ms, row.until_ms) for row in rows)
        at = max(at, lives[len(lives) - MAX_TOUCHES])
    return at


def outlived(rows: Mapping[str, Touch], now_ms: int, memory_ms: int) -> list[str]:
    """The decisions of touches that no rule looks at any more."""
    return [name for name, old in rows.items() if old.time_ms <= now_ms - memory_ms and old.until_ms <= now_ms]


def _counts_until(touch: Touch, window_ms: int) -> int:
    end = touch.time_ms + window_ms
    return end if is_confirmed(touch) else min(end, touch.until_ms)
