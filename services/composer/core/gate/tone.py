"""How the brand speaks: the form of address, the words it does not use, the exclamation marks it lets a mail have.

Only what a text says itself counts: what it quotes of course, brand or reader is theirs.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from services.composer.core.gate.known import Known, longest_first, without
from services.composer.core.gate.passage import Passage
from services.composer.core.gate.statement import Statement
from services.composer.core.values import Copy
from services.rules.cited import without_quotes

MARK = "!"  # that of Japanese and its upside-down twin of Spanish are one and none, folded
_APOSTROPHES = str.maketrans("\u2019\u02bc", "''")
_INSIDE = r"(?<=[\w,;)] )"  # a sentence: at its start a capital tells nothing


def tone(statement: Statement) -> str | None:
    """A form of address or a word that is not the brand's, more exclamation marks than it lets a mail have."""
    known, text = statement.known, statement.line.text
    own = without(known.read(without_quotes(text, known.cited)), known.sayings)
    loud = _loud(own.folded.count(MARK), known.voice.exclamation_marks)
    return addressed(text, own, known) or _avoided(own, known) or loud


def whole(copy: Copy, known: Known) -> str | None:
    """A model's text that has more exclamation marks in all than the brand lets a mail have."""
    if copy.author == "house":
        return None
    told = longest_first(known.read(fact.text) for fact in known.facts)
    marks = sum(without(known.read(each), told).folded.count(MARK) for each in copy.pieces)
    return _loud(marks, known.voice.exclamation_marks)


def addressed(text: str, own: Passage, known: Known) -> str | None:
    """The word that tells another form of address than the brand wants, and the form; `own` as `_spoken` has it."""
    wanted = known.voice.address.get(known.language, ())
    if not wanted:
        return None
    found = ((word, forms) for word, forms in _spoken(text, own, known) if forms.isdisjoint(wanted))
    return next((f"{word} ({' or '.join(sorted(forms))}), expected {', '.join(wanted)}" for word, forms in found), None)


def _spoken(text: str, own: Passage, known: Known) -> Iterator[tuple[str, frozenset[str]]]:
    """Each word of the text that tells a form of address, with every form it tells.

    `own` is the text without its quotations: a word that stands only there tells nothing.
    """
    plain, forms = text.translate(_APOSTROPHES), known.lexicon.address
    for word in dict.fromkeys(word for words in forms.values() for word in words):
        if _pattern(word).search(plain) and _pattern(known.read(word).folded).search(own.folded):
            yield word, frozenset(form for form, words in forms.items() if word in words)


def _avoided(own: Passage, known: Known) -> str | None:
    for word in known.voice.avoids.get(known.language, ()):
        avoided = known.read(word)
        if avoided.phrase in own.phrase if known.lexicon.has_spaces else avoided.folded in own.folded:
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
