"""What a person said of themselves: facts, address, name, language, where they are. The last writer by event time wins.

A rank stands before the time: what a server proved beats what a browser said, and what the person's own browser said
beats an anonymous one (identity poisoning). Of addresses that browsers gave the first stands, so that no stranger takes
a lead's mail over. Laws: any order and any repeats give one answer.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from msgspec import UNSET, Struct

from schemas.names import first_name
from schemas.recommendation import DeclaredFact, LocalZone
from schemas.speaker import Speaker, browser_of
from services.profile.core.act import MAX_ZONE, Act
from services.profile.core.caps import keep_newest_rows
from services.profile.core.event import Event
from services.profile.core.facet import Arrival, Change, Effect, Facet, Look, Visit
from services.profile.core.hearing import rank_of, teller
from services.profile.core.rank import UNHEARD, VERIFIED
from services.profile.core.reasons import Count
from services.profile.core.text import clipped
from services.profile.core.times import at
from services.profile.core.zone import Said, zone_of
from services.rules.claims import Claim, Hearing, hearing

MAX_VALUE = 200  # characters of a fact
MAX_SOURCE = 80
MAX_KEY = 64
MAX_ADDRESS = 254  # RFC 5321
MAX_LANGUAGE = 35  # characters: RFC 5646 advises 35
COUNTRY_LETTERS = 2
MAX_FACTS = 8  # kept where a person is far too large
DEAR = 8  # the share up to which facts are kept whole
NO_FACTS = 24  # the share from which a snapshot has none
ROW_BYTES = 80  # bound of a row beside its texts
CHARACTER_BYTES = 4  # UTF-8, of printable text
ANY_CHARACTER_BYTES = 6  # of a text that may hold what JSON escapes
FACT_OF = {
    "company": "company", "role": "role", "industry": "industry", "company_size": "company_size", "goal": "goal",
    "website": "website",
    "companySize": "company_size", "employees": "company_size", "job_title": "role", "jobTitle": "role",
}  # fmt: skip
COMPANY_OF = {"name": "company", "industry": "industry", "employees": "company_size", "website": "website"}
NAME_OF = ("firstName", "first_name", "name")
DECLARING = frozenset({*FACT_OF, "company"})  # properties in which a person says something of themselves


class Trait(Struct, array_like=True, frozen=True, order=True, gc=False):
    """What was said, and how far it is believed; of two the greater stands."""

    rank: int
    time_ms: int
    value: str
    source: str


class Address(Struct, array_like=True, frozen=True, gc=False):
    """An address and its key; of two the one of the greater `precedence` stands."""

    rank: int
    time_ms: int
    value: str
    key: str

    @property
    def precedence(self) -> tuple[int, int, str, str]:
        """A server's before a browser's: of a server's the last, of browsers' the first, which no stranger replaces."""
        return (self.rank, self.time_ms if self.rank == VERIFIED else -self.time_ms, self.value, self.key)


class Traits(Facet):
    """The facts by name, and what mails need."""

    HEARD_BYTES: ClassVar[int] = (  # a letter in small may be two
        2 * ROW_BYTES + 2 * CHARACTER_BYTES * MAX_LANGUAGE + ANY_CHARACTER_BYTES * MAX_ZONE
    )

    facts: dict[str, Trait] = {}
    address: Address | None = None
    name: Trait | None = None
    language: Trait | None = None
    timezone: Trait | None = None
    country: Trait | None = None

    def hear(self, visit: Visit) -> int:
        """Note the language of what was read, and the time zone it was read in."""
        size, known, is_zoned = 0, self.language, False
        for act in visit.acts:
            if act.timezone is not None:
                is_zoned = True
            if (language := act.language) is None or (rank := act.rank) == UNHEARD:
                continue
            time_ms = act.time_ms
            if known is None or known.value != language or known.rank != rank or known.source:
                size += self._speak(Trait(rank, time_ms, clipped(language, MAX_LANGUAGE).lower(), ""))
                known = self.language
            elif time_ms > known.time_ms:  # as nearly always
                known = self.language = Trait(rank, time_ms, language, "")
        return size + self._zoned(visit.acts) if is_zoned else size

    def apply(self, change: Change) -> Effect | None:
        """Note what the event declares."""
        if not change.is_behaviour:
            return None
        event, time_ms = change.event, change.time_ms
        size, is_doubted = self._addressed(change) if "address" in event else (0, False)
        if "country" in event:
            size += self._live(event["country"], rank_of(Claim.FACT, event), time_ms)
        traits, properties = event.get("traits"), event.get("properties")
        if traits or (properties and event["kind"] != "page"):
            rank = rank_of(Claim.FACT, event)
            if rank != UNHEARD:
                stamp = Trait(rank, time_ms, "", clipped(f"{event['kind']}:{event['name']}", MAX_SOURCE))
                if properties and event["kind"] != "page":
                    size += self._declare(properties, stamp)
                if traits:
                    size += self._declare({"role": traits.get("title"), **traits}, stamp)
            if traits and rank_of(Claim.NAME, event) == VERIFIED:
                size += self._name(traits, time_ms)
        return Effect(size, counted=[Count.ANOTHER_ADDRESS] * is_doubted) if size or is_doubted else None

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add what the other said. Law: idempotent too."""
        del arrival
        if other.address is not None:
            self._own(other.address)
        if other.name is not None:
            self._call(other.name)
        if other.language is not None:
            self._speak(other.language)
        if other.timezone is not None:
            self._wake(other.timezone)
        if other.country is not None:
            self.country = other.country if self.country is None else max(self.country, other.country)
        for name, trait in other.facts.items():
            self._fact(name, trait)

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest facts, where little else is left: what is small and dear goes last."""
        del newest_ms, half_life_ms
        if share > DEAR:
            keep_newest_rows(self.facts, MAX_FACTS // (share // DEAR), lambda row: row.time_ms)

    def show(self, look: Look) -> dict[str, Any]:
        """The facts by name, and the time zone; neither address nor first name leaves here."""
        zone = zone_of(self.said_zone(), look.rules)
        shown: dict[str, Any] = {"zone": LocalZone(name=zone.name, source=zone.source)}
        if look.share >= NO_FACTS:
            return {**shown, "facts": ()}
        return {**shown, "facts": tuple(_shown(name, row, look.person) for name, row in sorted(self.facts.items()))}

    def said_zone(self) -> Said:
        """Where the person said they are: time zone and country."""
        return Said(*[None if said is None else said.value for said in (self.timezone, self.country)])

    def _speak(self, said: Trait) -> int:
        known = self.language
        if known is not None and said <= known:
            return 0
        self.language = said
        return 0 if known is not None and known.value == said.value else _bytes_of(said.value)

    def _zoned(self, acts: Sequence[Act]) -> int:
        """Note the newest time zone of the most believed."""
        known, size = self.timezone, 0
        value, rank, newest_ms = (None, UNHEARD, 0) if known is None else (known.value, known.rank, known.time_ms)
        for act in acts:
            zone, time_ms = act.timezone, act.time_ms
            if zone == value and act.rank == rank:  # as nearly always
                newest_ms = max(newest_ms, time_ms)
            elif zone is not None and act.rank != UNHEARD:
                size += self._wake(Trait(act.rank, time_ms, zone, ""))
        if known is not None and newest_ms != known.time_ms:
            self._wake(Trait(rank, newest_ms, known.value, ""))
        return size

    def _wake(self, said: Trait) -> int:
        known = self.timezone
        if known is not None and said <= known:
            return 0
        self.timezone = said
        return 0 if known is not None and known.value == said.value else _bytes_of(said.value, ANY_CHARACTER_BYTES)

    def _live(self, code: str, rank: int, time_ms: int) -> int:
        if rank == UNHEARD or len(code) != COUNTRY_LETTERS:
            return 0
        said = Trait(rank, time_ms, code, "")
        self.country = said if self.country is None else max(self.country, said)
        return _bytes_of(code, ANY_CHARACTER_BYTES)

    def _call(self, said: Trait) -> int:
        if self.name is not None and said <= self.name:
            return 0
        self.name = said
        return _bytes_of(said.value)

    def _own(self, said: Address) -> int:
        if self.address is not None and said.precedence <= self.address.precedence:
            return 0
        self.address = said
        return _bytes_of(said.value + said.key)

    def _addressed(self, change: Change) -> tuple[int, bool]:
        """Note an address: an upper bound of the bytes this adds, and whether it is doubted.

        Of those that are doubted the first stands, in whatever order they come: a doubt takes nobody's place.
        """
        event, said = change.event, change.event["address"]
        is_another = self.address is not None and self.address.value != said["value"]
        is_doubted = is_another and hearing(Claim.ANOTHER_ADDRESS, teller(event)) is Hearing.DOUBT
        rank = rank_of(Claim.ANOTHER_ADDRESS if is_another and not is_doubted else Claim.ADDRESS, event)
        if rank == UNHEARD:
            return 0, is_doubted
        return self._claim(change.person, Address(rank, change.time_ms, said["value"], said["key"])), is_doubted

    def _claim(self, person: str, said: Address) -> int:
        value, key = said.value, said.key
        if len(value) > MAX_ADDRESS or len(key) > MAX_KEY or clipped(value, MAX_ADDRESS) != value:
            return 0
        if person.startswith("e:") and person[2:] != key:
            return 0  # a person known by an address has that one
        return self._own(said)

    def _declare(self, said: dict[str, Any], stamp: Trait) -> int:
        """Note the facts among what was said; gives an upper bound of the bytes this adds, as those below do."""
        size, company = 0, said.get("company")
        if isinstance(company, dict):
            size += sum(self._state(name, company.get(key), stamp) for key, name in COMPANY_OF.items())
        for key in said.keys() & FACT_OF.keys():
            size += self._state(FACT_OF[key], said[key], stamp)
        return size

    def _state(self, name: str, value: object, stamp: Trait) -> int:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            text = clipped(str(value), MAX_VALUE)
            if text:
                return self._fact(name, Trait(stamp.rank, stamp.time_ms, text, stamp.source))
        return 0

    def _fact(self, name: str, said: Trait) -> int:
        known = self.facts.get(name)
        if known is not None and said <= known:
            return 0
        self.facts[name] = said
        return _bytes_of(said.value + said.source)

    def _name(self, traits: dict[str, Any], time_ms: int) -> int:
        """Note the first name; of a full `name` it is what stands before the first space."""
        for key in NAME_OF:
            value = traits.get(key)
            if not isinstance(value, str):
                continue
            if first := first_name(value.strip().partition(" ")[0] if key == "name" else value):
                return self._call(Trait(VERIFIED, time_ms, first, ""))
        return 0


def _bytes_of(text: str, of_each: int = CHARACTER_BYTES) -> int:
    """An upper bound of a row with this text."""
    return ROW_BYTES + of_each * len(text)


def declares(event: Event) -> bool:
    """True if the person says something of themselves, beside language and time zone."""
    if event.traits is not UNSET or event.address is not UNSET or event.country is not UNSET:
        return True
    return event.properties is not UNSET and event.kind != "page" and not DECLARING.isdisjoint(event.properties)


def speaker_of_rank(rank: int, person: str) -> Speaker:
    """Who declared a fact of this rank: 0 is an anonymous browser's wherever its state went."""
    if rank == VERIFIED:
        return Speaker.SERVER
    return browser_of(person) if rank else Speaker.ANONYMOUS_BROWSER


def _shown(name: str, row: Trait, person: str) -> DeclaredFact:
    return DeclaredFact(
        name=name, value=row.value, source=row.source, is_verified=row.rank == VERIFIED, said_at=at(row.time_ms),
        speaker=speaker_of_rank(row.rank, person).value,
    )  # fmt: skip
