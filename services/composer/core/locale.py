"""One language as a mail is written in it: its fixed words, and how it forms lists, counts, lengths, dates, money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from schemas.program import Program
from schemas.words import ActWords, Words


class Forms(Protocol):
    """How a language writes what code counts or lists."""

    def joined(self, items: Sequence[str]) -> str:
        """The list as a sentence has it: `a, b and c`; empty for none."""
        ...

    def plural(self, count: int) -> str:
        """The form of a noun beside this number: `one`, `other` and so on, as CLDR names them."""
        ...

    def number(self, count: int) -> str:
        """The number in digits."""
        ...

    def duration(self, minutes: int) -> str:
        """Hours and minutes in words."""
        ...

    def date(self, instant: datetime) -> str:
        """The day, its month in words."""
        ...

    def money(self, minor: int, currency: str) -> str:
        """An amount in the currency's minor unit as a price is written."""
        ...

    def language(self, code: str) -> str:
        """The name of another language; its code where it has none."""
        ...


Spoken: TypeAlias = Mapping[str, Mapping[str, ActWords]]
"""How mails speak of acts: by the playbook whose mails they are, `EVERY` for all, then by the event's folded name."""
EVERY = ""


@dataclass(frozen=True, slots=True)
class Locale:
    """One language, and how the business speaks in it of what a lead did."""

    language: str
    words: Words
    forms: Forms
    acts: Spoken

    def act(self, playbook: str, event: str) -> ActWords:
        """The act of this event: the playbook's words, else those of the signals, else neutral ones."""
        told = (self.acts.get(place, {}).get(event.casefold()) for place in (playbook, EVERY))
        return next((each for each in told if each is not None), self.words.act)

    @property
    def gap(self) -> str:
        """What stands between two sentences."""
        return " " if self.words.spaces else ""


Locales: TypeAlias = Mapping[str, Locale]


def locale_of(wanted: str, program: Program, locales: Locales) -> Locale:
    """The lead's language where the business writes it, else the brand's first."""
    return locales.get(wanted) or locales[program.brand.languages[0]]
