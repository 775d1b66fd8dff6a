"""The persons of one partition that were read or written last, bounded by bytes: hot ones decoded, cold ones encoded.

A step takes a person out, and its commit gives them back with the bytes it wrote: those are what the cold tier keeps,
so nobody is encoded twice. Below it lies the store.
"""

from collections import OrderedDict

from services.profile.core.person import Person, decode

DECODED = 5  # a decoded person by their encoded bytes: 4.3 to 4.8 by tracemalloc, more by RSS (27 November 2026)
ENTRY_BYTES = 250  # of a person's id, the bytes object's head and the row of the table
HOT_SHARE = 0.75  # of the bound; a decoded person spares 30 to 80 µs, an encoded one about 10, of six times the room


class PersonCache:
    """At most so many bytes, by the measured sizes above. What is not there may lie in the store.

    Laws: what `take` gives is what was kept last; `held_bytes` is never above the bound; what was taken is not there
    until it is kept again.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit, self._hot_limit = limit_bytes, int(limit_bytes * HOT_SHARE)
        self._hot: OrderedDict[str, tuple[Person, bytes]] = OrderedDict()
        self._cold: OrderedDict[str, bytes] = OrderedDict()
        self._hot_bytes = self._cold_bytes = 0

    @property
    def held_bytes(self) -> int:
        """What it takes up, as estimated."""
        return self._hot_bytes + self._cold_bytes

    def take(self, person: str) -> Person | None:
        """The person, who is the caller's from now on; None where the cache does not hold them."""
        if (hot := self._hot.pop(person, None)) is not None:
            self._hot_bytes -= _hot_size(hot[1])
            return hot[0]
        if (raw := self._cold.pop(person, None)) is not None:
            self._cold_bytes -= _cold_size(raw)
            return decode(raw)
        return None

    def keep(self, person: str, value: Person, raw: bytes) -> None:
        """Hold the person as committed; `raw` is their encoded value. Who was not asked for longest goes first."""
        self._drop(person)
        self._hot[person] = value, raw
        self._hot_bytes += _hot_size(raw)
        while self._hot_bytes > self._hot_limit:
            cooled, (_, kept) = self._hot.popitem(last=False)
            self._hot_bytes -= _hot_size(kept)
            self._cold[cooled] = kept
            self._cold_bytes += _cold_size(kept)
        while self.held_bytes > self._limit:
            _, gone = self._cold.popitem(last=False)
            self._cold_bytes -= _cold_size(gone)

    def _drop(self, person: str) -> None:
        if (hot := self._hot.pop(person, None)) is not None:
            self._hot_bytes -= _hot_size(hot[1])
        elif (raw := self._cold.pop(person, None)) is not None:
            self._cold_bytes -= _cold_size(raw)


def _hot_size(raw: bytes) -> int:
    return len(raw) * (DECODED + 1) + ENTRY_BYTES


def _cold_size(raw: bytes) -> int:
    return len(raw) + ENTRY_BYTES
