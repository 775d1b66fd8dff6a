"""The shape of a line: its length, the facts a sentence stands on, no loops, the lead's language."""

import re
from collections.abc import Mapping, Sequence

from services.composer.core.gate.known import without
from services.composer.core.gate.lexicons import NO_WORDS
from services.composer.core.gate.passage import Passage
from services.composer.core.gate.statement import Statement
from services.composer.core.values import Field

# Characters, by field, as a finding names it; clients cut a subject at 60 to 80.
LENGTHS: Mapping[Field, tuple[str, tuple[int, int]]] = {
    Field.SUBJECT: ("subject", (12, 80)),
    Field.PREHEADER: ("preheader", (12, 140)),
    Field.SENTENCE: ("sentence", (4, 400)),
    Field.BUTTON: ("call to action", (3, 40)),
}
LOOP_LETTERS = re.compile(r"(.)\1{4,}")
UNTOLD_WORDS = 3  # not known to the language at all, from which a detector is asked
_CUT = "..."  # an ellipsis, folded


def length(statement: Statement) -> str | None:
    """A line shorter or longer than its field takes, in characters."""
    what, (least, most) = LENGTHS[statement.line.field]
    size = len(statement.line.text)
    return None if least <= size <= most else f"{what} of {size}, expected {least} to {most}"


def citation(statement: Statement) -> str | None:
    """A sentence that cites nothing, or a line that cites something that is not in the brief."""
    line = statement.line
    if line.field is Field.SENTENCE and not line.cites:
        return f"no citation: {line.text[:60]}"
    unknown = next((cite for cite in line.cites if statement.known.fact(cite) is None), None)
    return None if unknown is None else f"{unknown[:60]} is not in the brief"


def repetition(statement: Statement) -> str | None:
    """A letter five times in a row."""
    match = LOOP_LETTERS.search(statement.said.folded)
    return match.group() if match else None


def language(statement: Statement) -> str | None:
    """A line whose frequent words are those of another language, the facts it quotes taken out."""
    known = statement.known
    return own(statement.said, known.quotations).foreign


def untold_language(statement: Statement) -> str | None:
    """Words enough that nothing in the language or the facts knows, where the detector does not say that language."""
    known, lexicon = statement.known, statement.lexicon
    if lexicon is NO_WORDS or not lexicon.has_spaces:
        return None
    strange = [each for each in statement.own.bare if each.isalpha() and each not in known.words]
    is_spoken = any(each in lexicon.function or lexicon.stem(each) in lexicon.general for each in strange)
    if is_spoken or len(strange) < UNTOLD_WORDS:
        return None
    ranked = known.lexicons.detect(" ".join(strange)) if known.lexicons.detect else {}
    best = next(iter(ranked), "")
    return None if best == lexicon.language else f"{best or 'no language'} instead of {known.language}"


def own(said: Passage, quotations: Sequence[Passage]) -> Passage:
    """The text without the facts it quotes, whole or up to an ellipsis; the longest of `quotations` first.

    In a script without spaces a fact may be one token.
    """
    rest = without(said, quotations).folded
    for each in quotations:
        rest = rest if each.folded.isascii() else rest.replace(each.folded, " : ")
    if _CUT not in rest:
        return said.left(rest)
    head, _, tail = rest.partition(_CUT)
    begun = (size for each in quotations for size in range(len(each.folded)) if head.endswith(each.folded[:size]))
    return said.left(f"{head[: len(head) - max(begun, default=0)]} : {tail}")
