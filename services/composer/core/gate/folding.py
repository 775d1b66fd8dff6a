"""Text as the rules compare it: folded, as words, as numbers."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

REMEMBERED = 4_096  # texts; every rule folds the same few, and a catalogue comes again and again
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")
_PERCENT_AFTER = re.compile(r"\s?(?:%|percent\b|per cent\b|por ciento\b)")
_MONEY = "€$£¥"
_MONEY_AFTER = re.compile(r"\s?(?:[€$£¥]|(?:eur|usd|gbp|euros?|dollars?|dolares|pounds?|libras)\b)")
_MONEY_BEFORE = re.compile(r"(?:[€$£¥]|\b(?:eur|usd|gbp))\s?$")
_QUOTES = str.maketrans(
    dict.fromkeys("\u2019\u2018`\u00b4\u02bc", "'") | dict.fromkeys("\u201c\u201d\u00ab\u00bb", '"')
)


@lru_cache(maxsize=REMEMBERED)
def fold(text: str) -> str:
    """The text in lower case without accents, compatibility forms or repeated space. Law: idempotent."""
    plain = unicodedata.normalize("NFKD", text.translate(_QUOTES).casefold()).casefold()
    bare = "".join(each for each in plain if not unicodedata.combining(each))
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


def quantities(text: str) -> frozenset[tuple[str, str]]:
    """Every number in digits as (kind, canonical value); kind is `%`, `money` or `plain`."""
    folded = fold(text)
    return frozenset((_kind(folded, match), _canonical(match.group())) for match in _NUMBER.finditer(folded))


def _kind(folded: str, match: "re.Match[str]") -> str:
    if _PERCENT_AFTER.match(folded, match.end()):
        return "%"
    if _MONEY_AFTER.match(folded, match.end()) or _MONEY_BEFORE.search(folded[: match.start()]):
        return "money"
    return "plain"


def _canonical(number: str) -> str:
    dotted = "".join(str(unicodedata.decimal(each)) if each.isdecimal() else "." for each in number)
    if _GROUPED.fullmatch(dotted):
        return dotted.replace(".", "")
    return dotted.rstrip("0").rstrip(".") if dotted.count(".") == 1 else dotted
