"""The share of a line's content that stands in what it cites: content words by stem, characters by pair."""

import re

from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import NO_WORDS, Lexicon
from services.composer.core.gate.passage import Passage
from services.composer.core.gate.statement import Statement
from services.composer.core.values import Field, Line

LEAST_SHARE = 0.2  # of the content; the curve is in bench/gate/README.md
FEWEST_OF_A_BUTTON = 2  # words not found; a button is an invitation, and one word of it claims nothing
LIST = 3  # items
ITEM_WORDS = 4
_CLAUSE = re.compile(r"[.;:!?()\u2026\u2013\u2014]")


def grounding(statement: Statement) -> str | None:
    """A line too little of whose content stands in what it cites; one without content claims nothing.

    Facts in another language than the line's cannot be compared by stem: there the other rules stand alone.
    """
    known, cited = statement.known, statement.cited
    if statement.lexicon is NO_WORDS or not cited or any(known.read(fact.text).is_foreign for fact in cited):
        return None
    found, missing = content(statement.said, known)
    if len(missing) < _fewest(statement.line) or found / (found + len(missing)) >= LEAST_SHARE:
        return None
    return f"{found} of {found + len(missing)}, not found: {', '.join(missing)}"


def extra_item(statement: Statement) -> str | None:
    """One item of a list with a word that no fact holds, where the facts hold every other item whole."""
    known = statement.known
    for clause in _CLAUSE.split(statement.said.folded) if known.lexicon.has_spaces else ():
        told = [content(known.read(each), known) for each in _items(clause, known.lexicon)]
        new = [place for place, (_, missing) in enumerate(told) if missing]
        if len(told) >= LIST and len(new) == 1 and new[0] > 0:
            return ", ".join(told[new[0]][1])
    return None


def content(said: Passage, known: Known) -> tuple[int, tuple[str, ...]]:
    """How much of the content stands in the facts, and what does not; a quantity was judged already.

    A general word that the facts hold is content; one they lack claims nothing.
    """
    lexicon, quantities = known.lexicon, len(said.quantities)
    if not lexicon.has_spaces:
        cited = "\n".join(known.every)
        missing = tuple(each for each in said.content if each not in cited)
        return quantities + len(said.content) - len(missing), missing
    here = tuple(each for each in said.content if known.content.has(each))
    missing = tuple(each for each in said.content if each not in here and each not in lexicon.general)
    return quantities + len(here), missing


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
