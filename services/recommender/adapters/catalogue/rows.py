"""The rows of a catalogue file, read one by one: JSON Lines, or CSV where the file's name ends so."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

from schemas.course import Course
from services.recommender.core.import_rows import BadRow, course_of, course_of_cells, header_problem
from services.runtime.lines import BOM, numbered
from services.runtime.outcome import Misconfigured

MOST_LINE_BYTES = 1_000_000  # Kafka's default limit of a record
DELIMITERS = ",;\t"

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
    first = file.readline(MOST_LINE_BYTES).removeprefix(BOM).decode("utf-8", "surrogateescape")
    delimiter = max(DELIMITERS, key=first.count)
    header = [each.strip() for each in next(csv.reader([first], delimiter=delimiter), [])]
    if (problem := header_problem(header)) is not None:
        raise Misconfigured(f"{path}: {problem}")
    text = (raw.decode("utf-8", "surrogateescape") for _, raw in numbered(file, MOST_LINE_BYTES))
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 2  # it counts from 0 behind the header
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, BadRow(line, f"row: {error}")
            continue
        if any(cells):
            yield line, course_of_cells(line, header, cells)
