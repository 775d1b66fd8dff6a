"""The import of a business's past: every good row is published, every bad one is named by line and field.

How far it came is in a small file beside the rows, so that an import that was stopped goes on where it was.
"""

import csv
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from services.ingest.core.history import BadRow
from services.ingest.core.records import Outgoing
from services.runtime.lines import numbered
from services.runtime.outcome import Misconfigured

BATCH = 500  # rows between two acks, and two positions
MOST_LINE_BYTES = 100_000
CSV, JSON_LINES = ".csv", frozenset({".jsonl", ".ndjson"})
NEEDED = ("course_id", "occurred_at")
PERSON = frozenset({"user_id", "email"})
POSITION = ".position"

Raw = bytes | dict[str, Any] | BadRow
Read = Callable[[int, bytes | dict[str, Any]], Outgoing | BadRow]
Publish = Callable[[Sequence[Outgoing]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to: rows published (of a dry run: good), rows an earlier run had done, and the bad ones."""

    rows: int
    before: int
    bad: tuple[BadRow, ...]


async def import_history(
    path: Path, read: Read, publish: Publish | None, say: Callable[[str], None], *, batch: int = BATCH
) -> Imported:
    """Publish the rows of a CSV or JSON Lines file in their order; `publish` None: only check them.

    Raises:
        Misconfigured: the file cannot be read, or has no header with the columns that are needed.
        Unavailable: the broker did not take a row; the next run goes on behind the last batch it took.
    """
    position = None if publish is None else _Position(path)
    before = 0 if position is None else position.rows
    good: list[Outgoing] = []
    bad: list[BadRow] = []
    published = seen = 0

    async def flush() -> None:
        nonlocal published
        if publish is not None and good:
            await publish(good)
        published += len(good)
        good.clear()
        if position is not None and seen > before:
            position.move(seen)
            say(f"{seen} rows done, {published} published, {len(bad)} bad")

    for line, raw in _rows(path):
        seen += 1
        if seen <= before:
            continue
        row = raw if isinstance(raw, BadRow) else read(line, raw)
        if isinstance(row, BadRow):
            bad.append(row)
            say(f"{path}:{row.line}: {row.problem}")
        else:
            good.append(row)
        if (seen - before) % batch == 0:
            await flush()
    await flush()
    return Imported(published, min(before, seen), tuple(bad))


class _Position:
    """The rows of this very file that are done; a file that has changed begins anew."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + POSITION)
        try:
            with path.open("rb") as file:
                self._digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _unreadable(path, error) from error
        self.rows = self._held()

    def move(self, rows: int) -> None:
        """So many rows are done; a crash leaves the old position or the new one."""
        new = self._path.with_name(self._path.name + ".new")
        new.write_text(json.dumps({"sha256": self._digest, "rows": rows}) + "\n", encoding="utf-8")
        new.replace(self._path)

    def _held(self) -> int:
        if not self._path.exists():
            return 0
        try:
            held = json.loads(self._path.read_text(encoding="utf-8"))
            return int(held["rows"]) if held["sha256"] == self._digest else 0
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Misconfigured(f"{self._path}: expected a position of an import: {error!r}; delete it") from error


def _rows(path: Path) -> Iterator[tuple[int, Raw]]:
    suffix = path.suffix.lower()
    try:
        if suffix == CSV:
            with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
                yield from _csv_rows(path, file)
        elif suffix in JSON_LINES:
            with path.open("rb") as lines:
                yield from _json_rows(lines)
        else:
            raise Misconfigured(f"{path}: expected a file that ends in {CSV} or {' or '.join(sorted(JSON_LINES))}")
    except OSError as error:
        raise _unreadable(path, error) from error


def _json_rows(file: BinaryIO) -> Iterator[tuple[int, Raw]]:
    for line, raw in numbered(file, MOST_LINE_BYTES):
        if len(raw) > MOST_LINE_BYTES:
            yield line, BadRow(line, f"row: expected at most {MOST_LINE_BYTES} bytes")
        elif raw.strip():
            yield line, raw


def _csv_rows(path: Path, file: TextIO) -> Iterator[tuple[int, Raw]]:
    rows = csv.reader(file, strict=True)
    header = [name.strip().lower() for name in next(rows, [])]
    missing = [name for name in NEEDED if name not in header]
    if missing or PERSON.isdisjoint(header):
        needed = f"{', '.join(NEEDED)} and one of {' or '.join(sorted(PERSON))}"
        raise Misconfigured(f"{path}: expected a first line with the columns {needed}; it has {', '.join(header)!r}")
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield rows.line_num, BadRow(rows.line_num, f"row: {error}")
            continue
        if len(cells) > len(header):
            yield rows.line_num, BadRow(rows.line_num, f"row: expected {len(header)} cells, {len(cells)} came")
        elif any(cells):
            yield rows.line_num, {name: cell for name, cell in zip(header, cells, strict=False) if cell.strip()}


def _unreadable(path: Path, error: OSError) -> Misconfigured:
    return Misconfigured(f"{path}: {error.strerror}; expected a file with one enrolment or completion a row")
