"""A fact, and what its id says of it: whether it is of the course, and whether a text may take numbers and names of it.

An id is parts between `:` or `.`; a leading `fact` says nothing. So `course:title`, `course.takeaway.1`,
`fact:company`, `company.name`, `brand.claim.1`, `goal`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from services.rules.folding import REMEMBERED

COURSE = "course"
TITLE = (COURSE, "title")
# First parts of what the catalogue, the brand or a server said.
QUOTABLE = frozenset({COURSE, "brand", "conversion", "act", "topic"})
OFFERS = frozenset({COURSE, "brand"})
# The name alone: what else is known of a company is the person's word, or a website's.
COMPANY = frozenset({("company",), ("company", "name")})
AUDIENCE = "audience"
GOALS = frozenset({("goal",), ("job",), ("question",)})  # what a form asked, or what a reader is there to do
SIZES = frozenset({("company", "size"), ("company_size",)})
_BETWEEN = re.compile(r"[:.]")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the text may say, by the id a sentence cites it with.

    `is_course`: from the catalogue or the brand, which may carry numbers and names; what a person typed may not.
    """

    id: str
    text: str
    is_course: bool = True

    @property
    def is_title(self) -> bool:
        """True for the course's title."""
        return _parts(self.id) == TITLE

    @property
    def is_offer(self) -> bool:
        """True for what the catalogue or the brand says: what a reader did offers nothing."""
        return self.is_course and _parts(self.id)[0] in OFFERS

    @property
    def is_count(self) -> bool:
        """True for what is a number by nature, whoever said it: how large a company is."""
        return _parts(self.id) in SIZES

    @property
    def is_audience(self) -> bool:
        """True for whom the reader's company serves."""
        return _parts(self.id)[-1] == AUDIENCE

    @property
    def is_goal(self) -> bool:
        """True for what a reader said they want."""
        return _parts(self.id) in GOALS


def fact_of(identifier: str, text: str) -> Fact:
    """The fact of this id, in a brief of ours and from outside alike."""
    parts = _parts(identifier)
    return Fact(identifier, text, is_course=parts[0] in QUOTABLE or parts in COMPANY)


def is_of_course(identifier: str) -> bool:
    """True for the id of what the catalogue says of the course."""
    return _parts(identifier)[0] == COURSE


@lru_cache(maxsize=REMEMBERED)
def _parts(identifier: str) -> tuple[str, ...]:
    parts = tuple(_BETWEEN.split(identifier))
    return parts[1:] if len(parts) > 1 and parts[0] == "fact" else parts
