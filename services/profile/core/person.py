"""A person: what is known of them, in facets. This is the loop over the facets, and the caps of size.

A step owns the persons it touches and changes them in place: the one mutable value of the house. A further facet is a
further `Part`. What is stored are the facets by their names, as JSON; one that nobody looks at stays bytes.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import Raw
from msgspec.json import Decoder, Encoder

from schemas.clean import CleanEvent
from services.profile.core import decay
from services.profile.core.facet import BEHAVIOUR, KINDS, Arrival, Change, Effect, Facet, Look
from services.profile.core.facets.attribution import Attribution
from services.profile.core.facets.consents import Consents
from services.profile.core.facets.engagement import Engagement
from services.profile.core.facets.history import History
from services.profile.core.facets.identity import Erased, Identity
from services.profile.core.facets.interests import Interests
from services.profile.core.facets.signals import Signals
from services.profile.core.facets.touches import Touches
from services.profile.core.facets.traits import Traits
from services.profile.core.facets.triggers import Triggers
from services.profile.core.part import Part
from services.profile.core.readable import moment
from services.profile.core.reasons import Count
from services.profile.core.rules import Rules
from services.profile.core.stored import VERSION, brought_up

NEW_BYTES = 200  # bound of a person nothing is known of
ERASED_BYTES = 2_000  # bound of what stays of an erased one: the receipt, and ids of conversions that came later
LIMIT_BYTES = 64 * 1024  # the changelog's promise: what compaction and recovery are sized for
CHECK_BYTES = 60_000  # an upper bound above this is measured
SHRUNK_BYTES = 48 * 1024  # room for some fifty events before the next measurement
USUAL_BYTES = 250  # bound of what a usual event adds to rows that are there: its mark, an hour, the digits of numbers
EVENT_BYTES = 900  # of what any event adds beside its texts
SKEW_MS = 300_000  # the most a client's clock may run ahead of ours; ingest clamps to the same
_NUMBERS = ("events", "newest_ms", "size")


class Person:
    """One person. `events` were folded, the newest of `newest_ms`; `size` bounds the encoded bytes from above.

    Each facet is decoded when it is first asked for. `rest` holds those that were not yet, and the parts that only a
    later version knows: kept, and gone with the person.
    """

    __slots__ = ("__dict__", "rest")

    attribution = Part(Attribution)
    consents = Part(Consents)
    engagement = Part(Engagement)
    history = Part(History)
    identity = Part(Identity)
    interests = Part(Interests)
    signals = Part(Signals)
    touches = Part(Touches)
    traits = Part(Traits)
    triggers = Part(Triggers)

    def __init__(
        self, *, events: int = 0, newest_ms: int = 0, size: int = NEW_BYTES, rest: dict[str, Raw] | None = None,
        **facets: Facet,
    ) -> None:  # fmt: skip
        self.rest = {} if rest is None else rest
        self.events, self.newest_ms, self.size = events, newest_ms, size
        vars(self).update(facets)


class Kind(NamedTuple):
    """A kind of person: its parts by name, and what gives all facets, or those to which the usual event speaks."""

    parts: dict[str, Part[Any]]
    all: Callable[[Person], tuple[Facet, ...]]
    usual: Callable[[Person], tuple[Facet, ...]]


def facets(person: Person) -> tuple[Facet, ...]:
    """The person's facets, in the order of their names."""
    return _kind(type(person)).all(person)


def hearing_usual(person: Person) -> tuple[Facet, ...]:
    """Those to which the usual event says something."""
    return _kind(type(person)).usual(person)


def encode(person: Person) -> bytes:
    """The person as stored, without the facets that are empty; equal persons have equal bytes.

    Raises:
        ValueError: over 64 KB, which `grow` makes impossible: our bug.
    """
    raw = _encoded(person)
    if len(raw) > LIMIT_BYTES:
        raise ValueError(f"a state may have {LIMIT_BYTES} bytes, this one has {len(raw)}: it was not fitted")
    return raw


def decode(raw: bytes, kind: type[Person] = Person) -> Person:
    """The person of these bytes, with the facets of that kind of person. Law: what `encode` wrote comes back."""
    rest = _split(raw)
    is_of_now = "v" in rest and _number(rest["v"]) == VERSION
    if not is_of_now:
        rest = _split(ENCODER.encode(brought_up(raw)))
    del rest["v"]
    person = kind(rest=rest)
    vars(person).update({name: _number(rest.pop(name)) for name in _NUMBERS if name in rest})
    if not is_of_now:
        facets(person)  # each is written anew, in the order of today
    return person


def readable(person: Person, key: str, rules: Rules, now_ms: int) -> dict[str, Any]:
    """All that is known of the person, by facets, for somebody to read; what a later version knows by its names."""
    look = Look(key, now_ms, person.newest_ms, rules, 1)
    newest = {"newest": moment(person.newest_ms)} if person.newest_ms else {}
    shown = {name: getattr(person, name).readable(look) for name in _kind(type(person)).parts}
    said = {name: part for name, part in shown.items() if part}
    later = {"later": sorted(person.rest)} if person.rest else {}
    return {"person": key, "events": person.events, **newest, **said, **later}


def apply(person: Person, event: CleanEvent, key: str, rules: Rules, now_ms: int) -> Effect | None:
    """Apply one event to a person that is owned; `key` is theirs. Law: below the caps, any order gives one answer.

    Of a kind that a later version knows, only what it refuses counts. One that erases does not come here: it is erased
    by, like one of kind `privacy`.
    """
    word, time_ms = event["kind"], min(event["time_ms"], event["received_ms"] + SKEW_MS)
    has_month_turned, is_behaviour = _see(person, time_ms), word in BEHAVIOUR
    meaning = rules.meaning(event) if is_behaviour else None
    taken = None if meaning is None else meaning.taken
    change = Change(
        event, key, time_ms, person.newest_ms, has_month_turned, is_behaviour or word in KINDS, is_behaviour, meaning,
        taken, now_ms, rules,
    )  # fmt: skip
    is_usual = is_behaviour and taken is None and "consent" not in event and "links" not in event
    size, more = (USUAL_BYTES if is_usual else EVENT_BYTES), []
    for facet in hearing_usual(person) if is_usual else facets(person):
        effect = facet.apply(change)
        if effect is not None:
            size += effect.size
            if effect.ended or effect.counted or effect.told:
                more.append(effect)
    is_shrunk = grow(person, size, rules.half_life_ms)
    if not more and not is_shrunk and change.is_known:
        return None
    return _sum(more, [Count.SHRUNK] * is_shrunk + [Count.UNKNOWN_KIND] * (not change.is_known))


def end_mails(person: Person, rules: Rules, now_ms: int) -> Effect:
    """Hear that mails which had their time led to nothing: the person is less interested in what they showed."""
    ignored, size = person.touches.end(now_ms), 0
    for each in ignored:
        course = each.told.course_id
        size += person.interests.lower(course, person.signals.topics_of(course), each.ends_ms, rules)
    is_shrunk = grow(person, size, rules.half_life_ms)
    return Effect(told=[each.told for each in ignored], counted=[Count.SHRUNK] * is_shrunk)


def erased(person: Person, event: CleanEvent, receipt: str) -> Person:
    """What stays of a person who asked to be forgotten: when, and a receipt; it stops revival."""
    identity = Identity(erased=Erased(event["time_ms"], receipt))
    return Person(events=person.events, size=ERASED_BYTES, identity=identity)


def merge(person: Person, other: Person, from_person: str, half_life_ms: float) -> Effect:
    """Add what was folded of another person, and said; triggers may end by it.

    Law: below the caps associative and commutative in all but the order of ids and persons absorbed.
    """
    person.events += other.events
    person.newest_ms = max(person.newest_ms, other.newest_ms)
    arrival = Arrival(from_person, person.newest_ms, half_life_ms)
    merged = [mine.merge(theirs, arrival) for mine, theirs in zip(facets(person), facets(other), strict=True)]
    effects = [effect for effect in merged if effect is not None]
    for name, raw in other.rest.items():
        person.rest[name] = max(raw, person.rest.get(name, raw), key=bytes)
    is_shrunk = grow(person, other.size + sum(effect.size for effect in effects), half_life_ms)
    return _sum(effects, [Count.SHRUNK] * is_shrunk)


def grow(person: Person, byte_count: int, half_life_ms: float) -> bool:
    """True if the person, grown by at most so many bytes, had to be shrunk: the lightest interests, the oldest else."""
    person.size += byte_count
    if person.size <= CHECK_BYTES:
        return False
    person.size = len(_encoded(person))
    if person.size <= SHRUNK_BYTES:
        return False
    share = 1
    while person.size > SHRUNK_BYTES and share <= LIMIT_BYTES:
        for facet in facets(person):
            facet.shrink(share, person.newest_ms, half_life_ms)
        person.size = len(_encoded(person))
        share *= 2
    return True


ENCODER = Encoder(order="deterministic")  # so that equal persons have equal bytes
_split = Decoder(dict[str, Raw]).decode
_number = Decoder(int).decode


def _encoded(person: Person) -> bytes:
    parts = _kind(type(person)).parts
    stored = {name: part for name, part in vars(person).items() if name in _NUMBERS or part != parts[name].empty}
    return ENCODER.encode({"v": VERSION, **person.rest, **stored})


def _sum(effects: Sequence[Effect], counted: Sequence[Count]) -> Effect:
    return Effect(
        ended=[ended for each in effects for ended in each.ended],
        counted=[*(count for each in effects for count in each.counted), *counted],
        told=[told for each in effects for told in each.told],
    )


def _see(person: Person, time_ms: int) -> bool:
    """Count the event; true if it is the first of a newer month."""
    person.events += 1
    newest_ms = person.newest_ms
    if time_ms <= newest_ms:
        return False
    person.newest_ms = time_ms
    day, newest_day = time_ms // decay.DAY_MS, newest_ms // decay.DAY_MS
    return day != newest_day and decay.month_of_day(day) != decay.month_of_day(newest_day)


def _kind(of: type[Person]) -> Kind:
    known = _KINDS.get(of)
    if known is None:
        fields = {name: part for each in of.__mro__ for name, part in vars(each).items() if isinstance(part, Part)}
        parts = dict(sorted(fields.items()))
        usual = [name for name, part in parts.items() if part.kind.HEARS_USUAL]
        known = _KINDS[of] = Kind(parts, attrgetter(*parts), attrgetter(*usual))
    return known


_KINDS: dict[type[Person], Kind] = {}
