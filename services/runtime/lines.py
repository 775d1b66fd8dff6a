"""Lines of a file or a pipe, one by one: of one that is too long only so much is held as shows it."""

from collections.abc import Iterator
from typing import BinaryIO, TypeAlias

BOM = b"\xef\xbb\xbf"

Line: TypeAlias = tuple[int, bytes]
"""Its number, from 1, and its bytes with their line end."""


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
