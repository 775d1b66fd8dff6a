"""What a text speaks of: its content words by stem, or pairs of characters where a script has no spaces."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.composer.core.gate.cues import masked
from services.composer.core.gate.folding import BREAK
from services.composer.core.gate.lexicons import Lexicon

LEAST_LETTERS = 2  # of a content word
PREFIX = 5  # letters; two stems that begin with as many are taken for one: `comptable`, `comptabilité`
COMPOUND = 4  # letters of a stem that a compound word holds: `Teig` in `Teigführung`
_RUNS = re.compile(r"[\u4e00-\u9fff々]+|[\u30a1-\u30ffー]+|[a-z]+")


@dataclass(frozen=True, slots=True)
class Held:
    """The content stems of facts, their beginnings, and those long enough to be part of a compound."""

    stems: frozenset[str]
    begins: frozenset[str]
    parts: frozenset[str]

    def has(self, stem: str) -> bool:
        """True for one of them, or one that begins as one does, or is a part of one, or has one as its part."""
        if stem in self.stems or (len(stem) >= PREFIX and stem[:PREFIX] in self.begins):
            return True
        return any(part in stem or stem in part for part in self.parts) if len(stem) >= COMPOUND else False


def held_of(stems: frozenset[str], lexicon: Lexicon) -> Held:
    """What facts of these stems speak of."""
    content = frozenset(each for each in stems if each not in lexicon.function)
    has_compounds = lexicon.capitals == "nouns" or lexicon.language == "nl"
    return Held(
        content,
        frozenset(each[:PREFIX] for each in content if len(each) >= PREFIX),
        frozenset(each for each in content if len(each) >= COMPOUND) if has_compounds else frozenset(),
    )


def stems_of(tokens: Sequence[str], lexicon: Lexicon) -> tuple[str, ...]:
    """The stems of content words, each once."""
    return tuple(dict.fromkeys(_stems(tokens, lexicon)))


def pieces_of(folded: str, lexicon: Lexicon) -> tuple[str, ...]:
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


def _stems(tokens: Sequence[str], lexicon: Lexicon) -> Iterator[str]:
    counted = lexicon.counting
    for each in masked(tokens, lexicon.cues):
        is_number = not each[0].isalpha() or each in counted.numbers or each in counted.units
        is_frame = each in lexicon.function or each in lexicon.capitalised or len(each) < LEAST_LETTERS
        if each == BREAK or is_number or is_frame:
            continue
        stem = lexicon.stem(each)
        if stem not in lexicon.function:
            yield stem
