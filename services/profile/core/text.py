"""Text of strangers, cut to size."""

from functools import lru_cache

CACHED = 8_192


@lru_cache(maxsize=CACHED)
def clipped(text: str, most: int) -> str:
    """The text on one line of printable characters, at most `most` of them: so four bytes a character bound it."""
    if len(text) <= most and text.isprintable():
        return text.strip()
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most]).split())[:most].rstrip()
