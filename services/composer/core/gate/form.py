"""The shape of a line: its length, the facts a sentence stands on, no loops, the lead's language."""

import re
from collections.abc import Mapping

from services.composer.core.gate.known import Ground
from services.composer.core.gate.tongue import foreign, untold
from services.composer.core.gate.unsaid import unquoted
from services.composer.core.values import Field, Line
from services.rules.folding import fold

# Characters, by field, as a finding names it; clients cut a subject at 60 to 80.
LENGTHS: Mapping[Field, tuple[str, tuple[int, int]]] = {
    Field.SUBJECT: ("subject", (12, 80)),
    Field.PREHEADER: ("preheader", (12, 140)),
    Field.SENTENCE: ("sentence", (4, 400)),
    Field.BUTTON: ("call to action", (3, 40)),
}
LOOP_LETTERS = re.compile(r"(.)\1{4,}")
_CUT = "..."  # an ellipsis, folded


def length(line: Line, _: Ground) -> str | None:
    """A line shorter or longer than its field takes, in characters."""
    what, (least, most) = LENGTHS[line.field]
    size = len(line.text)
    return None if least <= size <= most else f"{what} of {size}, expected {least} to {most}"


def citation(line: Line, ground: Ground) -> str | None:
    """A sentence that cites nothing, or a line that cites something that is not in the brief."""
    if line.field is Field.SENTENCE and not line.cites:
        return f"no citation: {line.text[:60]}"
    unknown = next((cite for cite in line.cites if ground.fact(cite) is None), None)
    return None if unknown is None else f"{unknown[:60]} is not in the brief"


def repetition(line: Line, _: Ground) -> str | None:
    """A letter five times in a row."""
    match = LOOP_LETTERS.search(fold(line.text))
    return match.group() if match else None


def language(line: Line, ground: Ground) -> str | None:
    """A line whose frequent words are those of another language, the facts it quotes taken out."""
    return foreign(own(line.text, ground.known.texts), ground.known.language, ground.known.lexicons)


def untold_language(line: Line, ground: Ground) -> str | None:
    """A line that nothing tells to be in the mail's language."""
    return untold(line.text, ground.known)


def own(text: str, quotable: tuple[str, ...]) -> str:
    """The folded text without the facts it quotes, whole or up to an ellipsis; `quotable` are folded, longest first.

    In a script without spaces a fact may be one token.
    """
    rest = unquoted(text, quotable)
    for each in (fact for fact in quotable if not fact.isascii()):
        rest = rest.replace(each, " : ")
    if _CUT not in rest:
        return rest
    head, _, tail = rest.partition(_CUT)
    kept = max((size for each in quotable for size in range(len(each)) if head.endswith(each[:size])), default=0)
    return f"{head[: len(head) - kept]} : {tail}"
