"""Folded text as the gate compares it: as words, as phrases, as tokens with the breaks between clauses."""

import re
from functools import lru_cache

from services.rules.folding import REMEMBERED, fold

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


@lru_cache(maxsize=REMEMBERED)
def words(text: str) -> tuple[str, ...]:
    """The folded words, in order."""
    return tuple(_WORD.findall(fold(text)))


@lru_cache(maxsize=REMEMBERED)
def as_phrase(text: str) -> str:
    """The words between single spaces, with a space at both ends: `in` then compares whole words."""
    return f" {' '.join(words(text))} "


@lru_cache(maxsize=REMEMBERED)
def tokens(text: str) -> tuple[str, ...]:
    """Folded words, numbers and signs in order, `BREAK` between clauses; elided articles and an owner's `'s` apart."""
    spread = _ELISION.sub(r"\1 ", fold(text))
    return tuple(BREAK if each in _ENDS else each.removesuffix("'s") for each in _TOKEN.findall(spread))
