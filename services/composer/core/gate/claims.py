"""What a text may say only where the course or the brand says it: numbers, dates, names, superlatives, offers."""

import re

from services.composer.core.gate.folding import fold, found_phrase, quantities, words
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicon import (
    ALWAYS_CAPITAL,
    CLAIMS,
    DAYS,
    LARGE_NUMBERS,
    MONTHS,
    NOUNS_ARE_CAPITALS,
    REFUSALS,
    SMALL_NUMBERS,
    STARTERS,
    UNITS,
    WATCHING,
)

_WORD = re.compile(r"(?<!\w)[^\W\d_][\w'\u2019-]*")
_OPENERS = " \t\"'“”«»\u2018\u2019(¿¡"
_SENTENCE_ENDS = ".!?:…—\u2013"


def number(text: str, known: Known) -> str | None:
    """A number, percentage or price in digits that no fact holds as the same kind."""
    values = {value for _, value in known.numbers}
    for kind, value in sorted(quantities(text)):
        if (kind, value) not in known.numbers and (kind != "plain" or value not in values):
            return f"{value} ({kind})"
    return None


def number_word(text: str, known: Known) -> str | None:
    """A number in words: from eleven on always, below before a unit, unless a fact says it in words or digits."""
    large = LARGE_NUMBERS.get(known.language, frozenset())
    small, units = SMALL_NUMBERS.get(known.language, {}), UNITS.get(known.language, frozenset())
    values = {value for _, value in known.numbers}
    said = words(text)
    for word, after in zip(said, (*said, "")[1:], strict=True):
        if word in large and word not in known.words:
            return word
        if (
            after in units
            and word in small
            and str(small[word]) not in values
            and f" {word} {after} " not in known.said
        ):
            return f"{word} {after}"
    return None


def date(text: str, known: Known) -> str | None:
    """A month, a weekday or a tomorrow that no fact holds."""
    return next((word for word in words(text) if word in MONTHS | DAYS and word not in known.words), None)


def claim(text: str, known: Known) -> str | None:
    """A superlative, offer, promise or urgency that the facts do not make in the same words."""
    return found_phrase(text, CLAIMS, known.said)


def watching(text: str, known: Known) -> str | None:
    """Words that tell a reader somebody watches."""
    return found_phrase(text, WATCHING, known.said)


def model_refusal(text: str, known: Known) -> str | None:
    """A model speaking of itself."""
    return found_phrase(text, REFUSALS, known.said)


def name(text: str, known: Known) -> str | None:
    """A capitalised word inside a sentence, or one addressed at its start, that no fact holds.

    Not where every noun is one: there a capital tells nothing.
    """
    if known.language in NOUNS_ARE_CAPITALS:
        return None
    for match in _WORD.finditer(text):
        word = _bare(match.group())
        if not match.group()[0].isupper() or not _is_named(text, match) or word in ALWAYS_CAPITAL:
            continue
        if not (set(words(word)) <= known.words or set(words(match.group())) <= known.words):
            return match.group()
    return None


def _is_named(text: str, match: "re.Match[str]") -> bool:
    before = text[: match.start()].rstrip(_OPENERS)
    if before and before[-1] not in _SENTENCE_ENDS:
        return True
    is_addressed = text[match.end() : match.end() + 1] == "," or match.group().endswith(("'s", "\u2019s"))
    return is_addressed and _bare(match.group()) not in STARTERS


def _bare(word: str) -> str:
    folded = fold(word)
    return folded.removesuffix("'s").removesuffix("'")
