"""A text cut as the gate compares it: into words, and into tokens with the breaks between clauses.

Not as `services.rules.folding` cuts: safety looks through disguises and asks for words alone, so there `l3arn` is
`learn` and a sign is nothing. Here a number is a number, signs of money and share count, and a clause ends.
"""

import re

from services.rules.folding import fold

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


def words(text: str) -> tuple[str, ...]:
    """The folded words, in order."""
    return tuple(_WORD.findall(fold(text)))


def tokens(text: str) -> tuple[str, ...]:
    """Folded words, numbers and signs in order, `BREAK` between clauses; elided articles and an owner's `'s` apart."""
    spread = _ELISION.sub(r"\1 ", fold(text))
    return tuple(BREAK if each in _ENDS else each.removesuffix("'s") for each in _TOKEN.findall(spread))
