"""Records whose header names are no UTF-8 are read: one byte of a stranger must not end every reader of its topic.

aiokafka 0.14.0 decodes names strictly while it unpacks a batch, in C, where nothing can be put right. A batch that it
cannot unpack is read again by its own slower reader, over bytes that write out what is no UTF-8.
"""

import struct
from collections.abc import Iterator
from typing import Any, SupportsIndex

import aiokafka.consumer.fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy as SlowBatch
from aiokafka.record.memory_records import MemoryRecords

LENGTH = struct.Struct(">i")  # of what follows it, behind the eight bytes of a batch's first offset, in every format
LENGTH_AT, FRAME_BYTES = 8, 12


def read_any_header_name() -> None:
    """Let every client read names that are no UTF-8. Idempotent."""
    aiokafka.consumer.fetcher.MemoryRecords = AnyRecords


class AnyRecords:
    """The batches of a fetch."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._plain = MemoryRecords(raw)
        self._at = 0

    def size_in_bytes(self) -> int:
        """Of the fetch."""
        return int(self._plain.size_in_bytes())

    def has_next(self) -> bool:
        """True if a whole batch is left."""
        return bool(self._plain.has_next())

    def next_batch(self) -> Any:
        """The next batch, or None."""
        batch = self._plain.next_batch()
        if batch is None:
            return None
        start = self._at
        self._at += FRAME_BYTES + LENGTH.unpack_from(self._raw, start + LENGTH_AT)[0]
        return AnyBatch(batch, memoryview(self._raw)[start : self._at])


class AnyBatch:
    """One batch; what it says of itself is the library's."""

    def __init__(self, plain: Any, raw: memoryview) -> None:
        self._plain = plain
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        """What the library's batch says."""
        return getattr(self._plain, name)

    def __next__(self) -> Any:
        """The one record of a control batch."""
        return next(self._plain)

    def __iter__(self) -> Iterator[Any]:
        """The records; where a name is no UTF-8, from the first again: the fetcher passes over what it has."""
        try:
            yield from self._plain
        except (UnicodeDecodeError, CorruptRecordException) as error:
            if not isinstance(error.__cause__ or error, UnicodeDecodeError):
                raise
            slow = SlowBatch(self._raw)
            iter(slow)
            slow._buffer = _Legible(slow._buffer)  # noqa: SLF001
            yield from slow


class _Legible(bytearray):
    """Bytes that decode, whatever they are."""

    def __getitem__(self, at: SupportsIndex | slice) -> Any:
        found = super().__getitem__(at)
        return _Legible(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)
