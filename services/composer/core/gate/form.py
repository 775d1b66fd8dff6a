"""The shape of a line: its length, the facts a sentence stands on, no loops, the lead's language."""

import re
from collections.abc import Mapping

from services.composer.core.gate.facts import is_of_course, is_title
from services.composer.core.gate.folding import fold, words
from services.composer.core.gate.known import Ground
from services.composer.core.gate.lexicon import STOP_WORDS
from services.composer.core.values import Field, Line

# Characters, by field, as a finding names it; clients cut a subject at 60 to 80.
LENGTHS: Mapping[Field, tuple[str, tuple[int, int]]] = {
    Field.SUBJECT: ("subject", (12, 80)),
    Field.PREHEADER: ("preheader", (12, 140)),
    Field.SENTENCE: ("sentence", (4, 400)),
    Field.BUTTON: ("call to action", (3, 40)),
}
LOOP_LETTERS = re.compile(r"(.)\1{4,}")
STEM = 5  # letters; enough for inflections of English and Spanish
CONTENT_LETTERS = 4
VOTE_WORDS = 6  # below that a text is too short to vote
MARGIN = 2  # votes; related languages share many frequent words
FOREIGN_SHARE = 0.2  # of letters outside Latin


def length(line: Line, _: Ground) -> str | None:
    """A line shorter or longer than its field takes, in characters."""
    what, (least, most) = LENGTHS[line.field]
    size = len(line.text)
    return None if least <= size <= most else f"{what} of {size}, expected {least} to {most}"


def citation(line: Line, ground: Ground) -> str | None:
    """A sentence that cites nothing, or something that is not in the brief."""
    if line.field is not Field.SENTENCE:
        return None
    if not line.cites:
        return f"no citation: {line.text[:60]}"
    unknown = next((cite for cite in line.cites if ground.fact(cite) is None), None)
    return None if unknown is None else f"{unknown[:60]} is not in the brief"


def grounding(line: Line, ground: Ground) -> str | None:
    """A sentence that cites the course alone and shares no content word with what it cites, nor with the title."""
    facts = tuple(fact for cite in line.cites if (fact := ground.fact(cite)) is not None)
    if line.field is not Field.SENTENCE or not facts or not all(is_of_course(fact.id) for fact in facts):
        return None
    title = (fact.text for fact in ground.facts if is_title(fact.id))
    cited = stems(" ".join((*(fact.text for fact in facts), *title)))
    is_quoted = any(line.text == fact.text for fact in facts)
    return None if is_quoted or stems(line.text) & cited else line.text[:60]


def repetition(line: Line, _: Ground) -> str | None:
    """A letter five times in a row."""
    match = LOOP_LETTERS.search(fold(line.text))
    return match.group() if match else None


def language(line: Line, ground: Ground) -> str | None:
    """A line whose frequent words are those of another language."""
    return foreign(line.text, ground.known.language)


def foreign(text: str, expected: str) -> str | None:
    """The language that wins the vote over the expected one, or a foreign script; None where neither does."""
    letters = [each for each in text if each.isalpha()]
    outside = sum(1 for each in fold(text) if each.isalpha() and not each.isascii())
    if letters and outside / len(letters) > FOREIGN_SHARE:
        return "another script"
    said = words(text)
    if expected not in STOP_WORDS or len(said) < VOTE_WORDS:
        return None
    votes = {name: sum(word in stop for word in said) for name, stop in STOP_WORDS.items()}
    winner = max(votes, key=lambda name: (votes[name], name == expected))
    is_clear = votes[winner] >= votes[expected] + MARGIN
    return f"{winner} instead of {expected}" if is_clear else None


def stems(text: str) -> frozenset[str]:
    """The first letters of the content words: enough to see that two texts are about one thing."""
    return frozenset(word[:STEM] for word in words(text) if len(word) >= CONTENT_LETTERS or word.isdigit())
