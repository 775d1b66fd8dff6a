"""The share of a line's content that stands in what it cites: content words by stem, characters by pair."""

import re
from collections.abc import Iterator
from functools import lru_cache

from services.composer.core.gate.folding import BREAK, REMEMBERED, fold, tokens
from services.composer.core.gate.known import Ground, Known
from services.composer.core.gate.lexicons import NO_WORDS, Lexicon
from services.composer.core.gate.quantities import said_in
from services.composer.core.gate.tongue import is_foreign
from services.composer.core.values import Field, Line

STATEMENT = 0.25  # the least share of a statement's content
ASKING = 0.0  # of a question, or of a button, which say less
LEAST_LETTERS = 2  # of a content word
PREFIX = 5  # letters; two stems that begin with as many are taken for one: `comptable`, `comptabilité`
COMPOUND = 4  # letters of a stem that a compound word holds: `Teig` in `Teigführung`
_RUNS = re.compile(r"[\u4e00-\u9fff々]+|[\u30a1-\u30ffー]+|[a-z]+")


def grounding(line: Line, ground: Ground) -> str | None:
    """A line too little of whose content stands in what it cites; one without content claims nothing.

    Facts in another language than the line's cannot be compared by stem: there the other rules stand alone.
    """
    known, cited = ground.known, ground.cited(line)
    if known.lexicon is NO_WORDS or not cited or any(is_foreign(fact.text, known) for fact in cited):
        return None
    found, missing = content(line.text, known)
    if not missing or found / (found + len(missing)) >= least_share(line):
        return None
    return f"{found} of {found + len(missing)}, not found: {', '.join(missing)}"


def least_share(line: Line) -> float:
    """The share asked of a line."""
    is_asking = line.field is Field.BUTTON or line.text.rstrip().endswith(("?", "\uff1f"))
    return ASKING if is_asking else STATEMENT


def content(text: str, known: Known) -> tuple[int, tuple[str, ...]]:
    """How much of the content stands in the facts, and what does not; a quantity is content that was judged."""
    lexicon = known.lexicon
    quantities = len(said_in(text, lexicon))
    if not lexicon.has_spaces:
        pieces = _pieces(fold(text), lexicon)
        cited = "\n".join(known.stems | known.typed)
        missing = tuple(each for each in pieces if each not in cited)
        return quantities + len(pieces) - len(missing), missing
    stems = _content_stems(text, lexicon)
    cited_stems = _cited(known.stems | known.typed, lexicon)
    missing = tuple(each for each in stems if not _is_cited(each, cited_stems))
    return quantities + len(stems) - len(missing), missing


@lru_cache(maxsize=REMEMBERED)
def _content_stems(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_stems(text, lexicon)))


def _stems(text: str, lexicon: Lexicon) -> Iterator[str]:
    counted = lexicon.counting
    for each in tokens(text):
        is_number = not each[0].isalpha() or each in counted.numbers or each in counted.units
        is_frame = each in lexicon.function or each in lexicon.capitalised or len(each) < LEAST_LETTERS
        if each == BREAK or is_number or is_frame:
            continue
        stem = lexicon.stem(each)
        if stem not in lexicon.general and stem not in lexicon.function:
            yield stem


@lru_cache(maxsize=REMEMBERED)
def _cited(stems: frozenset[str], lexicon: Lexicon) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The stems, their beginnings, and those long enough to be part of a compound."""
    content_stems = frozenset(each for each in stems if each not in lexicon.function)
    begins = frozenset(each[:PREFIX] for each in content_stems if len(each) >= PREFIX)
    parts = (
        frozenset(each for each in content_stems if len(each) >= COMPOUND)
        if lexicon.capitals == "nouns" or lexicon.language == "nl"
        else frozenset()
    )
    return content_stems, begins, parts


def _is_cited(stem: str, cited: tuple[frozenset[str], frozenset[str], frozenset[str]]) -> bool:
    stems, begins, parts = cited
    if stem in stems or (len(stem) >= PREFIX and stem[:PREFIX] in begins):
        return True
    return any(part in stem or stem in part for part in parts) if len(stem) >= COMPOUND else False


@lru_cache(maxsize=REMEMBERED)
def _pieces(folded: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Pairs of characters of what is left without general words: kanji by two, kana and Latin words whole."""
    for each in sorted(lexicon.general, key=len, reverse=True):
        folded = folded.replace(each, " ")
    pieces: dict[str, None] = {}
    for run in _RUNS.findall(folded):
        if run[0] > "\u4dff" and len(run) > 1:
            pieces.update(dict.fromkeys(run[place : place + 2] for place in range(len(run) - 1)))
        else:
            pieces[run] = None
    return tuple(pieces)
