"""A verified store in memory, for tests; it can be brought back to what a crash would leave."""

from collections.abc import Iterator, Mapping

from services.profile.ports import Size


class FakeStore:
    """`values` and `offset` are as written; `crash` forgets what was not flushed."""

    def __init__(self, values: Mapping[bytes, bytes] | None = None, offset: int | None = None) -> None:
        self.values, self.offset = dict(values or {}), offset
        self._flushed = dict(self.values), offset

    @property
    def size(self) -> Size:
        """As it is."""
        return Size(len(self.values), sum(len(key) + len(value) for key, value in self.values.items()))

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        return self.values.get(key)

    def write(self, values: Mapping[bytes, bytes | None], offset: int) -> None:
        """Put values (None deletes) and the offset."""
        for key, value in values.items():
            if value is None:
                self.values.pop(key, None)
            else:
                self.values[key] = value
        self.offset = offset

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Every key and value, in the order of the keys' bytes."""
        yield from sorted(self.values.items())

    def flush(self) -> None:
        """Keep what is there for good."""
        self._flushed = dict(self.values), self.offset

    def crash(self) -> None:
        """Come back as of the last flush."""
        values, self.offset = self._flushed
        self.values = dict(values)
