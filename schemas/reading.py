"""What a second reader answers: for each numbered line of a mail a verdict of a closed list, and why."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from schemas.values import Outside

Verdict: TypeAlias = Literal["supported", "not_supported", "asks_for_something_else", "talks_of_watching", "unsure"]
SUPPORTED: Verdict = "supported"
MOST_VERDICTS = 40  # a copy has at most 15 lines; one may be named twice


class LineVerdict(Outside):
    """One line, counted from 1."""

    line: int = Field(ge=1, strict=True)
    verdict: Verdict
    why: str = ""


class Reading(Outside):
    """Every verdict of an answer; a line that none is of has none, whatever is said of the others."""

    verdicts: Annotated[tuple[LineVerdict, ...], Field(max_length=MOST_VERDICTS)]
