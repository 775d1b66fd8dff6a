"""What of a person's signals is the business's own: found when a request is made, so that a fold needs no content.

The pieces are those of the program's file and, by id its newer word, those of `catalog.content`.
"""

from collections.abc import Callable, Collection, Iterable
from typing import TypeAlias

from schemas.content import PublishedPiece
from schemas.program import Piece
from services.profile.core.claimed import Claimed, Entry
from services.profile.core.meaning import MAX_TITLE
from services.profile.core.paths import Paths
from services.profile.core.patterns import words
from services.profile.core.text import clipped

ENTRY_BYTES = 500  # of a piece beside its texts: object, keys and their places (780 with texts, measured November 2026)
WIDE_BYTES = 4  # of a character, where one of its text is outside ASCII, at most

Registered: TypeAlias = Callable[[str | None, str | None], Entry | None]
"""Item and title of a signal to the piece that it is; None where the business registered none such."""


def nothing_registered(_item: str | None, _title: str | None) -> Entry | None:
    """No piece: the business has no content."""
    return None


class Content:
    """Finds a piece: by its id, by its title whatever case and signs, by its path where a page had no title.

    It changes in place, piece by piece, as the topic is read; a piece of the file is there for good, and seen while
    the topic says nothing of its id. Of several with one title or path the file's come first, in its order, then the
    topic's in that of their ids. `known`: the topics a piece may name, others are left out; None lets every one in.
    `most_bytes` bounds the memory of the topic's pieces, about; 0 is no bound.

    Law: below the bound what is found depends on the file and on the last word of each id, whatever was said before.
    """

    def __init__(
        self, filed: Iterable[Piece] = (), known: Collection[str] | None = None, *, most_bytes: int = 0
    ) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._known = None if known is None else {each: each for each in known}  # one text each, however many name it
        self._filed: dict[str, Entry] = {}
        self._by_id: dict[str, Entry] = {}
        self._by_title, self._paths = Claimed(), Paths()
        for place, each in enumerate(filed):
            self._filed[each.id] = Entry(place, each.id, each.title, each.url, each.topics)
            self._see(self._filed[each.id])
        self._behind = len(self._filed)

    def registered(self, item: str | None, title: str | None) -> Entry | None:
        """The piece that a signal is; a `Registered`."""
        said = words(title or "")
        if found := self._by_id.get(item or "") or (self._by_title.get(said) if said else None):
            return found
        return self._paths.get(title) if title and title.startswith("/") else None

    @property
    def size(self) -> int:
        """How many pieces there are, the file's among them."""
        return len(self._by_id)

    def put(self, piece: PublishedPiece) -> bool:
        """Take the topic's word of a piece; False where there is no room: then it is as if the topic said nothing."""
        self.withdraw(piece.id)
        entry = Entry(self._behind, piece.id, piece.title, piece.url, self._of(piece.topics))
        if self._most_bytes and self._bytes + _bytes_of(entry) > self._most_bytes:
            return False
        self._unsee(piece.id)
        self._bytes += _bytes_of(entry)
        self._see(entry)
        return True

    def withdraw(self, piece_id: str) -> None:
        """The topic says nothing of it any more: what the file says counts again."""
        entry, filed = self._by_id.get(piece_id), self._filed.get(piece_id)
        if entry is None or entry is filed:
            return
        self._bytes -= _bytes_of(entry)
        self._unsee(piece_id)
        if filed is not None:
            self._see(filed)

    def _of(self, topics: tuple[str, ...]) -> tuple[str, ...]:
        return topics if self._known is None else tuple(self._known[each] for each in topics if each in self._known)

    def _see(self, entry: Entry) -> None:
        self._by_id[entry.id] = entry
        if said := _said(entry):
            self._by_title.put(said, entry)
        if entry.url is not None:
            self._paths.put(entry, entry.url)

    def _unsee(self, piece_id: str) -> None:
        entry = self._by_id.pop(piece_id, None)
        if entry is None:
            return
        if said := _said(entry):
            self._by_title.drop(said, entry)
        if entry.url is not None:
            self._paths.drop(entry, entry.url)


def _said(entry: Entry) -> str:
    """The title as one is compared; empty where it has no word, which is nobody's title."""
    return words(clipped(entry.title, MAX_TITLE))


def _bytes_of(entry: Entry) -> int:
    """The memory of an entry, about: each text is there once, title and URL as keys once more."""
    texts = entry.id, entry.title, entry.title, entry.url or "", entry.url or ""
    return ENTRY_BYTES + sum(len(each) * (1 if each.isascii() else WIDE_BYTES) for each in texts)
