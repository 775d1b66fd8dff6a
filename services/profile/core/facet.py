"""What a facet of a person is asked, and by which values: one event, one person that is absorbed, one look.

A facet changes in place and is owned by the person. It knows no other facet: what two need stands in these values.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

from msgspec import Struct
from msgspec.structs import asdict

from schemas.clean import CleanEvent
from schemas.standing import Outcome, Taken
from services.profile.core.act import Act
from services.profile.core.meaning import Meaning
from services.profile.core.readable import readable
from services.profile.core.reasons import Became, Count
from services.profile.core.rules import Rules
from services.profile.core.trigger import Ended


class Visit(Struct, frozen=True, gc=False):
    """What a person did on a site, in the order in which it came; `newest_ms` is of what they did before.

    No act begins a month newer than that. `event` gives the whole event of an act: what is no field of an act is looked
    up in its pack, which takes longer than all else.
    """

    acts: Sequence[Act]
    newest_ms: int
    rules: Rules
    event: Callable[[Act], CleanEvent]


class Change(Struct, gc=False):
    """One event that says more than that the person was there, or that the person did not do.

    `person`: whom it is applied to. `newest_ms`: of their events, this one among them. `is_known`: its kind is one of
    this version; of another, only what it refuses counts. `is_behaviour`: the person did it; only then it has a
    meaning. `course`: what it says was taken, where its meaning says so.
    """

    event: CleanEvent
    person: str
    time_ms: int
    newest_ms: int
    is_known: bool
    is_behaviour: bool
    meaning: Meaning | None
    course: str | None
    now_ms: int
    rules: Rules


class Arrival(Struct, frozen=True, gc=False):
    """Of a person that is absorbed: who it was, and the newest event of both."""

    from_person: str
    newest_ms: int
    half_life_ms: float


class Look(Struct, frozen=True, gc=False):
    """A snapshot: of whom, when, and the part of each list that it has room for: 1, then halves."""

    person: str
    now_ms: int
    newest_ms: int
    rules: Rules
    share: int


class Refusal(Struct, frozen=True, gc=False):
    """Mail that a person refuses: of which purposes, by which word, since when in milliseconds."""

    word: str
    purposes: tuple[str, ...]
    since_ms: int


class Homeward(Struct, frozen=True, gc=False):
    """What the home is told of the mailbox that the event is about, by the word of `schemas.mailbox`.

    `decision` and `said` are of a mail that was given back or confirmed; `said` is the mark of one that came back.
    """

    word: str
    time_ms: int
    decision: str | None = None
    said: str = ""
    purposes: tuple[str, ...] = ()
    until_ms: int = 0


class Effect(Struct, frozen=True, gc=False):
    """What a facet leads to: bytes it adds at most, triggers that end, counts, what courses.signals is told.

    `refused`: what the person's address is suppressed for, whoever knows it. `homeward`: what else its home is told.
    """

    size: int = 0
    ended: Sequence[Ended] = ()
    counted: Sequence[Count | Became] = ()
    told: Sequence[Taken | Outcome] = ()
    refused: Sequence[Refusal] = ()
    homeward: Sequence[Homeward] = ()


class Facet(Struct, omit_defaults=True):
    """One part of a person: its fields are what is stored of it, by their names, without those that are empty.

    Who defines neither `hear` nor `apply` is refused as a part. `HEARD_BYTES` bounds what `hear` gives for one act,
    beside what its meaning says.
    """

    HEARD_BYTES: ClassVar[int] = 0
    TIMES: ClassVar[frozenset[str]] = frozenset()  # fields of times by name

    def hear(self, visit: Visit) -> int:
        """Hear of what the person did; gives an upper bound of the bytes this adds.

        Laws: a visit heard at once is its acts heard one by one; below the caps, any order gives one answer.
        """
        del visit
        return 0

    def apply(self, change: Change) -> Effect | None:
        """Hear of one event that says more, after what it says as an act. Law: as of `hear`."""
        del change
        return None

    def turn(self, newest_ms: int) -> None:
        """Hear that an event has begun a newer month."""

    def merge(self, other: Self, arrival: Arrival) -> Effect | None:
        """Add what another person has of it. Law: below the caps associative and commutative."""
        raise NotImplementedError

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep a share-th of what it may hold: the person is too large. Nothing where it may not be forgotten."""

    def show(self, look: Look) -> dict[str, Any]:
        """The fields of a snapshot that it fills; none, where no later stage asks."""
        del look
        return {}

    def readable(self, look: Look) -> dict[str, Any]:
        """All that is in it, for somebody to read."""
        del look
        parts = {name: part for name, part in asdict(self).items() if part}
        return {name: readable(part, are_times=name in self.TIMES) for name, part in parts.items()}
