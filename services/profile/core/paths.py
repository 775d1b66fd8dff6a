"""Which piece of content a path names, without a look at every pattern: whole paths, and heads that end in `*`."""

import re
from collections import Counter
from collections.abc import Iterator

from services.profile.core.claimed import Claimed, Entry
from services.profile.core.patterns import pattern

_BINDS = re.compile(r"\{item\}|\{topic\}")
_REST = "/*"


class Paths:
    """The entries with a URL; a path gives the first in order of those whose pattern (`patterns.pattern`) matches it.

    A pattern that binds a segment is matched one by one: only a file has some.
    """

    __slots__ = ("_bound", "_heads", "_lengths", "_whole")

    def __init__(self) -> None:
        self._whole, self._heads = Claimed(), Claimed()
        self._lengths: Counter[int] = Counter()
        self._bound: dict[Entry, re.Pattern[str]] = {}

    def put(self, entry: Entry, url: str) -> None:
        """Let an entry that is not there claim its paths."""
        if _BINDS.search(url):
            self._bound[entry] = pattern(url)
            return
        whole, head = _split(url)
        if whole is not None:
            self._whole.put(whole, entry)
        if head is not None:
            self._heads.put(head, entry)
            self._lengths[len(head)] += 1

    def drop(self, entry: Entry, url: str) -> None:
        """Let an entry that is there give them back."""
        if self._bound.pop(entry, None) is not None:
            return
        whole, head = _split(url)
        if whole is not None:
            self._whole.drop(whole, entry)
        if head is not None:
            self._heads.drop(head, entry)
            self._lengths[len(head)] -= 1
            if not self._lengths[len(head)]:
                del self._lengths[len(head)]

    def get(self, path: str) -> Entry | None:
        """Whose the path is."""
        return min(self._matching(path), key=lambda entry: entry.order, default=None)

    def _matching(self, path: str) -> Iterator[Entry]:
        keys = [path, path.removesuffix("/")] if path.endswith("/") else [path]
        found = [self._whole.get(key) for key in keys]
        found += [self._heads.get(path[:length]) for length in self._lengths if length <= len(path)]
        yield from filter(None, found)
        yield from (entry for entry, shape in self._bound.items() if shape.fullmatch(path))


def _split(url: str) -> tuple[str | None, str | None]:
    """The path that matches whole, a slash at its end or none, and what a path begins with that `*` goes on from."""
    takes_rest = url.endswith(_REST)
    body = url.removesuffix(_REST).rstrip("/")
    if body.endswith("*"):
        return None, body[:-1]
    return body, f"{body}/" if takes_rest else None
