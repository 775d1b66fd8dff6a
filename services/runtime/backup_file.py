"""A file that holds one compacted topic as the broker had it: partition, time, key, value and headers of each record.

Lines of JSON, compressed: what it is, a line a record (bytes as base64), and how many there are, by which a file that
was cut off is known. It holds what the topic holds, names and addresses too, so only its owner may read it.
"""

import gzip
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from services.runtime.outcome import Misconfigured

FORMAT = 1
SUFFIX = ".jsonl.gz"
LEVEL = 1  # of compression: the least, since a restore is waited for
OWNER_ALONE = 0o600


class Head(msgspec.Struct, frozen=True, tag="topic", tag_field="line"):
    """The first line: which topic, of how many partitions, and when its ends were asked for."""

    topic: str
    partitions: int
    taken_at: str
    format: int = FORMAT


class Row(msgspec.Struct, frozen=True, tag="record", tag_field="line"):
    """One record; `value` None is a tombstone."""

    partition: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()

    def moved(self, partition: int) -> Self:
        """The same record in another partition."""
        return msgspec.structs.replace(self, partition=partition)


class End(msgspec.Struct, frozen=True, tag="end", tag_field="line"):
    """The last line: how many records there are."""

    records: int


LINES = msgspec.json.Decoder(Head | Row | End)


class BackupWriter:
    """Writes beside the file and takes its name at the end, so that a backup that fails leaves the one before."""

    def __init__(self, path: Path, head: Head) -> None:
        self._path, self._beside = path, path.with_name(f".{path.name}.part")
        self._head = head
        self._encoder = msgspec.json.Encoder()
        self.records = 0

    def __enter__(self) -> Self:
        """Begin with the first line.

        Raises:
            Misconfigured: it cannot be written there.
        """
        try:
            self._raw = os.fdopen(os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ALONE), "wb")
        except OSError as error:
            raise Misconfigured(f"cannot write {self._path}: {error.strerror}: name a folder that is there") from error
        self._file = gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=self._raw)
        self._line(self._head)
        return self

    def write(self, row: Row) -> None:
        """One record more."""
        self.records += 1
        self._line(row)

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Whole: on the disk and in place. Else nothing is left of it."""
        if kind is None:
            self._line(End(self.records))
        self._file.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()
        if kind is None:
            self._beside.replace(self._path)
        else:
            self._beside.unlink()

    def _line(self, line: Head | Row | End) -> None:
        self._file.write(self._encoder.encode(line) + b"\n")


def head_of(path: Path) -> Head:
    """What the file says it is.

    Raises:
        Misconfigured: it is no backup, or one of another version.
    """
    head = next(_lines(path), None)
    if not isinstance(head, Head) or head.format != FORMAT:
        raise Misconfigured(f"{path}: expected a backup of format {FORMAT}, as `kindling backup` writes it; it is none")
    return head


def rows_of(path: Path) -> Iterator[Row]:
    """Its records, in the order of each partition.

    Raises:
        Misconfigured: it is cut off or damaged; what was given before is right.
    """
    count = 0
    for line in _lines(path):
        match line:
            case Row():
                count += 1
                yield line
            case End(records=records) if records == count:
                return
            case End(records=records):
                raise Misconfigured(f"{path}: it says that it has {records} records, and has {count}: take another")
            case Head():
                continue
    raise Misconfigured(f"{path}: it is cut off after {count} records: take another backup")


def _lines(path: Path) -> Iterator[Head | Row | End]:
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                yield LINES.decode(line)
    except FileNotFoundError as error:
        raise Misconfigured(f"{path}: there is no such file") from error
    except (OSError, EOFError, zlib.error, msgspec.MsgspecError) as error:
        raise Misconfigured(f"{path}: it is no whole backup: {error}") from error
