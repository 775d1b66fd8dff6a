"""Which piece of content a key means, where several may claim one: the first in their order, at any time."""

from bisect import bisect_left, insort

from msgspec import Struct


class Entry(Struct, frozen=True, gc=False):
    """A piece as it is looked up; `place` is its place in the file, for all of the topic the one behind the file."""

    place: int
    id: str
    title: str
    url: str | None
    topics: tuple[str, ...]

    @property
    def order(self) -> tuple[int, str]:
        """Who comes first has the key."""
        return self.place, self.id


class Claimed:
    """The entries by a key of theirs, changed one by one: nearly every key is one entry's alone, and costs no list.

    Law: whatever is put and dropped in whatever order, a key gives the first of those that are there.
    """

    __slots__ = ("_first", "_others")

    def __init__(self) -> None:
        self._first: dict[str, Entry] = {}
        self._others: dict[str, list[Entry]] = {}

    def get(self, key: str) -> Entry | None:
        """Whose the key is."""
        return self._first.get(key)

    def put(self, key: str, entry: Entry) -> None:
        """Let an entry that is not there claim the key."""
        first = self._first.setdefault(key, entry)
        if first is not entry:
            if entry.order < first.order:
                self._first[key], entry = entry, first
            insort(self._others.setdefault(key, []), entry, key=_order)

    def drop(self, key: str, entry: Entry) -> None:
        """Let an entry that is there give the key back."""
        others = self._others.get(key, [])
        if self._first[key] is not entry:
            del others[bisect_left(others, entry.order, key=_order)]
        elif others:
            self._first[key] = others.pop(0)
        else:
            del self._first[key]
        if not others:
            self._others.pop(key, None)


def _order(entry: Entry) -> tuple[int, str]:
    return entry.order
