"""The persons of one partition that were written last, encoded, bounded by bytes. Below it lies the store.

A decoded person takes five times the room, in some hundred places of memory: to look them all up again costs as much
as to decode the person, so none is kept.
"""

from collections import OrderedDict

ENTRY_BYTES = 250  # of a person's id, the bytes object's head and the row of the table


class PersonCache:
    """At most so many bytes, heads and ids among them. What is not there may lie in the store.

    Laws: what `get` gives is what was kept last; `held_bytes` is never above the bound.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit, self.held_bytes = limit_bytes, 0
        self.hits, self.misses = 0, 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def get(self, person: str) -> bytes | None:
        """The person as kept; None where the cache does not hold them."""
        raw = self._kept.get(person)
        if raw is None:
            self.misses += 1
        else:
            self.hits += 1
        return raw

    def looked_up(self) -> tuple[int, int]:
        """How often it had a person and how often not, since this was asked last."""
        found, self.hits, self.misses = (self.hits, self.misses), 0, 0
        return found

    def keep(self, person: str, raw: bytes) -> None:
        """Hold the person as committed. Who was not written for longest goes first."""
        if (before := self._kept.pop(person, None)) is not None:
            self.held_bytes -= len(before) + ENTRY_BYTES
        self._kept[person] = raw
        self.held_bytes += len(raw) + ENTRY_BYTES
        while self.held_bytes > self._limit:
            _, gone = self._kept.popitem(last=False)
            self.held_bytes -= len(gone) + ENTRY_BYTES
