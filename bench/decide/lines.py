"""Lines of JSON that others wrote: each is a value, or a problem that says what was expected, what came, what to do."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from pydantic import ValidationError

from schemas import problems
from services.runtime.lines import numbered
from services.runtime.outcome import Misconfigured

MOST_LINE_BYTES = 1_000_000  # Kafka's default limit of a record
MOST_PROBLEMS = 3  # named of one line
MOST_SHOWN = 60  # characters of what came

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Problem:
    """One line that is left out: of which file, its number from 1, and why."""

    path: Path
    line: int
    why: str

    def __str__(self) -> str:
        """As an editor finds it."""
        return f"{self.path}:{self.line}: {self.why}"


class Unfit(ValueError):  # noqa: N818 what a line is
    """A line holds something else than was expected; the message says what came and what to do."""


def read_lines(path: Path, expected: str, made: Callable[[Any], V]) -> Iterator[V | Problem]:
    """What each line that is not blank holds, in order. `made` gives it of the decoded JSON.

    Raises:
        Misconfigured: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield from lines_of(file, path, expected, made)
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}; expected {expected}, one a line") from error


def lines_of(file: BinaryIO, path: Path, expected: str, made: Callable[[Any], V]) -> Iterator[V | Problem]:
    """As `read_lines`, of a file that is open; `path` names it."""
    for number, raw in numbered(file, MOST_LINE_BYTES):
        if raw.strip():
            yield _line(path, number, raw, expected, made)


def _line(path: Path, number: int, raw: bytes, expected: str, made: Callable[[Any], V]) -> V | Problem:
    try:
        return made(_object(raw))
    except ValidationError as error:
        why = f"{_problems(error)}; mend these fields"
    except Unfit as error:
        why = str(error)
    return Problem(path, number, f"expected {expected}; {why}")


def _object(raw: bytes) -> dict[str, Any]:
    if len(raw) > MOST_LINE_BYTES:
        raise Unfit(f"more than {MOST_LINE_BYTES} bytes came; shorten the line")
    try:
        value = json.loads(raw)
    except ValueError as error:  # of JSON and of UTF-8
        raise Unfit(f"no JSON came ({error}); write one JSON object a line, in UTF-8") from None
    if not isinstance(value, dict):
        raise Unfit(f"{_shown(value)} came; write one JSON object a line")
    return value


def _problems(error: ValidationError) -> str:
    found = error.errors(include_url=False)
    said = [f"{problems.place(each, 'line')}: {problems.expected(each)}{_came(each)}" for each in found]
    rest = len(said) - MOST_PROBLEMS
    return "; ".join(said[:MOST_PROBLEMS]) + (f"; and {rest} more" if rest > 0 else "")


def _came(problem: Any) -> str:
    return "" if problem["type"] == "missing" else f", {_shown(problem['input'])} came"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
