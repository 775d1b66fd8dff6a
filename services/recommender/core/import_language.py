"""Whether a row's text is in the language the row says, and which of the two an import takes.

A row's word is good until its text speaks against it for long enough and surely enough.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from schemas.course import Course
from services.recommender.core.language_names import names_language

Detect: TypeAlias = Callable[[str], Mapping[str, float]]
"""The probability of each language there is to choose from, adding up to 1; empty for a text without a sign of any."""

# Measured on 27 November 2026 with py3langid 0.4.0 of 29 languages. Of the 13 lies of bench/judged/college.jsonl 9 are
# taken by their text, 3 are told and stand, 1 is not seen. No right label is changed: of its other 679 rows, of 975 of
# edX (by title, with summary, with description), of 8,196 titles of Udemy in small letters (one of them a lie), and of
# 2,864 English lines of companies, on which nothing was tuned. Of edX's Spanish rows said to be English 97 % are taken.
FEWEST_LETTERS = 15  # of a text that is asked about; from 12 on "html css course" would be told to be Russian
FEWEST_BYTES = 15  # of a piece: five characters of Chinese say as much as three words
MOST_CHARACTERS = 1_000  # of a text that are read: 0.5 ms
LIKELY = 0.5  # the least that a language is named at
HARDLY = 0.02  # the most the row's own language may have; twice that tells of 10 right titles more
SURE = 0.95  # asked of title and description
SURE_OF_A_TITLE = 0.97  # asked of a title alone: "heinrich schliemann" is German by .955
MOST_SURE = 0.99  # that is ever said
HOLDS = 0.8  # of a piece in the row's language, which makes the text one of two languages
COMMON = "en"  # titles in it are found over courses in every language
_PIECE = re.compile(r"[\n|.!?\u3002\uff01\uff1f]+")


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that says one language while its text is in another; `confidence` of `found` is from 0 to 1.

    `is_taken`: the text is believed; else the row's word stands. `why` says so in words.
    """

    line: int
    id: str
    says: str
    found: str
    confidence: float
    is_taken: bool
    why: str

    @property
    def taken(self) -> str:
        """The language the course is taken in by."""
        return self.found if self.is_taken else self.says

    @property
    def sentence(self) -> str:
        """What the row says, what its text is in, which is taken, and why."""
        which = f"{self.found!r} is taken" if self.is_taken else f"{self.says!r} stands"
        return (
            f"{self.id}: language: the row says {self.says!r}, its text seems to be {self.found!r} "
            f"({min(self.confidence, MOST_SURE):.0%} sure): {which}, since {self.why}"
        )


def difference(line: int, course: Course, detect: Detect) -> Difference | None:
    """What row and text disagree on; None where they agree, and where nothing can be told.

    Nothing can be told of a language that `detect` does not know, of a text too short, and of one that may well be in
    the row's language; nothing is asked of a course that is withdrawn.
    """
    text = f"{course.title}\n{course.description}".strip()[:MOST_CHARACTERS]
    if course.status != "open" or _letters(text) < FEWEST_LETTERS:
        return None
    by_language = detect(text)
    if course.language not in by_language or by_language[course.language] > HARDLY or _holds(text, course, detect):
        return None
    found = max(by_language, key=lambda each: (by_language[each], each))
    if by_language[found] < LIKELY:
        return None
    told = Difference(line, course.id, course.language, found, by_language[found], is_taken=False, why="")
    for stands, why in _doubts(told, course, text):
        if stands:
            return replace(told, why=why)
    return replace(told, is_taken=True, why="the text is long enough, and sure")


def as_taken(course: Course, told: Difference) -> Course:
    """The course in the language it is taken in by."""
    return course.model_copy(update={"language": told.taken})


def _doubts(told: Difference, course: Course, text: str) -> Iterator[tuple[bool, str]]:
    """What keeps the row's word standing; the first that holds is said."""
    is_title = not course.description.strip()
    sure, of = (SURE_OF_A_TITLE, "a title alone") if is_title else (SURE, "title and description")
    yield names_language(text, told.says), f"the text speaks of {told.says!r}, which may be what is spoken there"
    yield is_title and told.found == COMMON, f"a title alone in {COMMON!r} is found over courses in any language"
    yield told.confidence < sure, f"{sure:.0%} are asked of {of}"


def _holds(text: str, course: Course, detect: Detect) -> bool:
    """Whether a piece of the text is in the row's language: a text in two languages is in either."""
    pieces = (each for each in _PIECE.split(text) if len(each.strip().encode("utf-8", "replace")) >= FEWEST_BYTES)
    return any(detect(each).get(course.language, 0.0) >= HOLDS for each in pieces)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))
