"""The share of a line's content that stands in what it cites: content words by stem, characters by pair."""

import re
from collections.abc import Iterator
from functools import lru_cache

from services.composer.core.gate.cues import masked
from services.composer.core.gate.folding import BREAK, tokens
from services.composer.core.gate.known import Ground, Known
from services.composer.core.gate.lexicons import NO_WORDS, Lexicon
from services.composer.core.gate.quantities import said_in
from services.composer.core.gate.tongue import is_foreign
from services.composer.core.values import Field, Line
from services.rules.folding import REMEMBERED, fold

LEAST_SHARE = 0.2  # of the content; the curve is in bench/gate/README.md
FEWEST_OF_A_BUTTON = 2  # words not found; a button is an invitation, and one word of it claims nothing
LEAST_LETTERS = 2  # of a content word
PREFIX = 5  # letters; two stems that begin with as many are taken for one: `comptable`, `comptabilité`
LIST = 3  # items
ITEM_WORDS = 4
COMPOUND = 4  # letters of a stem that a compound word holds: `Teig` in `Teigführung`
_CLAUSE = re.compile(r"[.;:!?()\u2026\u2013\u2014]")
_RUNS = re.compile(r"[\u4e00-\u9fff々]+|[\u30a1-\u30ffー]+|[a-z]+")


def grounding(line: Line, ground: Ground) -> str | None:
    """A line too little of whose content stands in what it cites; one without content claims nothing.

    Facts in another language than the line's cannot be compared by stem: there the other rules stand alone.
    """
    known, cited = ground.known, ground.cited(line)
    if (
        known.lexicon is NO_WORDS
        or not cited
        or any(is_foreign(fact.text, known.language, known.lexicons) for fact in cited)
    ):
        return None
    found, missing = content(line.text, known)
    if len(missing) < _fewest(line) or found / (found + len(missing)) >= LEAST_SHARE:
        return None
    return f"{found} of {found + len(missing)}, not found: {', '.join(missing)}"


def extra_item(line: Line, ground: Ground) -> str | None:
    """One item of a list with a word that no fact holds, where the facts hold every other item whole."""
    known = ground.known
    for clause in _CLAUSE.split(fold(line.text)) if known.lexicon.has_spaces else ():
        told = [content(each, known) for each in _items(clause, known.lexicon)]
        new = [place for place, (_, missing) in enumerate(told) if missing]
        if len(told) >= LIST and len(new) == 1 and new[0] > 0:
            return ", ".join(told[new[0]][1])
    return None


def content(text: str, known: Known) -> tuple[int, tuple[str, ...]]:
    """How much of the content stands in the facts, and what does not; a quantity was judged already.

    A general word that the facts hold is content; one they lack claims nothing.
    """
    lexicon = known.lexicon
    quantities = len(said_in(text, lexicon))
    if not lexicon.has_spaces:
        pieces = _pieces(fold(text), lexicon)
        cited = "\n".join(known.stems | known.typed)
        missing = tuple(each for each in pieces if each not in cited)
        return quantities + len(pieces) - len(missing), missing
    stems = _content_stems(text, lexicon)
    cited_stems = _cited(known.stems | known.typed, lexicon)
    here = tuple(each for each in stems if _is_cited(each, cited_stems))
    missing = tuple(each for each in stems if each not in here and each not in lexicon.general)
    return quantities + len(here), missing


@lru_cache(maxsize=REMEMBERED)
def _content_stems(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_stems(text, lexicon)))


def _fewest(line: Line) -> float:
    """From how many words not found a line can be refused: a question states nothing."""
    if line.text.rstrip().endswith(("?", "\uff1f")):
        return float("inf")
    return FEWEST_OF_A_BUTTON if line.field is Field.BUTTON else 1


def _items(clause: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The items of `a, b and c`; the first may have words before it, the others are short; none where it is no list."""
    *before, last = clause.split(",")
    said = last.split()
    joins = [place for place, word in enumerate(said) if word in lexicon.counting.joins and place]
    if not before or not joins:
        return ()
    items = (*before, " ".join(said[: joins[-1]]), " ".join(said[joins[-1] + 1 :]))
    return items if all(len(each.split()) <= ITEM_WORDS for each in items[1:]) else ()


def _stems(text: str, lexicon: Lexicon) -> Iterator[str]:
    counted = lexicon.counting
    for each in masked(tokens(text), lexicon.cues):
        is_number = not each[0].isalpha() or each in counted.numbers or each in counted.units
        is_frame = each in lexicon.function or each in lexicon.capitalised or len(each) < LEAST_LETTERS
        if each == BREAK or is_number or is_frame:
            continue
        stem = lexicon.stem(each)
        if stem not in lexicon.function:
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
