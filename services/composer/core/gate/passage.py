"""One text as the gate reads it, once: folded, cut, stemmed and counted in the words of one language.

The rules ask a passage; none folds a text or cuts it into words itself, but for those of safety, which every service
asks of plain text. What is asked of a passage is worked out at the first asking, and then it is remembered whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from services.composer.core.gate.content import pieces_of, stems_of
from services.composer.core.gate.counts import Count, counted_in
from services.composer.core.gate.cues import Found, found_in
from services.composer.core.gate.folding import BREAK, tokens, words
from services.composer.core.gate.lexicons import COMMON, Lexicon, Lexicons
from services.composer.core.gate.numerals import unspaced
from services.composer.core.gate.quantities import Quantity, Said, held_by, said_in
from services.composer.core.gate.tongue import foreign, is_foreign
from services.rules.folding import REMEMBERED, fold


@dataclass(frozen=True, eq=False)
class Passage:
    """A text in one language of the lexicons. Law: it and its folded form are read alike."""

    text: str
    language: str
    lexicons: Lexicons

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words of its language."""
        return self.lexicons.of(self.language)

    @cached_property
    def common(self) -> "Passage":
        """The same in the language that facts are in where they are not in the mail's."""
        return passage_of(self.text, COMMON, self.lexicons)

    @cached_property
    def folded(self) -> str:
        """In lower case, without accents."""
        return fold(self.text)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The folded words, in order."""
        return words(self.folded)

    @cached_property
    def phrase(self) -> str:
        """The words between single spaces, with a space at both ends: `in` then compares whole words."""
        return f" {' '.join(self.words)} "

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Words, numbers and signs in order, with the breaks between clauses."""
        return tokens(self.folded)

    @cached_property
    def bare(self) -> tuple[str, ...]:
        """The tokens without breaks."""
        return tuple(each for each in self.tokens if each != BREAK)

    @cached_property
    def forms(self) -> frozenset[str]:
        """Every word in each form that a text may name it in."""
        return frozenset((*self.words, *(part for word in self.words for part in word.split("'")), *self.tokens))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The tokens and their stems; where there are no spaces the folded text as one."""
        if not self.lexicon.has_spaces:
            return frozenset({self.folded})
        return frozenset((*self.tokens, *(self.lexicon.stem(each) for each in self.tokens)))

    @cached_property
    def content(self) -> tuple[str, ...]:
        """What it speaks of, each once: stems of content words; where there are no spaces pairs of characters."""
        if not self.lexicon.has_spaces:
            return pieces_of(self.folded, self.lexicon)
        return stems_of(self.tokens, self.lexicon)

    @cached_property
    def quantities(self) -> tuple[Said, ...]:
        """Every quantity it says, in order."""
        counting = self.lexicon.counting
        spread = self.tokens if self.lexicon.has_spaces else tuple(unspaced(self.folded, counting))
        return said_in(spread, counting)

    @cached_property
    def held(self) -> frozenset[Quantity]:
        """Every quantity that it lets a text say, where it is a fact."""
        return held_by(self.quantities, self.tokens, self.lexicon.counting)

    @cached_property
    def counts(self) -> tuple[Count, ...]:
        """Each number from two on, with what it counts."""
        return counted_in(self.tokens, self.folded, self.lexicon)

    @cached_property
    def cues(self) -> tuple[Found, ...]:
        """Every cue it holds."""
        return found_in(self.tokens, self.folded, self.lexicon.cues)

    @cached_property
    def foreign(self) -> str | None:
        """The language that wins the vote over its own, or a foreign script; None where neither does."""
        return foreign(self.folded, self.words, self.tokens, self.language, self.lexicons)

    @cached_property
    def is_foreign(self) -> bool:
        """True for a fact in another language: in the common one, or in one whose words are clearly more."""
        return is_foreign(self.folded, self.tokens, self.language, self.lexicons)

    def left(self, folded: str) -> "Passage":
        """What is left of its folded text, read as it is: itself where that is all."""
        return self if folded == self.folded else passage_of(folded, self.language, self.lexicons)

    def named(self, names: Mapping[str, str]) -> frozenset[str]:
        """What it names: folded words or phrases to the one name for each."""
        if not self.lexicon.has_spaces:
            return frozenset(name for word, name in names.items() if word in self.folded)
        spread = f" {' '.join(self.tokens)} "
        phrases = {name for each, name in names.items() if " " in each and f" {each} " in spread}
        return frozenset(phrases | {names[each] for each in self.tokens if each in names})


@lru_cache(maxsize=REMEMBERED)
def passage_of(text: str, language: str, lexicons: Lexicons) -> Passage:
    """The text as it is read in this language; the same few come again and again, line after line."""
    return Passage(text, language, lexicons)
