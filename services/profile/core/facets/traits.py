"""What a person said of themselves: facts, address, first name, language. The last writer by event time wins.

A rank stands before the time: what a server proved beats what a browser said, and what the person's own browser said
beats an anonymous one (identity poisoning). Laws: any order and any repeats give one answer.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Self

from schemas.names import first_name
from schemas.recommendation import DeclaredFact
from schemas.speaker import Speaker, browser_of
from services.profile.core.caps import keep_newest_rows
from services.profile.core.facet import Arrival, Change, Effect, Look, plain
from services.profile.core.rank import VERIFIED, rank_of
from services.profile.core.text import clipped
from services.profile.core.times import at

MAX_VALUE = 200  # characters of a fact
MAX_SOURCE = 80
MAX_KEY = 64
MAX_ADDRESS = 254  # RFC 5321
MAX_LANGUAGE = 35  # characters: RFC 5646 advises 35
MAX_FACTS = 8  # kept where a person is far too large
DEAR = 8  # the share up to which facts are kept whole
NO_FACTS = 24  # the share from which a snapshot has none
ADDED_BYTES = 8_600  # bound of six facts, an address and a name, at four bytes a character
FACT_OF = {
    "company": "company", "role": "role", "industry": "industry", "company_size": "company_size", "goal": "goal",
    "website": "website",
    "companySize": "company_size", "employees": "company_size", "job_title": "role", "jobTitle": "role",
}  # fmt: skip
COMPANY_OF = {"name": "company", "industry": "industry", "employees": "company_size", "website": "website"}
NAME_OF = ("firstName", "first_name", "name")


class Trait(NamedTuple):
    """What was said, and how far it is believed; of two the greater stands."""

    rank: int
    time_ms: int
    value: str
    source: str


class Address(NamedTuple):
    """An address and its key; of two the greater stands."""

    rank: int
    time_ms: int
    value: str
    key: str


@dataclass(slots=True)
class Traits:
    """The facts by name, and what mails need."""

    HEARS_USUAL: ClassVar[bool] = True

    facts: dict[str, Trait] = field(default_factory=dict)
    address: Address | None = None
    name: Trait | None = None
    language: Trait | None = None

    @classmethod
    def decode(cls, stored: dict[str, Any]) -> Self:
        """Of the parts `fact`, `addr`, `name` and `lang`."""
        facts = {name: Trait(*row) for name, row in stored.pop("fact", {}).items()}
        address, name, language = (stored.pop(part, None) for part in ("addr", "name", "lang"))
        return cls(
            facts,
            None if address is None else Address(*address),
            None if name is None else Trait(*name),
            None if language is None else Trait(*language),
        )

    def encode(self, stored: dict[str, Any]) -> None:
        """As rows of rank, time, value and source, or key; of what was not said there is no part."""
        stored["fact"] = plain(self.facts)
        for part, row in (("addr", self.address), ("name", self.name), ("lang", self.language)):
            if row is not None:
                stored[part] = row[:]

    def apply(self, change: Change) -> Effect | None:
        """Note what the event declares."""
        if not change.is_behaviour:
            return None
        event, time_ms = change.event, change.time_ms
        rank = rank_of(event)
        language = event.get("language")
        if language is not None:
            self._speak(Trait(rank, time_ms, clipped(language, MAX_LANGUAGE).lower(), ""))
        traits, properties, claim = event.get("traits"), event.get("properties"), event.get("address")
        if claim is not None:
            self._claim(change.person, Address(rank, time_ms, claim["value"], claim["key"]))
        has_form = properties is not None and event["kind"] != "page"
        if traits is None and not has_form:
            return ADDED if claim is not None else None
        source = clipped(f"{event['kind']}:{event['name']}", MAX_SOURCE)
        if has_form:
            self._declare(properties or {}, Trait(rank, time_ms, "", source))
        if traits:
            self._declare({"role": traits.get("title"), **traits}, Trait(rank, time_ms, "", source))
            if rank == VERIFIED:
                self._name(traits, time_ms)
        return ADDED

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add what the other said. Law: idempotent too."""
        del arrival
        if other.address is not None:
            self._own(other.address)
        if other.name is not None:
            self._call(other.name)
        if other.language is not None:
            self._speak(other.language)
        for name, trait in other.facts.items():
            self._fact(name, trait)

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest facts, where little else is left: what is small and dear goes last."""
        del newest_ms, half_life_ms
        if share > DEAR:
            keep_newest_rows(self.facts, MAX_FACTS // (share // DEAR), lambda row: row.time_ms)

    def show(self, look: Look) -> dict[str, Any]:
        """The facts by name; neither address nor first name leaves here."""
        if look.share >= NO_FACTS:
            return {"facts": ()}
        return {"facts": tuple(_shown(name, row, look.person) for name, row in sorted(self.facts.items()))}

    def _speak(self, said: Trait) -> None:
        if self.language is None or said > self.language:
            self.language = said

    def _call(self, said: Trait) -> None:
        if self.name is None or said > self.name:
            self.name = said

    def _own(self, said: Address) -> None:
        if self.address is None or said > self.address:
            self.address = said

    def _claim(self, person: str, said: Address) -> None:
        value, key = said.value, said.key
        if len(value) > MAX_ADDRESS or len(key) > MAX_KEY or clipped(value, MAX_ADDRESS) != value:
            return
        if person.startswith("e:") and person[2:] != key:
            return  # a person known by an address has that one
        self._own(said)

    def _declare(self, said: dict[str, Any], stamp: Trait) -> None:
        company = said.get("company")
        if isinstance(company, dict):
            for key, name in COMPANY_OF.items():
                self._state(name, company.get(key), stamp)
        for key, name in FACT_OF.items():
            if key in said:
                self._state(name, said[key], stamp)

    def _state(self, name: str, value: object, stamp: Trait) -> None:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            text = clipped(str(value), MAX_VALUE)
            if text:
                self._fact(name, Trait(stamp.rank, stamp.time_ms, text, stamp.source))

    def _fact(self, name: str, said: Trait) -> None:
        known = self.facts.get(name)
        if known is None or said > known:
            self.facts[name] = said

    def _name(self, traits: dict[str, Any], time_ms: int) -> None:
        """Note the first name; of a full `name` it is what stands before the first space."""
        for key in NAME_OF:
            value = traits.get(key)
            if not isinstance(value, str):
                continue
            if first := first_name(value.strip().partition(" ")[0] if key == "name" else value):
                self._call(Trait(VERIFIED, time_ms, first, ""))
                return


ADDED = Effect(ADDED_BYTES)


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
