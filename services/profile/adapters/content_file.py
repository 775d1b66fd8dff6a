"""The rows of a file of content, read one by one: YAML as `content.yaml`, CSV, or JSON Lines, by the file's name."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from schemas.content import PublishedPiece
from schemas.problems import MAX_SHOWN
from services.rules.content import FIELDS, NoPiece, Problem, piece_of
from services.runtime.lines import numbered, table
from services.runtime.outcome import Misconfigured
from services.runtime.yaml_text import YamlError, read_yaml_rows

YAML, CSV, JSON_LINES = (".yaml", ".yml"), (".csv",), (".jsonl", ".ndjson")
EXPECTED = f"expected a readable file that ends in {', '.join((*YAML, *CSV, *JSON_LINES))}"
NEEDED = frozenset(name for name, field in PublishedPiece.model_fields.items() if field.is_required())
MOST_LINE_BYTES = 100_000  # several times the longest piece
MOST_NAMED = 3  # problems of one row

Row: TypeAlias = tuple[int, PublishedPiece | str, float]
"""The line it begins at, the piece or what is wrong, and the share of the file read so far."""


def rows(path: Path) -> Iterator[Row]:
    """Every row that is not blank.

    Raises:
        Misconfigured: the file cannot be read, or as a whole it is none of pieces.
    """
    suffix = path.suffix.lower()
    try:
        if suffix in YAML:
            yield from _of_yaml(path)
        elif suffix in (*CSV, *JSON_LINES):
            size = max(1, path.stat().st_size)
            with path.open("rb") as file:
                for line, row in _of_table(path, file) if suffix in CSV else _of_lines(file):
                    yield line, row, file.tell() / size
        else:
            raise Misconfigured(f"{path}: {EXPECTED}")
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}; {EXPECTED}") from error


def _of_yaml(path: Path) -> Iterator[Row]:
    try:
        beside, found = read_yaml_rows(path.read_text(encoding="utf-8-sig"), "content")
    except (UnicodeDecodeError, YamlError) as error:
        told = " ".join(str(error).split())
        raise Misconfigured(f"{path}: expected YAML as content.yaml, version: 1 and content: [...]; {told}") from error
    if beside != {"version": 1}:
        raise Misconfigured(f"{path}: expected version: 1 beside content; came {dict(beside)!r:.200}")
    items = list(found)
    for number, (line, said) in enumerate(items, start=1):
        row = " ".join(str(said).split()) if isinstance(said, YamlError) else _piece(said)
        yield line, row, number / len(items)


def _of_lines(file: BinaryIO) -> Iterator[tuple[int, PublishedPiece | str]]:
    for line, raw in numbered(file, MOST_LINE_BYTES):
        if len(raw) > MOST_LINE_BYTES:
            yield line, f"line: expected at most {MOST_LINE_BYTES} bytes"
        elif raw.strip():
            try:
                yield line, _piece(json.loads(raw))
            except (ValueError, RecursionError) as error:
                yield line, f"line: expected JSON; {error}"


def _of_table(path: Path, file: BinaryIO) -> Iterator[tuple[int, PublishedPiece | str]]:
    header, found = table(file, MOST_LINE_BYTES)
    if not (NEEDED <= {*header} <= FIELDS and len({*header}) == len(header)):
        columns = f"expected columns out of {', '.join(sorted(FIELDS))}, each once, {', '.join(sorted(NEEDED))} among"
        raise Misconfigured(f"{path}: {columns} them; came {', '.join(header)!r:.200}")
    for line, cells in found:
        if isinstance(cells, str):
            yield line, cells
        elif len(cells) != len(header):
            yield line, f"row: expected {len(header)} cells as in the header, came {len(cells)}"
        else:
            yield line, _piece({name: cell for name, cell in zip(header, cells, strict=True) if cell.strip()})


def _piece(said: Any) -> PublishedPiece | str:
    """The piece, or what is wrong with the row, field by field with what came."""
    if not isinstance(said, Mapping) or not all(isinstance(each, str) for each in said):
        return f"row: expected the fields of a piece by name; came {_shown(said)}"
    try:
        return piece_of(said)
    except NoPiece as error:
        told = [_sentence(each) for each in error.problems[:MOST_NAMED]]
        more = len(error.problems) - MOST_NAMED
        return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def _sentence(problem: Problem) -> str:
    if problem.field in NEEDED and isinstance(problem.came, Mapping):  # pydantic gives the whole of what lacks a field
        return f"{problem.field}: {problem.expected}"
    return f"{problem.field}: {problem.expected}; came {_shown(problem.came)}"


def _shown(came: object) -> str:
    """What came, where it is short, else how much; in ASCII, since it may hold what no terminal should show."""
    if isinstance(came, str) and len(came) > MAX_SHOWN:
        return f"{len(came)} characters"
    return ascii(came) if isinstance(came, str | int | float | None) else f"a {type(came).__name__}"
