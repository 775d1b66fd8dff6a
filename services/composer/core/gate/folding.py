"""Text as the rules compare it: folded, as words, as numbers."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

REMEMBERED = 4_096  # texts; every rule folds the same few, and a catalogue comes again and again
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TOKEN = re.compile(
    r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[%€$£¥\u2044]|[.;:!?\u2026\u2013\u2014()\u3002\u300c\u300d]"
)
_ELISION = re.compile(
    r"\b(l|d|j|m|t|s|n|c|qu|jusqu|lorsqu|puisqu|quelqu|un|all|dell|nell|sull|dall|quest|quell|tutt|mezz|dov|com|cos)'"
    r"(?=\w\w)"
)
_ENDS = frozenset(".;:!?\u2026\u2013\u2014()\u3002\u300c\u300d")
BREAK = "|"  # between two clauses, among tokens
_QUOTES = str.maketrans(
    dict.fromkeys("\u2019\u2018`\u00b4\u02bc", "'") | dict.fromkeys("\u201c\u201d\u00ab\u00bb", '"')
)


@lru_cache(maxsize=REMEMBERED)
def fold(text: str) -> str:
    """The text in lower case without accents, compatibility forms or repeated space. Law: idempotent."""
    if text.isascii():
        return " ".join(text.translate(_QUOTES).lower().split())
    plain = unicodedata.normalize("NFKD", text.translate(_QUOTES).casefold()).casefold()
    bare = "".join(each for before, each in pairwise(f" {plain}") if each.isascii() or not _is_accent(before, each))
    return " ".join(unicodedata.normalize("NFKC", bare).translate(_QUOTES).split())


@lru_cache(maxsize=REMEMBERED)
def words(text: str) -> tuple[str, ...]:
    """The folded words, in order."""
    return tuple(_WORD.findall(fold(text)))


@lru_cache(maxsize=REMEMBERED)
def as_phrase(text: str) -> str:
    """The words between single spaces, with a space at both ends: `in` then compares whole words."""
    return f" {' '.join(words(text))} "


def found_phrase(text: str, phrases: Iterable[str], permitted: str = "") -> str | None:
    """The first phrase that the text holds as whole words and `permitted` (an `as_phrase`) does not."""
    said = as_phrase(text)
    for phrase in phrases:
        sought = as_phrase(phrase)
        if sought in said and sought not in permitted:
            return phrase
    return None


@lru_cache(maxsize=REMEMBERED)
def tokens(text: str) -> tuple[str, ...]:
    """Folded words, numbers and signs in order, `BREAK` between clauses; elided articles and an owner's `'s` apart."""
    spread = _ELISION.sub(r"\1 ", fold(text))
    return tuple(BREAK if each in _ENDS else each.removesuffix("'s") for each in _TOKEN.findall(spread))


def _is_accent(before: str, mark: str) -> bool:
    """A mark that a reader takes for a spelling; after kana, and not after another mark, it is another sound."""
    is_sound = mark in "\u3099\u309a" and "\u3041" <= before <= "\u30ff" and not unicodedata.combining(before)
    return bool(unicodedata.combining(mark)) and not is_sound
