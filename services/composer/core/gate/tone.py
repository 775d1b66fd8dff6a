"""How the brand speaks: the form of address, the words it does not use, the exclamation marks it lets a mail have.

Only what a text says itself counts: what it quotes of course, brand or reader is theirs.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from services.composer.core.gate.folding import as_phrase
from services.composer.core.gate.known import Known
from services.composer.core.gate.unsaid import unquoted
from services.composer.core.values import Brief, Copy
from services.rules.cited import without_quotes
from services.rules.folding import fold

MARK = "!"  # that of Japanese and its upside-down twin of Spanish are one and none, folded
_APOSTROPHES = str.maketrans("\u2019\u02bc", "''")
_INSIDE = r"(?<=[\w,;)] )"  # a sentence: at its start a capital tells nothing


def tone(text: str, known: Known) -> str | None:
    """A form of address or a word that is not the brand's, more exclamation marks than it lets a mail have."""
    own = _own(text, known)
    return addressed(text, own, known) or _avoided(own, known) or _loud(own.count(MARK), known.voice.exclamation_marks)


def whole(copy: Copy, brief: Brief) -> str | None:
    """A model's text that has more exclamation marks in all than the brand lets a mail have."""
    if copy.author == "house":
        return None
    quotable = tuple(sorted({fold(fact.text) for fact in brief.facts}, key=len, reverse=True))
    marks = sum(unquoted(each, quotable).count(MARK) for each in copy.pieces())
    return _loud(marks, brief.voice.exclamation_marks)


def spoken(text: str, own: str, forms: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, frozenset[str]]]:
    """Each word of the text that tells a form of address, with every form it tells.

    `own` is the folded text without its quotations: a word that stands only there tells nothing.
    """
    plain = text.translate(_APOSTROPHES)
    for word in dict.fromkeys(word for words in forms.values() for word in words):
        if _pattern(word).search(plain) and _pattern(fold(word)).search(own):
            yield word, frozenset(form for form, words in forms.items() if word in words)


def _own(text: str, known: Known) -> str:
    quotable = tuple(sorted({*known.texts, *known.said_by_reader}, key=len, reverse=True))
    return unquoted(without_quotes(text, known.cited), quotable)


def addressed(text: str, own: str, known: Known) -> str | None:
    """The word that tells another form of address than the brand wants, and the form; `own` as `spoken` has it."""
    wanted = known.voice.address.get(known.language, ())
    if not wanted:
        return None
    found = ((word, forms) for word, forms in spoken(text, own, known.lexicon.address) if forms.isdisjoint(wanted))
    return next((f"{word} ({' or '.join(sorted(forms))}), expected {', '.join(wanted)}" for word, forms in found), None)


def _avoided(own: str, known: Known) -> str | None:
    said = as_phrase(own)
    for word in known.voice.avoids.get(known.language, ()):
        if as_phrase(word) in said if known.lexicon.has_spaces else fold(word) in own:
            return word
    return None


def _loud(marks: int, most: int | None) -> str | None:
    return f"{marks} exclamation marks, expected at most {most}" if most is not None and marks > most else None


@lru_cache(maxsize=512)
def _pattern(word: str) -> "re.Pattern[str]":
    """The word between others; a capital of it is told inside a sentence alone."""
    is_small = word == word.lower()
    start, end = r"(?<!\w)" if is_small else _INSIDE, r"(?!\w)" if word[-1].isalnum() else ""
    return re.compile(f"{start}{re.escape(word)}{end}", re.IGNORECASE if is_small else re.NOFLAG)
