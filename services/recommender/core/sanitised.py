"""Text from outside as it may go to a model, and text from a model as it may go on."""

import re
import unicodedata

ELLIPSIS = "…"
REMOVED = "[address]"
_ADDRESS = re.compile(r"(?<![^\s@])[^\s@]++@[^\s@]+")  # begins at a word only: linear in the text
_BARRED = re.compile(r"[<>@]|https?:|www\.", re.IGNORECASE)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def for_model(text: str, limit: int) -> str:
    """One line of at most `limit` characters, with no control or invisible character and no mail address."""
    seen = " ".join((text if text.isprintable() else _seen(text)).split())
    return clipped(_ADDRESS.sub(REMOVED, seen) if "@" in seen else seen, limit)


def clipped(text: str, limit: int) -> str:
    """The text, or its beginning up to a word's end with an ellipsis, within `limit` characters."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rpartition(" ")[0] or head).rstrip() + ELLIPSIS


def is_plain(text: str) -> bool:
    """True for words only: no markup, link, address, line break or invisible character."""
    return not _BARRED.search(text) and (text.isprintable() or not any(_is_unseen(each) for each in text))


def _seen(text: str) -> str:
    """The text without what is not seen, each space a plain one. A text that is printable is so already."""
    return "".join(" " if each.isspace() else each for each in text if each.isspace() or not _is_unseen(each))


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN
