"""Courses that build on each other: a later part is not for whom the earlier are unknown.

A catalogue says so by `after`; where it does not, titles do: "Payroll 2", "Netzwerktechnik Teil 2", "Part III: Tests".
So does what closes a series: "Data Science: Capstone". A bare number says so only where the
first of that name is in the catalogue too: "Python 3" is no second part.
Titles are believed of leads alone: of real learners, who may have learnt the earlier part elsewhere, it costs .001 of
hit@10.
"""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from schemas.course import Course

TITLES_KEPT = 20_000
_WORDS = "part|pt|teil|partie|parte|level|stufe|niveau|nivel|nível|module|modul|módulo|volume|vol|step"
_NUMBER = r"(?P<number>[1-9]|I{1,3}|IV|VI{0,3}|IX)"
_NAMED = re.compile(rf"^(?P<name>.*?)[\s,:(\u2013\u2014-]*\b(?:{_WORDS})\.?\s*{_NUMBER}\b(?P<rest>.*)$", re.IGNORECASE)
_BARE = re.compile(rf"^(?P<name>.*\S)\s+{_NUMBER}(?P<rest>\s*(?:[:(\u2013\u2014].*)?)$")
_ENDS = (
    r"capstone(?: (?:project|exam|course))?|(?:comprehensive|final) exams?|final project|proyecto final|projeto final"
    r"|projet final|progetto finale|abschlussprojekt|abschlussprüfung|eindproject|eindexamen"
)
_LAST = re.compile(
    rf"^(?P<name>.*?)(?:[\s,]*[:(\u2013\u2014-]\s*(?:{_ENDS})(?:\s*\(.*\))?|\s+capstone(?:\s(?:project|exam|course))?)$"
    rf"|^(?:{_ENDS})\s*(?:[:\u2013\u2014-]|in\b|for\b|de\b|van\b|$)\s*(?P<of>.*)$",
    re.IGNORECASE,
)
LAST = 99  # the number of a part that closes a series: an exam, a project over all of it
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9}


class Part(NamedTuple):
    """Which part of which series a title names; `is_named`: by a word for it, not by a number alone."""

    name: str
    number: int
    is_named: bool


@lru_cache(TITLES_KEPT)
def part_of(title: str) -> Part | None:
    """The part a title names; None where it names none."""
    if (last := _LAST.match(title)) is not None:
        return Part(_name(last["name"] or last["of"] or ""), LAST, is_named=True)
    found = _NAMED.match(title) or _BARE.match(title)
    if found is None:
        return None
    number = found["number"].upper()
    return Part(_name(found["name"]), _ROMAN.get(number) or int(number), is_named=found.re is _NAMED)


@dataclass(slots=True)
class Series:
    """Which series have a first part, kept as courses come and go. Law: the order of steps does not matter."""

    _firsts: Counter[str] = field(default_factory=Counter)

    def put(self, course: Course) -> None:
        """Count a course that is not counted yet."""
        if (name := _first(course)) is not None:
            self._firsts[name] += 1

    def drop(self, course: Course) -> None:
        """Count a course no more."""
        if (name := _first(course)) is not None:
            self._firsts[name] -= 1

    def is_too_early(self, course: Course, taken: Collection[str]) -> bool:
        """True for a course that builds on others of which the person took none; by titles, for who took no course.

        Args:
            course: the course.
            taken: ids of courses the person took or completed.
        """
        if course.after:
            return not set(course.after).intersection(taken)
        part = None if taken else part_of(course.title)
        return part is not None and part.number > 1 and (part.is_named or self._firsts[part.name] > 0)


def _name(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _first(course: Course) -> str | None:
    part = part_of(course.title)
    return part.name if part is not None and part.number == 1 else None
