"""Cues: short patterns of words by rule, as the lexicons write them, and where a text holds one.

A cue is elements between spaces. An element is words between `|`; a word may begin or end with `*` for any letters;
`@name` stands for a list of the file. `..` is up to four words of the same clause, `~` at an element's start says that
the text may do without it. In a language without spaces an element is letters anywhere, and `..` is up to twelve.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.composer.core.gate.folding import BREAK

GAP_WORDS = 4
GAP_LETTERS = 12
AFTER_LETTERS = 2
LEAST_PREFIX = 2  # letters before a `*`
UNCLAIMED = "pass"  # of what stands for nothing although its words are cues: `feel free`
MASK = "\u3000"
_GAP = ".."


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a cue: whole words, beginnings, endings, insides."""

    whole: frozenset[str] = frozenset()
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    is_gap: bool = False
    is_optional: bool = False

    def fits(self, word: str) -> bool:
        """True where the word is one of them."""
        return (
            word in self.whole
            or word.startswith(self.begins)
            or word.endswith(self.ends)
            or any(each in word for each in self.holds)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A cue in a text: its rule, the words that its elements met, the words around them, and how far it reaches.

    Where there are no spaces `after` is the letters behind it.
    """

    rule: str
    words: tuple[str, ...]
    after: str = BREAK
    length: int = 0
    before: str = BREAK


Cue = tuple[str, tuple[Element, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Cues:
    """The cues of a language, by the first word they may begin with; `loose` are those that no beginning tells."""

    by_word: Mapping[str, tuple[Cue, ...]] = field(default_factory=dict)
    by_prefix: Mapping[str, tuple[Cue, ...]] = field(default_factory=dict)
    loose: tuple[Cue, ...] = ()
    patterns: tuple[tuple[str, "re.Pattern[str]"], ...] = ()


def cues_of(by_rule: Mapping[str, Sequence[str]], lists: Mapping[str, str], *, has_spaces: bool) -> Cues:
    """The cues of a file. Raises `ValueError` with the cue that is none."""
    if not has_spaces:
        return Cues(patterns=tuple((rule, _pattern(cue, lists)) for rule, cues in by_rule.items() for cue in cues))
    by_word: dict[str, list[Cue]] = {}
    by_prefix: dict[str, list[Cue]] = {}
    loose: list[Cue] = []
    for rule, cues in by_rule.items():
        for text in cues:
            elements = tuple(_element(each, lists, text) for each in text.split())
            if not elements or elements[0].is_gap or elements[0].is_optional or elements[-1].is_gap:
                raise ValueError(f"{rule}: {text!r}: expected a cue that begins and ends with words")
            cue = (rule, elements)
            first = elements[0]
            if first.ends or first.holds:
                loose.append(cue)
                continue
            for word in first.whole:
                by_word.setdefault(word, []).append(cue)
            for prefix in first.begins:
                by_prefix.setdefault(prefix, []).append(cue)
    return Cues(
        {word: tuple(cues) for word, cues in by_word.items()},
        {prefix: tuple(cues) for prefix, cues in by_prefix.items()},
        tuple(loose),
    )


def found_in(said: Sequence[str], folded: str, cues: Cues) -> tuple[Found, ...]:
    """Every cue that the text holds, given as tokens and folded; what a cue of `UNCLAIMED` meets, no other one does."""
    said = masked(said, cues)
    for rule, pattern in cues.patterns:
        folded = pattern.sub(MASK, folded) if rule == UNCLAIMED else folded
    of_words = (found for start in range(len(said)) for found in _from(said, start, cues, of_pass=False))
    of_letters = (
        Found(rule, tuple(each for each in match.groups() if each), folded[match.end() : match.end() + AFTER_LETTERS])
        for rule, pattern in cues.patterns
        if rule != UNCLAIMED
        for match in pattern.finditer(folded)
    )
    return tuple(dict.fromkeys((*of_words, *of_letters)))


def masked(said: Sequence[str], cues: Cues) -> list[str]:
    """The tokens with breaks in place of those that a cue of `UNCLAIMED` meets. Law: as many tokens as came."""
    left = list(said)
    for start in range(len(left)):
        for found in _from(left, start, cues, of_pass=True):
            left[start : start + found.length] = [BREAK] * found.length
    return left


def _from(said: Sequence[str], start: int, cues: Cues, *, of_pass: bool) -> Iterator[Found]:
    word = said[start]
    begun = (
        *cues.by_word.get(word, ()),
        *(cue for end in range(LEAST_PREFIX, len(word) + 1) for cue in cues.by_prefix.get(word[:end], ())),
        *(cue for cue in cues.loose if cue[1][0].fits(word)),
    )
    for rule, elements in begun:
        if (rule == UNCLAIMED) is of_pass and (met := _met(said, start, elements)) is not None:
            words, end = met
            after, before = said[end] if end < len(said) else BREAK, said[start - 1] if start else BREAK
            yield Found(rule, words, after, end - start, before)


def _met(said: Sequence[str], place: int, elements: Sequence[Element]) -> tuple[tuple[str, ...], int] | None:
    """The words that these elements meet from this place on and the place behind them, or None."""
    if not elements:
        return (), place
    first, rest = elements[0], elements[1:]
    if first.is_gap:
        return _met_after_gap(said, place, rest)
    if place < len(said) and first.fits(said[place]) and (met := _met(said, place + 1, rest)) is not None:
        return (said[place], *met[0]), met[1]
    return _met(said, place, rest) if first.is_optional else None


def _met_after_gap(said: Sequence[str], place: int, rest: Sequence[Element]) -> tuple[tuple[str, ...], int] | None:
    for start in range(place, min(place + GAP_WORDS, len(said) - 1) + 1):
        if (met := _met(said, start, rest)) is not None:
            return met
        if said[start] == BREAK:
            return None
    return None


def _element(text: str, lists: Mapping[str, str], cue: str) -> Element:
    if text == _GAP:
        return Element(is_gap=True)
    words = tuple(_words(text.removeprefix("~"), lists, cue))
    if any(not each.strip("*") for each in words):
        raise ValueError(f"{cue!r}: expected letters between the signs")
    return Element(
        whole=frozenset(each for each in words if "*" not in each),
        begins=tuple(each[:-1] for each in words if each.endswith("*") and not each.startswith("*")),
        ends=tuple(each[1:] for each in words if each.startswith("*") and not each.endswith("*")),
        holds=tuple(each.strip("*") for each in words if each.startswith("*") and each.endswith("*")),
        is_optional=text.startswith("~"),
    )


def _words(text: str, lists: Mapping[str, str], cue: str) -> Iterator[str]:
    for each in text.split("|"):
        if not each.startswith("@"):
            yield each
        elif each[1:] in lists:
            yield from lists[each[1:]].split()
        else:
            raise ValueError(f"{cue!r}: expected a list of the file, came {each}")


def _letters(text: str) -> str:
    return "|".join(re.escape(each) for each in text.split())


def _pattern(cue: str, lists: Mapping[str, str]) -> "re.Pattern[str]":
    parts = []
    for text in cue.split():
        if text == _GAP:
            parts.append(rf"[^\s\u3002\uff01\uff1f\u3001!?]{{0,{GAP_LETTERS}}}?")
            continue
        words = " ".join(_words(text.removeprefix("~"), lists, cue))
        parts.append(f"({_letters(words)})" + ("?" if text.startswith("~") else ""))
    return re.compile("".join(parts))
