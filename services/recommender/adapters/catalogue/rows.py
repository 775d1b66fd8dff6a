"""The rows of a catalogue file, read one by one: JSON Lines, or CSV where the file's name ends so."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

from schemas.course import Course
from services.recommender.core.import_rows import BadRow, course_of, course_of_cells, header_problem
from services.runtime.lines import numbered, table
from services.runtime.outcome import Misconfigured

MOST_LINE_BYTES = 1_000_000  # Kafka's default limit of a record

Row: TypeAlias = tuple[int, Course | BadRow, float]
"""The line it begins at, what it is, and the share of the file read so far."""


def rows(path: Path) -> Iterator[Row]:
    """Every row that is not blank.

    Raises:
        Misconfigured: the file cannot be read, or is a table without a catalogue's columns.
    """
    try:
        size = max(1, path.stat().st_size)
        with path.open("rb") as file:
            found = _table(path, file) if path.suffix.lower() == ".csv" else _json_lines(file)
            for line, row in found:
                yield line, row, file.tell() / size
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}; expected one course a line, as JSON, or a .csv") from error


def _json_lines(file: BinaryIO) -> Iterator[tuple[int, Course | BadRow]]:
    for line, raw in numbered(file, MOST_LINE_BYTES):
        if len(raw) > MOST_LINE_BYTES:
            yield line, BadRow(line, f"line: expected at most {MOST_LINE_BYTES} bytes")
        elif raw.strip():
            yield line, course_of(line, raw)


def _table(path: Path, file: BinaryIO) -> Iterator[tuple[int, Course | BadRow]]:
    header, found = table(file, MOST_LINE_BYTES)
    if (problem := header_problem(header)) is not None:
        raise Misconfigured(f"{path}: {problem}")
    for line, cells in found:
        yield line, BadRow(line, cells) if isinstance(cells, str) else course_of_cells(line, header, cells)
