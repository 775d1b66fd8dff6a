"""A person: what is known of them, in facets. This is the loop over the facets, and the caps of size.

A step owns the persons it touches and changes them in place: the one mutable value of the house. A further facet is a
further `Part`. What is stored are the facets by their names, as JSON; one that nobody looks at stays bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Raw
from msgspec.json import Decoder, Encoder

from schemas.clean import BEHAVIOUR, KINDS, CleanEvent
from services.profile.core import decay
from services.profile.core.act import Act, Told
from services.profile.core.event import clean
from services.profile.core.facet import Arrival, Change, Effect, Facet, Look, Visit
from services.profile.core.facets.attribution import Attribution
from services.profile.core.facets.choices import Choices
from services.profile.core.facets.consents import Consents
from services.profile.core.facets.engagement import Engagement
from services.profile.core.facets.history import History
from services.profile.core.facets.identity import Erased, Identity
from services.profile.core.facets.interests import Interests
from services.profile.core.facets.sharing import Sharing
from services.profile.core.facets.signals import Signals
from services.profile.core.facets.touches import Touches
from services.profile.core.facets.traits import Traits
from services.profile.core.facets.triggers import Triggers
from services.profile.core.kind import ACT_BYTES, kind_of
from services.profile.core.part import Part
from services.profile.core.readable import moment
from services.profile.core.reasons import Count
from services.profile.core.rules import Rules
from services.profile.core.stored import VERSION, brought_up

NEW_BYTES = 200  # bound of a person nothing is known of
ERASED_BYTES = 24_000  # bound of what stays of an erased one: the receipt, and marks of conversions that came later
LIMIT_BYTES = 64 * 1024  # the changelog's promise: what compaction and recovery are sized for
CHECK_BYTES = 60_000  # an upper bound above this is measured
SHRUNK_BYTES = 48 * 1024  # room for some fifty events before the next measurement
EVENT_BYTES = 900  # of what an event adds that says more, beside its texts
_NUMBERS = ("events", "newest_ms", "size")


class Person:
    """One person. `events` were folded, the newest of `newest_ms`; `size` bounds the encoded bytes from above.

    Each facet is decoded when it is first asked for. `rest` holds those that were not yet, and the parts that only a
    later version knows: kept, and gone with the person.
    """

    __slots__ = ("__dict__", "rest")

    attribution = Part(Attribution)
    choices = Part(Choices)
    consents = Part(Consents)
    engagement = Part(Engagement)
    history = Part(History)
    identity = Part(Identity)
    interests = Part(Interests)
    sharing = Part(Sharing)
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

    def has(self, *names: str) -> bool:
        """True if anything is known of one of these facets; none is decoded for it."""
        rest, known = self.rest, self.__dict__
        for name in names:  # noqa: SIM110 asked twice a turn: a generator takes twice as long
            if name in rest or (name in known and known[name] != type(known[name])()):
                return True
        return False


def facets(person: Person) -> tuple[Facet, ...]:
    """The person's facets, in the order of their names."""
    return kind_of(type(person)).all(person)


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
    rest.pop("bounces", None)  # of before they were the mailbox's
    person = kind(rest=rest)
    vars(person).update({name: _number(rest.pop(name)) for name in _NUMBERS if name in rest})
    if not is_of_now:
        facets(person)  # each is written anew, in the order of today
    return person


def readable(person: Person, key: str, rules: Rules, now_ms: int) -> dict[str, Any]:
    """All that is known of the person, by facets, for somebody to read; what a later version knows by its names."""
    look = Look(key, now_ms, person.newest_ms, rules, 1)
    newest = {"newest": moment(person.newest_ms)} if person.newest_ms else {}
    shown = {name: getattr(person, name).readable(look) for name in kind_of(type(person)).parts}
    said = {name: part for name, part in shown.items() if part}
    later = {"later": sorted(person.rest)} if person.rest else {}
    return {"person": key, "events": person.events, **newest, **said, **later}


def hear(person: Person, acts: Sequence[Act], rules: Rules, event: Callable[[Act], CleanEvent]) -> tuple[int, int]:
    """Apply the acts that are new to a person that is owned: how many, and how many times they had to be shrunk for it.

    Laws: acts heard at once are as one by one; below the caps, any order gives one answer.
    """
    known = person.identity.known(acts)
    if _most_bytes(person, acts) <= CHECK_BYTES - person.size:  # as nearly always
        new = person.identity.fresh(acts, known)
        for group in _months(person, new):
            person.size += _visited(person, group, rules, event)
        return len(new), 0
    heard = shrunk = 0
    for each in _groups(person, acts):
        if new := person.identity.fresh(each, known):
            size = _visited(person, new, rules, event)
            heard += len(new)
            if grow(person, size, rules.half_life_ms):
                shrunk, known = shrunk + 1, person.identity.known(acts)
    return heard, shrunk


def apply(person: Person, told: Told, key: str, rules: Rules, now_ms: int) -> Effect:
    """Apply an event that may say more than an act to a person that is owned; `key` is theirs. Law: as of `hear`.

    Of a kind that a later version knows, only what it refuses counts. One that erases does not come here: it is erased
    by, like one of kind `privacy`.
    """
    act, event, meaning = told.act, clean(told.event), told.act.meaning
    word = event["kind"]
    person.events += 1
    newest_ms = _seen(person, act.time_ms)
    is_behaviour, size = word in BEHAVIOUR, EVENT_BYTES
    if is_behaviour:
        size += _heard(person, Visit([act], newest_ms, rules, lambda _: event))
    change = Change(
        event, key, act.time_ms, newest_ms, word in KINDS, is_behaviour, meaning,
        None if meaning is None else meaning.taken, now_ms, rules,
    )  # fmt: skip
    effects = [effect for facet in kind_of(type(person)).applying(person) if (effect := facet.apply(change))]
    is_shrunk = grow(person, size + sum(effect.size for effect in effects), rules.half_life_ms)
    return _sum(effects, [Count.SHRUNK] * is_shrunk + [Count.UNKNOWN_KIND] * (not change.is_known))


def erased(person: Person, time_ms: int, receipt: str) -> Person:
    """What stays of a person who asked to be forgotten: when, and a receipt; it stops revival."""
    return Person(events=person.events, size=ERASED_BYTES, identity=Identity(erased=Erased(time_ms, receipt)))


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
    parts = kind_of(type(person)).parts
    stored = {name: part for name, part in vars(person).items() if name in _NUMBERS or part != parts[name].empty}
    return ENCODER.encode({"v": VERSION, **person.rest, **stored})


def _sum(effects: Sequence[Effect], counted: Sequence[Count]) -> Effect:
    return Effect(
        ended=[ended for each in effects for ended in each.ended],
        counted=[*(count for each in effects for count in each.counted), *counted],
        told=[told for each in effects for told in each.told],
        refused=[refused for each in effects for refused in each.refused],
        homeward=[told for each in effects for told in each.homeward],
    )


def _most_bytes(person: Person, acts: Sequence[Act]) -> int:
    """What the acts add to the person at most."""
    said = sum([meaning.most_size for act in acts if (meaning := act.meaning) is not None])
    return kind_of(type(person)).act_bytes * len(acts) + said


def _months(person: Person, acts: Sequence[Act]) -> Iterator[Sequence[Act]]:
    """The acts in groups of which none but the first act begins a newer month."""
    first, month_end_ms = 0, _month_end_ms(person)
    for place, act in enumerate(acts):
        if act.time_ms >= month_end_ms:
            month_end_ms = _month_of(act.time_ms).end_ms
            if place:
                yield acts[first:place]
                first = place
    if acts:
        yield acts[first:]


def _groups(person: Person, acts: Sequence[Act]) -> Iterator[Sequence[Act]]:
    """The acts in groups that may be heard at once, each before the next is asked for.

    None but the first of a group begins a newer month, or may make the person too large.
    """
    month_end_ms, room = _month_end_ms(person), CHECK_BYTES - person.size
    group: list[Act] = []
    act_bytes = kind_of(type(person)).act_bytes
    for act in acts:
        most = act_bytes if act.meaning is None else act_bytes + act.meaning.most_size
        if group and (most > room or act.time_ms >= month_end_ms):
            yield group
            group, month_end_ms, room = [], _month_end_ms(person), CHECK_BYTES - person.size
        group.append(act)
        room -= most
    yield group


def _visited(person: Person, acts: Sequence[Act], rules: Rules, event: Callable[[Act], CleanEvent]) -> int:
    """Hear acts that are new, of which none but the first begins a newer month; gives the bytes this added at most."""
    person.events += len(acts)
    size = _heard(person, Visit(acts, _seen(person, acts[0].time_ms), rules, event))
    person.newest_ms = max(person.newest_ms, *[act.time_ms for act in acts])
    return size


def _heard(person: Person, visit: Visit) -> int:
    """An upper bound of the bytes that hearing the visit added."""
    size = ACT_BYTES * len(visit.acts)
    for each in kind_of(type(person)).hearing(person):
        size += each.hear(visit)
    return size


def _seen(person: Person, time_ms: int) -> int:
    """Note the time of an event, and give the newest of all; facets hear where it begins a newer month."""
    if time_ms > person.newest_ms:
        if time_ms >= _month_end_ms(person):
            for name in kind_of(type(person)).turning:
                if name in person.rest or name in person.__dict__:
                    getattr(person, name).turn(time_ms)
        person.newest_ms = time_ms
    return person.newest_ms


def _month_end_ms(person: Person) -> int:
    """Where the month of the person's newest event ends, in milliseconds."""
    return _month_of(person.newest_ms).end_ms


def _month_of(time_ms: int) -> decay.Month:
    return decay.month_of_day(time_ms // decay.DAY_MS)
