"""Text from outside as it may go to a model, and text from a model as it may go on."""

import re
import unicodedata

ELLIPSIS = "…"
REMOVED = "[address]"
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_BARRED = re.compile(r"[<>@]|https?:|www\.", re.IGNORECASE)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def for_model(text: str, limit: int) -> str:
    """One line of at most `limit` characters, with no control or invisible character and no mail address."""
    seen = "".join(" " if character.isspace() else character for character in text)
    seen = "".join(character for character in seen if unicodedata.category(character) not in _UNSEEN)
    return clipped(_ADDRESS.sub(REMOVED, " ".join(seen.split())), limit)


def clipped(text: str, limit: int) -> str:
    """The text, or its beginning up to a word's end with an ellipsis, within `limit` characters."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rpartition(" ")[0] or head).rstrip() + ELLIPSIS


def is_plain(text: str) -> bool:
    """True for words only: no markup, link, address, line break or invisible character."""
    return not _BARRED.search(text) and all(unicodedata.category(character) not in _UNSEEN for character in text)
