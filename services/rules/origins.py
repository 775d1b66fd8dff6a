"""Where a fact comes from, and what it may reach by that: one table of origin and field.

Recommender and composer ask it, `SECURITY.md` shows it. What no row names reaches nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from schemas.speaker import Speaker


class Source(StrEnum):
    """What speaks that is nobody."""

    BRAND = "brand"
    CATALOGUE = "catalogue"
    WEBSITE = "website"
    MODEL = "model"


Origin: TypeAlias = Speaker | Source


class Field(StrEnum):
    """What a fact is about."""

    GOAL = "goal"
    SEARCH = "search"
    ROLE = "role"
    INDUSTRY = "industry"
    COMPANY = "company"
    COMPANY_SIZE = "company_size"
    CONVERSION = "conversion"
    PAGE = "page"
    TOPIC = "topic"
    COURSE = "course"
    PRODUCT = "product"
    AUDIENCE = "audience"
    JOB = "job"
    IMAGINED = "imagined"
    REASON = "reason"


class Way(StrEnum):
    """How a text goes on, if it does."""

    WHOLE = "as it is"
    SAFE = "as it is, after safety"
    PHRASE = "as a short noun phrase, after safety"
    LISTED = "as one of a list, or a short noun phrase, after safety"
    SIZE = "as a number or a range"
    REGISTERED = "as registered, else generic words"
    NEVER = "no"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a fact goes: into a query, as data into the prompts of job and pick, into the brief of the mail.

    `judges` are the rules by name: `hostile` (orders to a machine: it moves no ranking), `safety`, `phrase`, `roles`,
    `sizes`, `content` (what is registered), `gate` (every rule of text).
    """

    query: Way
    prompt: Way
    mail: Way
    judges: tuple[str, ...] = ()


NOTHING = Reach(Way.NEVER, Way.NEVER, Way.NEVER)
_SAID = ("hostile", "safety", "phrase")
_BROWSER: Mapping[Field, Reach] = {
    Field.GOAL: Reach(Way.WHOLE, Way.WHOLE, Way.PHRASE, _SAID),
    Field.SEARCH: Reach(Way.WHOLE, Way.WHOLE, Way.PHRASE, _SAID),
    Field.ROLE: Reach(Way.LISTED, Way.LISTED, Way.LISTED, (*_SAID, "roles")),
    Field.INDUSTRY: Reach(Way.PHRASE, Way.PHRASE, Way.PHRASE, _SAID),
    Field.COMPANY_SIZE: Reach(Way.NEVER, Way.SIZE, Way.SIZE, ("sizes",)),
    Field.CONVERSION: Reach(Way.REGISTERED, Way.REGISTERED, Way.REGISTERED, ("hostile", "content", "safety")),
    Field.PAGE: Reach(Way.REGISTERED, Way.REGISTERED, Way.NEVER, ("hostile", "content")),
}
_SERVER: Mapping[Field, Reach] = {
    Field.GOAL: Reach(Way.WHOLE, Way.WHOLE, Way.PHRASE, _SAID),
    Field.SEARCH: Reach(Way.WHOLE, Way.WHOLE, Way.PHRASE, _SAID),
    Field.ROLE: Reach(Way.WHOLE, Way.WHOLE, Way.LISTED, (*_SAID, "roles")),
    Field.INDUSTRY: Reach(Way.WHOLE, Way.WHOLE, Way.PHRASE, _SAID),
    Field.COMPANY: Reach(Way.NEVER, Way.WHOLE, Way.PHRASE, ("safety", "phrase")),
    Field.COMPANY_SIZE: Reach(Way.NEVER, Way.SIZE, Way.SIZE, ("sizes",)),
    Field.CONVERSION: Reach(Way.WHOLE, Way.WHOLE, Way.SAFE, ("hostile", "safety")),
    Field.PAGE: Reach(Way.WHOLE, Way.WHOLE, Way.NEVER, ("hostile",)),
}
_BRAND: Mapping[Field, Reach] = {
    Field.CONVERSION: Reach(Way.WHOLE, Way.WHOLE, Way.SAFE, ("safety",)),
    Field.PAGE: Reach(Way.WHOLE, Way.WHOLE, Way.NEVER),
    Field.TOPIC: Reach(Way.WHOLE, Way.WHOLE, Way.WHOLE),
}
_CATALOGUE: Mapping[Field, Reach] = {
    Field.CONVERSION: Reach(Way.WHOLE, Way.WHOLE, Way.SAFE, ("safety",)),
    Field.PAGE: Reach(Way.WHOLE, Way.WHOLE, Way.NEVER),
    Field.COURSE: Reach(Way.WHOLE, Way.WHOLE, Way.SAFE, ("safety",)),
}
_WEBSITE: Mapping[Field, Reach] = {
    Field.INDUSTRY: Reach(Way.NEVER, Way.SAFE, Way.PHRASE, ("safety", "phrase")),
    Field.PRODUCT: Reach(Way.NEVER, Way.SAFE, Way.PHRASE, ("safety", "phrase")),
    Field.AUDIENCE: Reach(Way.NEVER, Way.SAFE, Way.PHRASE, ("safety", "phrase")),
}
_MODEL: Mapping[Field, Reach] = {
    **_WEBSITE,
    Field.JOB: Reach(Way.NEVER, Way.SAFE, Way.SAFE, ("safety", "gate")),
    Field.IMAGINED: Reach(Way.WHOLE, Way.NEVER, Way.NEVER),
    Field.REASON: Reach(Way.NEVER, Way.NEVER, Way.SAFE, ("safety", "gate")),
}
TABLE: Mapping[Origin, Mapping[Field, Reach]] = MappingProxyType(
    {
        Speaker.ANONYMOUS_BROWSER: _BROWSER,
        Speaker.KNOWN_BROWSER: _BROWSER,
        Speaker.ADDRESS_BROWSER: _BROWSER,
        Speaker.SERVER: _SERVER,
        Speaker.OPERATOR: _SERVER,
        Speaker.SIGNED_LINK: {},  # says what its reader wants of mail, and nothing else of a person
        Speaker.CONNECTOR: {},  # says what became of a mail
        Source.BRAND: _BRAND,
        Source.CATALOGUE: _CATALOGUE,
        Source.WEBSITE: _WEBSITE,
        Source.MODEL: _MODEL,
    }
)
_FIELD_OF: Mapping[str, Field] = {
    "goal": Field.GOAL, "role": Field.ROLE, "title": Field.ROLE, "industry": Field.INDUSTRY,
    "company": Field.COMPANY, "company_size": Field.COMPANY_SIZE, "size": Field.COMPANY_SIZE,
    "product": Field.PRODUCT, "audience": Field.AUDIENCE,
}  # fmt: skip


def reach(origin: Origin, field: Field | None) -> Reach:
    """How far a fact of this origin about this goes. Total: nowhere, where no row says so."""
    return NOTHING if field is None else TABLE[origin].get(field, NOTHING)


def field_of(name: str) -> Field | None:
    """What a declared fact, or one of a company, of this name is about; None for a name that no row knows."""
    return _FIELD_OF.get(name)
