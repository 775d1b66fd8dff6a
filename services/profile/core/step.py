"""What comes into a step of a partition and what it leads to; the adapter makes one transaction of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from services.profile.core.reasons import Refusal
from services.runtime.outcome import Send

Read: TypeAlias = Callable[[str], dict[str, Any] | None]
"""A person's decoded state, or None; what it returns is not changed."""


@dataclass(frozen=True, slots=True)
class Input:
    """One raw record of `events.clean` or `profile.self`."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record for the dead letters, its bytes untouched."""

    input: Input
    reason: Refusal
    detail: str


@dataclass(frozen=True, slots=True)
class Step:
    """Everything one transaction of a partition writes, and what is counted after it.

    `timers` are (due in ms, person) of each person whose earliest due time changed.
    """

    values: dict[str, dict[str, Any]]
    position: dict[str, Any]
    sends: tuple[Send, ...]
    rejects: tuple[Rejected, ...]
    timers: tuple[tuple[int, str], ...]
    counts: dict[str, int]
