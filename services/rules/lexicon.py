"""Words by language, compiled once so that one pass over a text finds those of every language.

An entry is words between spaces: `gift card*` (any ending), `send/give us` (either), `reply ~ code` (up to six words
between). Where a language has no spaces an entry is a part of the text as it is written, `~` up to twelve characters.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TypeAlias

from services.rules.folding import REMEMBERED, fold, read, tokens

Words: TypeAlias = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Language, kind, entries."""

WITHOUT_SPACES = frozenset({"ja", "zh", "th"})
GAP = "~"
GAP_WORDS = 6
GAP_CHARACTERS = 12
_ENTRY_TOKEN = re.compile(r"[^\W_]+\*?|~")


@dataclass(frozen=True, slots=True)
class Found:
    """One entry as a text holds it: where its first token stands, and behind its last."""

    language: str
    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Entry:
    language: str
    kind: str
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Every entry by its first word or two, whole or as a beginning; patterns where a script has no spaces."""

    pairs: Mapping[str, tuple[_Entry, ...]]
    whole: Mapping[str, tuple[_Entry, ...]]
    beginnings: Mapping[str, tuple[_Entry, ...]]
    lengths: tuple[int, ...]
    patterns: tuple[tuple[str, str, "re.Pattern[str]"], ...]

    def found(self, text: str) -> tuple[Found, ...]:
        """Every entry the text holds, of every language; a sentence is asked for by several rules and read once."""
        return _found(self, text)

    def search(self, text: str) -> Iterator[Found]:
        """The same, read anew."""
        yield from self._by_words(tokens(text))
        if not text.isascii():
            yield from self._by_parts(read(text))

    def _by_words(self, said: tuple[str, ...]) -> Iterator[Found]:
        for start, word in enumerate(said):
            entries = [*self.whole.get(word, ())]
            for length in self.lengths:
                if length > len(word):
                    break
                entries += self.beginnings.get(word[:length], ())
            pairs = self.pairs.get(" ".join(said[start : start + 2]), ())
            for at, entry in (*((start + 1, each) for each in entries), *((start + 2, each) for each in pairs)):
                if (end := _end(entry.rest, said, at)) is not None:
                    yield Found(entry.language, entry.kind, start, end, " ".join(said[start:end]))

    def _by_parts(self, text: str) -> Iterator[Found]:
        for language, kind, pattern in self.patterns:
            for match in pattern.finditer(text):
                yield Found(language, kind, match.start(), match.end(), match.group())


@lru_cache(maxsize=REMEMBERED)
def _found(lexicon: Lexicon, text: str) -> tuple[Found, ...]:
    return tuple(lexicon.search(text))


def lexicon_of(words: Words) -> Lexicon:
    """The lexicon of these words."""
    pairs: dict[str, list[_Entry]] = {}
    whole: dict[str, list[_Entry]] = {}
    beginnings: dict[str, list[_Entry]] = {}
    patterns: list[tuple[str, str, re.Pattern[str]]] = []
    for language, kinds in words.items():
        for kind, entries in kinds.items():
            if language in WITHOUT_SPACES:
                patterns.append((language, kind, _pattern(entries)))
                continue
            for first, *rest in (each for entry in entries for each in _expanded(entry)):
                if rest and "*" not in first + rest[0] and rest[0] != GAP:
                    pairs.setdefault(f"{first} {rest[0]}", []).append(_Entry(language, kind, tuple(rest[1:])))
                    continue
                index = beginnings if first.endswith("*") else whole
                index.setdefault(first.rstrip("*"), []).append(_Entry(language, kind, tuple(rest)))
    return Lexicon(
        pairs={words: tuple(entries) for words, entries in pairs.items()},
        whole={word: tuple(entries) for word, entries in whole.items()},
        beginnings={word: tuple(entries) for word, entries in beginnings.items()},
        lengths=tuple(sorted({len(word) for word in beginnings})),
        patterns=tuple(patterns),
    )


def is_telling(words: tuple[Found, ...]) -> bool:
    """True where these words mean the same in a text of another language: several, or a phrase; "die" alone is not."""
    return len(words) > 1 or " " in words[0].text or words[0].language in WITHOUT_SPACES


def _expanded(entry: str) -> Iterator[tuple[str, ...]]:
    """The entry's tokens, once for each choice among its alternatives."""
    choices = [part.split("/") for part in entry.split()]
    for chosen in product(*choices):
        yield tuple(_ENTRY_TOKEN.findall(" ".join(each if each == GAP else fold(each) for each in chosen)))


def _pattern(entries: tuple[str, ...]) -> "re.Pattern[str]":
    gap = f"[^\\u3002]{{0,{GAP_CHARACTERS}}}?"
    parts = (gap.join(re.escape(read(part)) for part in entry.split(GAP)) for entry in entries)
    return re.compile("|".join(sorted(parts, key=len, reverse=True)))


def _end(rest: tuple[str, ...], said: tuple[str, ...], at: int) -> int | None:
    """Behind the last word where the rest of an entry follows from here on; None where it does not."""
    if not rest:
        return at
    if rest[0] == GAP:
        ends = (_end(rest[1:], said, at + skipped) for skipped in range(GAP_WORDS + 1))
        return next((end for end in ends if end is not None), None)
    return _end(rest[1:], said, at + 1) if at < len(said) and _is(rest[0], said[at]) else None


def _is(wanted: str, word: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted
