"""A near quotation with something added: a line that copies what it cites and says beside it what no fact holds."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.composer.core.gate.grounding import content
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import NO_WORDS, Lexicon
from services.composer.core.gate.passage import Passage
from services.composer.core.gate.statement import Statement

Told: TypeAlias = tuple[int, tuple[str, ...]]
"""How much content stands in the facts, and what does not."""

# From 4 to 6 words and .25 to .35 of the line the figures hardly move (bench/gate/README.md).
RUN_WORDS = 5  # in a row, from which a fact is quoted
RUN_LETTERS = 12  # the same where there are no spaces
QUOTED = 0.3  # of a line's words, from which it is a near quotation
COUNTED = 0.2  # the same where a fact with a number stands there whole: `14 lessons and a set of tools`
LEAST_COUNTED = 2  # words of such a fact
MOST_NEW = 2  # words that no fact holds, from which the rest of a quotation is an addition
_MARKS = re.compile(r"[,;:.!?()\u2026\u2013\u2014\u3001\u3002\u30fb\uff01\uff1f]|\s-\s")
_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a line between marks and connectors, without these, and at which of the line's words it begins."""

    text: str
    start: int


def addition(statement: Statement) -> str | None:
    """What a near quotation adds: a segment none of whose content stands in the facts, or two words that do not."""
    known, said = statement.known, statement.said
    if statement.lexicon is NO_WORDS:
        return None
    facts = tuple(_units(known.read(fact.text)) for fact in statement.cited if not fact.is_title)
    start = _quoted_from(_units(said), facts, RUN_WORDS if known.lexicon.has_spaces else RUN_LETTERS)
    if start is None:
        return None
    told = _told_after(_segments(said, known), start, known)
    alone = next((missing for found, missing in told if missing and not found), ())
    new = tuple(word for _, missing in told for word in missing)
    return ", ".join(alone or new) if alone or len(new) >= MOST_NEW else None


def _told_after(segments: Sequence[Segment], start: int, known: Known) -> list[Told]:
    """What the segments hold from the first that is all found, or from where the quotation begins."""
    told = [(each.start, content(known.read(each.text), known)) for each in segments]
    first = min((place for place, (found, missing) in told if found and not missing), default=start)
    return [each for place, each in told if place >= min(first, start)]


def _quoted_from(said: Sequence[str], facts: Iterable[tuple[str, ...]], run: int) -> int | None:
    """At which word the quotation begins; None where the line is no near quotation."""
    copied: set[int] = set()
    counted: set[int] = set()
    for fact in facts:
        copied.update(_shared(said, _runs(fact, run), run))
        if len(fact) >= LEAST_COUNTED and any(each[0].isdigit() for each in fact):
            counted.update(_shared(said, frozenset({fact}), len(fact)))
    for places, least in ((copied, QUOTED), (counted, COUNTED)):
        if places and len(places) >= least * len(said):
            return min(places)
    return None


def _shared(said: Sequence[str], runs: frozenset[tuple[str, ...]], length: int) -> Iterator[int]:
    for start in range(len(said) - length + 1):
        if tuple(said[start : start + length]) in runs:
            yield from range(start, start + length)


def _runs(fact: tuple[str, ...], length: int) -> frozenset[tuple[str, ...]]:
    return frozenset(fact[start : start + length] for start in range(len(fact) - length + 1))


def _units(said: Passage) -> tuple[str, ...]:
    """The words of a text without marks; its letters where there are no spaces."""
    return said.bare if said.lexicon.has_spaces else tuple(_LETTER.findall(said.folded))


def _segments(said: Passage, known: Known) -> tuple[Segment, ...]:
    """The line cut at marks and before connectors; where there are no spaces a connector is in no segment."""
    segments: list[Segment] = []
    place = 0
    for part in _parts(said.folded, known.lexicon):
        first, _, rest = part.partition(" ")
        segments.append(Segment(rest if first in known.lexicon.connectors else part, place))
        place += len(_units(known.read(part)))
    return tuple(segments)


def _parts(folded: str, lexicon: Lexicon) -> Iterator[str]:
    opens = lexicon.connectors | lexicon.counting.joins
    for clause in _MARKS.split(folded):
        if not lexicon.has_spaces:
            longest = sorted(lexicon.connectors, key=len, reverse=True)
            yield from re.split("(" + "|".join(map(re.escape, longest)) + ")", clause) if longest else (clause,)
            continue
        part: list[str] = []
        for word in clause.split():
            if word in opens and part:
                yield " ".join(part)
                part = []
            part.append(word)
        yield " ".join(part)
