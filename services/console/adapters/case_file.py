"""Cases from a file, one a line, as `explain --json` prints them."""

from collections.abc import Iterator
from pathlib import Path

from schemas.replay import MOST_LINE_BYTES, Case, NoCase, row_of
from services.runtime.lines import numbered
from services.runtime.outcome import Misconfigured


def read_cases(path: Path) -> Iterator[Case | NoCase]:
    """The cases of the file, one by one; a line that is none says what was expected.

    Raises:
        Misconfigured: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            for number, raw in numbered(file, MOST_LINE_BYTES):
                if raw.strip():
                    yield row_of(number, raw)
    except OSError as error:
        raise Misconfigured(f"{path}: expected a readable file of cases: {error.strerror}") from None
