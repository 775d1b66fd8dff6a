"""What comes into a step of a partition and what it leads to; the adapter makes one transaction of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from schemas.topics import COURSES_SIGNALS, DECISIONS, RECOMMENDATION_REQUESTS
from services.profile.core.mailbox import Mailbox
from services.profile.core.person import Person
from services.profile.core.reasons import Refusal
from services.runtime.outcome import Send


def no_home(_: str) -> None:
    """No mailbox is stored."""


@dataclass(frozen=True, slots=True)
class Read:
    """What is stored of a person, or of a mailbox, by its key; None where nothing is.

    What they give is decoded, and the step's own, which changes it.
    """

    person: Callable[[str], Person | None]
    home: Callable[[str], Mailbox | None] = no_home


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


_DECIDED = (RECOMMENDATION_REQUESTS, DECISIONS)


@dataclass(slots=True)
class Seen:
    """What a step saw of the world's time, for who measures; it changes while the step is made, and changes nothing.

    `accepted_ms`: when the first event of its oldest pack was taken by the collector, `feedback_ms` the same of
    feedback that was folded; None where there was none. `heard`: feedback by its word and the provider of the mailbox.
    """

    accepted_ms: int | None = None
    feedback_ms: int | None = None
    heard: dict[tuple[str, str], int] = field(default_factory=dict)

    def accept(self, received_ms: int) -> None:
        """Note a pack by its first event."""
        self.accepted_ms = received_ms if self.accepted_ms is None else min(self.accepted_ms, received_ms)

    def hear(self, word: str, provider: str, received_ms: int) -> None:
        """Note feedback that was folded."""
        self.feedback_ms = received_ms if self.feedback_ms is None else min(self.feedback_ms, received_ms)
        self.heard[word, provider] = self.heard.get((word, provider), 0) + 1


@dataclass(frozen=True, slots=True)
class Transition:
    """Everything one transaction of a partition writes, and what is counted after it.

    `values` are persons as stored, `waits` when the triggers were opened that wait, in ms, of those of them who have
    any; `owed` likewise until when mails are reserved of which nobody has said what became. `timers` are (due in ms,
    person) of each person whose earliest due time changed; `strangers` the partitions, of inputs and of sources, that
    are another log than the one that was applied. `homes` are mailboxes as stored, by their keys. `is_due`: by it
    somebody's trigger came due that waits for no time.
    """

    values: dict[str, bytes]
    checkpoint: dict[str, Any]
    sends: tuple[Send, ...]
    rejects: tuple[Rejected, ...]
    timers: tuple[tuple[int, str], ...]
    counts: dict[str, int]
    strangers: tuple[str, ...] = ()
    waits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    owed: dict[str, tuple[int, ...]] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    homes: dict[str, bytes] = field(default_factory=dict)
    is_due: bool = False


def cause_of(step: Transition, number: int) -> str:
    """What a timer's step leads to is known by: the decision.

    Where there is none, or courses.signals hears of it, which may name neither person nor decision, a hash of the
    values instead.
    """
    if not step.sends:
        return ""
    decided = next((send for send in step.sends if send.topic in _DECIDED), None)
    if decided is not None and all(send.topic is not COURSES_SIGNALS for send in step.sends):
        return f"timer/{number}/{decided.topic.short}/{decided.event.decision_id}"
    values = b"".join(person.encode() + value for person, value in step.values.items())
    return f"timer/{number}/{blake2b(values, digest_size=16).hexdigest()}"
