"""A person: what is known of them, in facets. This is the loop over the facets, and the caps of size.

A step owns the persons it touches and changes them in place: the one mutable value of the house. A further facet is a
further field.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, cast

from schemas import plain
from services.profile.core.facet import Arrival, Facet
from services.profile.core.facets.attribution import Attribution
from services.profile.core.facets.consents import Consents
from services.profile.core.facets.engagement import Engagement
from services.profile.core.facets.history import History
from services.profile.core.facets.identity import Identity
from services.profile.core.facets.interests import Interests
from services.profile.core.facets.later import Later
from services.profile.core.facets.signals import Signals
from services.profile.core.facets.touches import Touches
from services.profile.core.facets.traits import Traits
from services.profile.core.facets.triggers import Triggers
from services.profile.core.trigger import Ended

VERSION = 1  # of the stored value
NEW_BYTES = 200  # bound of a person nothing is known of
LIMIT_BYTES = 64 * 1024  # the changelog's promise: what compaction and recovery are sized for
CHECK_BYTES = 60_000  # an upper bound above this is measured
SHRUNK_BYTES = 48 * 1024  # room for some fifty events before the next measurement


@dataclass(slots=True, eq=False)
class Person:
    """One person. `events` were folded, the newest of `newest_ms`; `size` bounds the encoded bytes from above.

    Each facet is a field with a factory. The first takes what the others leave of a stored value.
    """

    later: Later = field(default_factory=Later)
    identity: Identity = field(default_factory=Identity)
    interests: Interests = field(default_factory=Interests)
    signals: Signals = field(default_factory=Signals)
    history: History = field(default_factory=History)
    traits: Traits = field(default_factory=Traits)
    consents: Consents = field(default_factory=Consents)
    engagement: Engagement = field(default_factory=Engagement)
    attribution: Attribution = field(default_factory=Attribution)
    touches: Touches = field(default_factory=Touches)
    triggers: Triggers = field(default_factory=Triggers)
    version: int = VERSION
    events: int = 0
    newest_ms: int = 0
    size: int = NEW_BYTES


def facets(person: Person) -> tuple[Facet, ...]:
    """The person's facets, in the order of their fields."""
    return _getter(type(person), usual=False)(person)  # type: ignore[arg-type] # a class has a hash; mypy looks at its persons


def hearing_usual(person: Person) -> tuple[Facet, ...]:
    """Those to which the usual event says something."""
    return _getter(type(person), usual=True)(person)  # type: ignore[arg-type]


def parts(person: Person) -> dict[str, Any]:
    """Every part as it is stored, empty ones too."""
    stored: dict[str, Any] = {
        "v": person.version, "n": person.events, "new": person.newest_ms, "size": person.size,
    }  # fmt: skip
    for facet in facets(person):
        facet.encode(stored)
    return stored


def encode(person: Person) -> bytes:
    """The person as stored, without the parts that are empty; equal persons have equal bytes.

    Raises:
        ValueError: over 64 KB, which `grow` makes impossible: our bug.
    """
    raw = plain.dumps({key: part for key, part in parts(person).items() if part or part == 0})
    if len(raw) > LIMIT_BYTES:
        raise ValueError(f"a state may have {LIMIT_BYTES} bytes, this one has {len(raw)}: it was not fitted")
    return raw


def decode(raw: bytes, kind: type[Person] = Person) -> Person:
    """The person of these bytes, with the facets of that kind of person. Law: what `encode` wrote comes back."""
    stored = plain.loads(raw)
    person: dict[str, Any] = {
        "version": stored.pop("v", VERSION), "events": stored.pop("n", 0), "newest_ms": stored.pop("new", 0),
        "size": stored.pop("size", NEW_BYTES),
    }  # fmt: skip
    for name, facet in reversed(_facets_of(kind)):  # type: ignore[arg-type]
        person[name] = facet.decode(stored)
    return kind(**person)


def merge(person: Person, other: Person, from_person: str, half_life_ms: float) -> list[Ended]:
    """Add what was folded of another person, and said; gives the triggers that end by it.

    Law: below the caps associative and commutative in all but the order of ids and persons absorbed.
    """
    person.events += other.events
    person.newest_ms = max(person.newest_ms, other.newest_ms)
    arrival = Arrival(from_person, person.newest_ms, half_life_ms)
    effects = [mine.merge(theirs, arrival) for mine, theirs in zip(facets(person), facets(other), strict=True)]
    return [ended for effect in effects if effect is not None for ended in effect.ended]


def grow(person: Person, byte_count: int, half_life_ms: float) -> bool:
    """True if the person, grown by at most so many bytes, had to be shrunk: the lightest interests, the oldest else."""
    person.size += byte_count
    if person.size <= CHECK_BYTES:
        return False
    person.size = _measured(person)
    if person.size <= SHRUNK_BYTES:
        return False
    share = 1
    while person.size > SHRUNK_BYTES and share <= LIMIT_BYTES:
        for facet in facets(person):
            facet.shrink(share, person.newest_ms, half_life_ms)
        person.size = _measured(person)
        share *= 2
    return True


def _measured(person: Person) -> int:
    return len(plain.dumps(parts(person)))


@lru_cache
def _facets_of(kind: type[Person]) -> tuple[tuple[str, type[Facet]], ...]:
    return tuple(
        (each.name, cast("type[Facet]", each.default_factory))
        for each in fields(kind)
        if each.default_factory is not MISSING
    )


@lru_cache
def _getter(kind: type[Person], *, usual: bool) -> Callable[[Person], tuple[Facet, ...]]:
    found = _facets_of(kind)  # type: ignore[arg-type]
    return attrgetter(*(name for name, facet in found if facet.HEARS_USUAL or not usual))
