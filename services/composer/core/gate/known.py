"""What the gate measures a line against: the facts, the language and its words, the banned claims, the prompt."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from schemas.voice import SILENT, Voice
from services.composer.core.gate.content import Held, held_of
from services.composer.core.gate.facts import Fact
from services.composer.core.gate.lexicons import Lexicon, Lexicons
from services.composer.core.gate.passage import Passage, passage_of
from services.composer.core.gate.quantities import PLAIN, Quantity
from services.composer.core.values import Brief, Line, Prompt
from services.rules.cited import Cited, cited_of
from services.rules.safety import Safety

QUOTED = 2  # tokens from which a fact that stands in a text whole is a quotation
_CODE = re.compile(r"\b[A-Z]{2,}[ -]?(\d+)\b")  # a number that is part of a name, whoever said it: `ISO 14001`


@dataclass(frozen=True, eq=False)
class Known:
    """Facts as read in the text's language, and what they let it say; each part is worked out at the first asking.

    `whole` are all facts of the brief, where `facts` are only those that one line may say.
    """

    language: str
    lexicons: Lexicons
    prompt: Prompt
    facts: tuple[Fact, ...] = ()
    banned: tuple[str, ...] = ()
    brand: str = ""
    voice: Voice = SILENT
    whole: tuple[Fact, ...] | None = None

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words of the text's language."""
        return self.lexicons.of(self.language)

    @property
    def safety(self) -> Safety:
        """The words of every language that no text may hold, and the public suffixes."""
        return self.lexicons.safety

    @cached_property
    def quotable(self) -> tuple[Passage, ...]:
        """The brand's name, and what catalogue, brand or a server said."""
        return tuple(map(self.read, (self.brand, *(fact.text for fact in self.facts if fact.is_course))))

    @cached_property
    def typed_texts(self) -> tuple[Passage, ...]:
        """What a person or a website said."""
        return tuple(self.read(fact.text) for fact in self.facts if not fact.is_course)

    @cached_property
    def offers(self) -> tuple[Passage, ...]:
        """What the course or the brand says of itself."""
        return tuple(map(self.read, (self.brand, *(fact.text for fact in self.facts if fact.is_offer))))

    @cached_property
    def quotations(self) -> tuple[Passage, ...]:
        """What is quotable, each once, the longest first."""
        return longest_first(self.quotable)

    @cached_property
    def sayings(self) -> tuple[Passage, ...]:
        """What anybody said, each once, the longest first."""
        return longest_first((*self.quotable, *self.typed_texts))

    @cached_property
    def cited(self) -> Cited:
        """What is quotable as the rules of safety ask it."""
        return cited_of(each.text for each in self.quotable)

    @cached_property
    def said(self) -> str:
        """What is quotable as phrases."""
        return " ".join(each.phrase for each in self.quotable)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word that a text may name."""
        return frozenset(form for each in (*self.quotable, *self.typed_texts) for form in each.forms)

    @cached_property
    def numbers(self) -> frozenset[Quantity]:
        """Every quantity that a text may say, by the words of its language or of the common one."""
        counted = (*self.quotable, *(self.read(fact.text) for fact in self.facts if fact.is_count))
        codes = {(PLAIN, number) for each in self.typed_texts for number in _CODE.findall(each.text)}
        return frozenset(pair for each in counted for pair in each.held | each.common.held) | codes

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of what is quotable."""
        return _stems(self.quotable)

    @cached_property
    def typed(self) -> frozenset[str]:
        """The stems of what a person or a website said."""
        return _stems(self.typed_texts)

    @cached_property
    def offered(self) -> frozenset[str]:
        """The stems of what the course or the brand says of itself."""
        return _stems(self.offers)

    @cached_property
    def every(self) -> frozenset[str]:
        """The stems of every fact."""
        return self.stems | self.typed

    @cached_property
    def content(self) -> Held:
        """What every fact speaks of."""
        return held_of(self.every, self.lexicon)

    @property
    def has_audience(self) -> bool:
        """True where a fact says whom the reader's company serves."""
        return any(fact.is_audience for fact in self.facts)

    @property
    def has_goal(self) -> bool:
        """True where a fact says what the reader wants."""
        return any(fact.is_goal for fact in self.facts)

    def read(self, text: str) -> Passage:
        """The text as it is read in the language of what is known."""
        return passage_of(text, self.language, self.lexicons)

    def saying(self, texts: Iterable[str]) -> "Known":
        """The same of other facts: these texts, each as if the course said it."""
        return replace(self, facts=tuple(Fact(f"course:{number}", each) for number, each in enumerate(texts)))

    def fact(self, identifier: str) -> Fact | None:
        """The fact of this id in the whole brief, if there is one."""
        return next((fact for fact in self._whole if fact.id == identifier), None)

    def cited_by(self, line: Line) -> tuple[Fact, ...]:
        """The facts that the line cites; all there are where it may do without and does."""
        found = tuple(fact for cite in line.cites if (fact := self.fact(cite)) is not None)
        return found or self._whole

    def under(self, line: Line) -> "Known":
        """No more than this line may say: what it cites, the course's title and the brand's name."""
        if not line.cites:
            return self
        facts = (*self.cited_by(line), *(fact for fact in self._whole if fact.is_title))
        return replace(self, facts=tuple(dict.fromkeys(facts)), whole=self._whole)

    @property
    def _whole(self) -> tuple[Fact, ...]:
        return self.facts if self.whole is None else self.whole


def known_of(brief: Brief, prompt: Prompt) -> Known:
    """What this brief lets a text say."""
    return Known(brief.language, brief.lexicons, prompt, brief.facts, brief.banned, brief.brand, brief.voice)


def holds(stems: frozenset[str], word: str, lexicon: Lexicon) -> bool:
    """True where the word, or one of its stem, is among these stems; where there are no spaces, inside one."""
    if not lexicon.has_spaces:
        return any(word in each for each in stems)
    return word in stems or lexicon.stem(word) in stems


def longest_first(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """Those that say anything, each folded text once, the longest first."""
    by_text = {each.folded: each for each in passages if each.text}
    return tuple(sorted(by_text.values(), key=lambda each: len(each.folded), reverse=True))


def without(said: Passage, quotations: Iterable[Passage]) -> Passage:
    """What is left of the text without the quotations that stand in it whole."""
    rest = said.folded
    for each in quotations:
        if each.folded in rest and len(each.tokens) >= QUOTED:
            rest = rest.replace(each.folded, " : ")
    return said.left(rest)


def _stems(passages: Iterable[Passage]) -> frozenset[str]:
    return frozenset(stem for each in passages for stem in each.stems)
