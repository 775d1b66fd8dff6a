"""What of a person's signals is the business's own: found when a request is made, so that a fold needs no content."""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from schemas.program import Piece
from services.profile.core.meaning import MAX_TITLE
from services.profile.core.patterns import pattern, words
from services.profile.core.text import clipped

Registered: TypeAlias = Callable[[str | None, str | None], Piece | None]
"""Item and title of a signal to the piece that it is; None where the business registered none such."""


def nothing_registered(_item: str | None, _title: str | None) -> Piece | None:
    """No piece: the program has no `content.yaml`."""
    return None


def registrar(content: Sequence[Piece]) -> Registered:
    """What finds a piece: by its id, by its title whatever case and signs, by its path where a page had no title."""
    by_id = {each.id: each for each in content}
    by_title = {words(clipped(each.title, MAX_TITLE)): each for each in reversed(content)}
    shapes: list[tuple[re.Pattern[str], Piece]] = [(pattern(each.url), each) for each in content if each.url]

    def registered(item: str | None, title: str | None) -> Piece | None:
        if found := by_id.get(item or "") or by_title.get(words(title or "")):
            return found
        if not title or not title.startswith("/"):
            return None
        return next((piece for shape, piece in shapes if shape.fullmatch(title)), None)

    return registered
