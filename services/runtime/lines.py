"""Lines of a file or a pipe, one by one: of one that is too long only so much is held as shows it.

Of a table the cells: its first line is the header, and says what stands between cells.
"""

import csv
from collections.abc import Iterator
from typing import BinaryIO, TypeAlias

BOM = b"\xef\xbb\xbf"
DELIMITERS = ",;\t"

Line: TypeAlias = tuple[int, bytes]
"""Its number, from 1, and its bytes with their line end."""
Cells: TypeAlias = tuple[int, list[str] | str]
"""The line a row begins at, and its cells, or what is wrong with it."""


def numbered(file: BinaryIO, most_bytes: int) -> Iterator[Line]:
    """Each line; one of more than `most_bytes` comes as its first `most_bytes` + 1, and is still one line.

    Only a line feed ends a line: the other separators of Unicode may stand in a text of JSON.
    """
    number = 0
    while raw := file.readline(most_bytes + 1):
        number += 1
        whole = raw
        while len(raw) > most_bytes and not raw.endswith(b"\n"):
            raw = file.readline(most_bytes + 1)
        yield number, whole.removeprefix(BOM) if number == 1 else whole


def table(file: BinaryIO, most_line_bytes: int) -> tuple[list[str], Iterator[Cells]]:
    """The header, and every row that is not blank."""
    first = file.readline(most_line_bytes).removeprefix(BOM).decode("utf-8", "surrogateescape")
    delimiter = max(DELIMITERS, key=first.count)
    header = [each.strip() for each in next(csv.reader([first], delimiter=delimiter), [])]
    return header, _rows(file, most_line_bytes, delimiter)


def _rows(file: BinaryIO, most_line_bytes: int, delimiter: str) -> Iterator[Cells]:
    text = (raw.decode("utf-8", "surrogateescape") for _, raw in numbered(file, most_line_bytes))
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 2  # it counts from 0 behind the header
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"row: {error}"
            continue
        if any(cells):
            yield line, cells
