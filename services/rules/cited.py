"""What the course and the brand say themselves: their words may be talked about."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.rules.folding import read, sentences, squeezed, tokens

STEM = 5  # letters; enough for most inflections of the languages shipped
CONTENT_LETTERS = 4
_QUOTED = re.compile(
    r"[\"\u201c\u201e\u00ab\u2018'\u2039\u300c\u300e]([^\"\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019\u2039\u203a\u300c\u300d\u300e\u300f]{3,160})"
    r"[\"\u201d\u201c\u00bb\u2019'\u203a\u300d\u300f]"
)


@dataclass(frozen=True, slots=True)
class Cited:
    """The facts of the course and the brand, folded once per mail; `stems` holds the beginnings of their words."""

    stems: frozenset[str]
    phrase: str
    letters: str
    units: frozenset[str]

    def says(self, text: str) -> bool:
        """True where they say these words in this order."""
        return f" {' '.join(tokens(text))} " in self.phrase

    def is_own(self, text: str) -> bool:
        """True where the whole text is a fact or a sentence of one."""
        return " ".join(tokens(text)) in self.units

    def speaks_of(self, words: str) -> bool:
        """True where each content word has its stem among theirs; a word without spaces stands in their letters."""
        if not words.isascii():
            return squeezed(words) in self.letters
        content = [each for each in words.split() if len(each) >= CONTENT_LETTERS] or words.split()
        return all(_stem(each) in self.stems for each in content)


NOTHING = Cited(frozenset(), "", "", frozenset())


def cited_of(texts: Iterable[str]) -> Cited:
    """What these facts say."""
    facts = tuple(texts)
    return Cited(
        stems=frozenset(each[:length] for text in facts for each in tokens(text) for length in range(1, STEM + 1)),
        phrase="".join(f" {' '.join(tokens(text))} " for text in facts),
        letters=" ".join(squeezed(read(text)) for text in facts),
        units=frozenset(" ".join(tokens(unit)) for text in facts for unit in (text, *sentences(text))),
    )


def _stem(word: str) -> str:
    """What the word shares with its other forms: a long one its first letters, a short one all but its ending."""
    if len(word) > STEM:
        return word[:STEM]
    return word.removesuffix("s") if len(word) < STEM else word[:-1]


def without_quotes(text: str, cited: Cited) -> str:
    """The text without what it quotes of them word for word: a title in quotation marks asks nothing."""
    return _QUOTED.sub(lambda match: "…" if cited.says(match.group(1)) else match.group(), text)
