"""What is found: rows, totals, one decision whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from schemas.decision import Decision, Ending
from schemas.email import Feedback, OutboundEmail

PAGE_SIZE = 50
ENDINGS: tuple[str, ...] = get_args(Ending)


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
class Totals:
    """How many decisions a choice has, how many of them ended as a mail, and what their models cost, in millionths.

    `is_at_least`: there are more, which nobody counted.
    """

    count: int = 0
    sent: int = 0
    cost_micros: int = 0
    is_at_least: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one page, newest first, and the totals of all pages.

    `is_cut`: the search names more people than are looked at.
    """

    rows: tuple[Row, ...]
    totals: Totals
    has_newer: bool = False
    has_older: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a filter may have, as people read it, and how many decisions have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of one decision; `feedback` oldest first."""

    decision: Decision
    mail: OutboundEmail | None
    feedback: tuple[Feedback, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """How often something happened in a span of time: `kind` is end, rung or asked; cost in millionths.

    `name`: of an end its stage, ending and reason, of a rung its stage and rung, of a question its stage.
    """

    kind: str
    name: tuple[str, ...]
    count: int
    cost_micros: int = 0
