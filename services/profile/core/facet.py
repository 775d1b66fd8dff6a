"""What a facet of a person is asked, and by which values: one event, one person that is absorbed, one look.

A facet changes in place and is owned by the person. It knows no other facet: what two need stands in these values.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar, Self, get_args

from msgspec import Struct
from msgspec.structs import asdict

from schemas.clean import CleanEvent, EventKind
from schemas.standing import Outcome, Taken
from services.profile.core.meaning import Meaning
from services.profile.core.readable import readable
from services.profile.core.reasons import Became, Count
from services.profile.core.rules import Rules
from services.profile.core.trigger import Ended

KINDS = frozenset(get_args(EventKind))
SAID_OF_A_PERSON = frozenset({"feedback", "privacy", "alias"})  # kinds of what they did not do on a site
SIZES = 4_096  # effects kept: those of titles of usual length


class Change(Struct, gc=False):
    """One event as the facets hear of it.

    `person`: whom it is applied to. `newest_ms`: of their events, this one among them; `has_month_turned` by it.
    `is_known`: its kind is one of this version; of another, only what it refuses counts. `is_behaviour`: the person did
    it; only then it has a meaning. `course`: what it says was taken, where its meaning says so.
    """

    event: CleanEvent
    person: str
    time_ms: int
    newest_ms: int
    has_month_turned: bool
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


class Effect(Struct, frozen=True, gc=False):
    """What a facet leads to: bytes it adds at most, triggers that end, counts, what courses.signals is told."""

    size: int = 0
    ended: Sequence[Ended] = ()
    counted: Sequence[Count | Became] = ()
    told: Sequence[Taken | Outcome] = ()


@lru_cache(maxsize=SIZES)
def adding(size: int) -> Effect:
    """That a change adds at most so many bytes, and nothing else."""
    return Effect(size)


class Facet(Struct, omit_defaults=True):
    """One part of a person: its fields are what is stored of it, by their names, without those that are empty.

    `HEARS_USUAL` is False where the usual event says nothing to it, so that it is not asked: one of behaviour that
    gives no consent, tells of no link and takes no course.
    """

    HEARS_USUAL: ClassVar[bool] = False
    TIMES: ClassVar[frozenset[str]] = frozenset()  # fields of times by name

    def apply(self, change: Change) -> Effect | None:
        """Hear of one event. Law: below the caps, any order with any repeats gives one answer."""
        raise NotImplementedError

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
