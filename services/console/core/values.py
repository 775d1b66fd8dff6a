"""What is asked for, and what is found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from schemas.decision import Decision, Ending
from schemas.email import Feedback, OutboundEmail

PAGE_SIZE = 50
MAX_PAGE = 100_000
MAX_SEARCH = 300  # a person key is no longer
ENDINGS: tuple[str, ...] = get_args(Ending)


@dataclass(frozen=True, slots=True)
class Query:
    """One page of decisions; `ending` None is any, `person` is part of a person key or address, "" is anybody."""

    ending: str | None = None
    person: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class BadQuery:
    """What was expected of the request, and what came."""

    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One decision as the list shows it; `outcome` is the last word of feedback."""

    decision_id: str
    person: str
    stage: str
    ending: str
    reason: str
    event_name: str
    ended_at: datetime
    retry_at: datetime | None
    course: str | None
    subject: str | None
    outcome: str | None
    rungs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one page, newest first, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of one decision; `feedback` oldest first."""

    decision: Decision
    mail: OutboundEmail | None
    feedback: tuple[Feedback, ...]


def query_of(parameters: Mapping[str, str]) -> Query | BadQuery:
    """The query of a request's parameters; what is not given is the default."""
    ending = parameters.get("ending", "").strip() or None
    if ending is not None and ending not in ENDINGS:
        return BadQuery(f"ending: expected one of {', '.join(ENDINGS)}")
    page = parameters.get("page", "1").strip() or "1"
    if not (page.isascii() and page.isdigit() and 1 <= int(page[:7]) <= MAX_PAGE):
        return BadQuery(f"page: expected a number from 1 to {MAX_PAGE}")
    person = parameters.get("person", "").strip()
    if len(person) > MAX_SEARCH:
        return BadQuery(f"person: expected at most {MAX_SEARCH} characters")
    return Query(ending, person, int(page[:7]))
