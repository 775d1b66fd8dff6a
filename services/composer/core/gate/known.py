"""What the gate measures a text against: the facts, the language and its words, the banned claims, the prompt."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from schemas.voice import SILENT, Voice
from services.composer.core.gate.facts import is_audience, is_count, is_goal, is_offer, is_title
from services.composer.core.gate.folding import as_phrase, tokens, words
from services.composer.core.gate.lexicons import Lexicon, Lexicons
from services.composer.core.gate.quantities import PLAIN, Quantity, held_by
from services.composer.core.values import Brief, Fact, Line, Prompt
from services.rules.cited import NOTHING, Cited, cited_of
from services.rules.folding import REMEMBERED, fold
from services.rules.safety import Safety
from services.rules.speech import runs

_CODE = re.compile(r"\b[A-Z]{2,}[ -]?(\d+)\b")  # a number that is part of a name, whoever said it: `ISO 14001`
COMMON = "en"  # facts are in the mail's language, or in this one


@dataclass(frozen=True, slots=True)
class Known:
    """Folded once per line. `said` is every quotable fact as a phrase, `words` every word a text may name.

    `texts` are the quotable facts folded, `stems` theirs. `offered` are the stems of what the course or the brand says
    of itself; `typed` those of what a person or a website said.
    `offers` are the texts of `offered`; `has_audience`: a fact says whom the reader's company serves; `has_goal`: one
    says what they want. `said_by_reader` are the texts of `typed`.
    """

    language: str
    said: str
    words: frozenset[str]
    numbers: frozenset[Quantity]
    banned: tuple[str, ...]
    canary: str
    prompt_runs: frozenset[tuple[str, ...]]
    lexicons: Lexicons
    cited: Cited = NOTHING
    texts: tuple[str, ...] = ()
    stems: frozenset[str] = frozenset()
    offered: frozenset[str] = frozenset()
    typed: frozenset[str] = frozenset()
    offers: tuple[str, ...] = ()
    has_audience: bool = False
    has_goal: bool = False
    said_by_reader: tuple[str, ...] = ()
    voice: Voice = SILENT

    @property
    def lexicon(self) -> Lexicon:
        """The words of the text's language."""
        return self.lexicons.of(self.language)

    @property
    def safety(self) -> Safety:
        """The words of every language that no text may hold, and the public suffixes."""
        return self.lexicons.safety


@dataclass(frozen=True, slots=True)
class Ground:
    """What a line stands on: every fact it may cite, and what is known of them."""

    known: Known
    facts: tuple[Fact, ...]
    brand: str = ""

    def fact(self, identifier: str) -> Fact | None:
        """The fact of this id, if there is one."""
        return next((fact for fact in self.facts if fact.id == identifier), None)

    def cited(self, line: Line) -> tuple[Fact, ...]:
        """The facts that the line cites; all there are where it may do without and does."""
        found = tuple(fact for cite in line.cites if (fact := self.fact(cite)) is not None)
        return found or self.facts

    def under(self, line: Line) -> "Ground":
        """The same, knowing no more than this line may say: what it cites, the course's title and the brand's name."""
        if not line.cites:
            return self
        facts = (*self.cited(line), *(fact for fact in self.facts if is_title(fact.id)))
        return replace(self, known=_of_facts(self.known, tuple(dict.fromkeys(facts)), self.brand))


def known_from(
    language: str,
    texts: Iterable[str],
    banned: tuple[str, ...],
    prompt: Prompt,
    lexicons: Lexicons,
) -> Known:
    """What may be said, from the texts that may be quoted, each as if the course or the brand said it."""
    runs_of_prompt = _prompt_runs(prompt.text)
    nothing: frozenset[Any] = frozenset()
    bare = Known(language, "", nothing, nothing, banned, prompt.canary, runs_of_prompt, lexicons)
    return _of_facts(bare, tuple(Fact(f"course:{number}", each) for number, each in enumerate(texts)), "")


def known_of(brief: Brief, prompt: Prompt) -> Known:
    """What this brief lets a text say."""
    bare = known_from(brief.language, (), brief.banned, prompt, brief.lexicons)
    return replace(_of_facts(bare, brief.facts, brief.brand), voice=brief.voice)


def ground_of(brief: Brief, prompt: Prompt) -> Ground:
    """What the lines of this brief's mail stand on."""
    return Ground(known_of(brief, prompt), brief.facts, brief.brand)


def ground_from(language: str, facts: tuple[Fact, ...], prompt: Prompt, lexicons: Lexicons) -> Ground:
    """What a line stands on whose facts come from outside; no brand bans anything."""
    bare = known_from(language, (), (), prompt, lexicons)
    return Ground(_of_facts(bare, facts, ""), facts)


@lru_cache(maxsize=REMEMBERED)
def stems_of(text: str, lexicon: Lexicon) -> frozenset[str]:
    """The stems of every word, and the words themselves."""
    if not lexicon.has_spaces:
        return frozenset({fold(text)})
    said = tokens(text)
    return frozenset((*said, *(lexicon.stem(each) for each in said)))


def holds(stems: frozenset[str], word: str, lexicon: Lexicon) -> bool:
    """True where the word, or one of its stem, is among these stems; where there are no spaces, inside one."""
    if not lexicon.has_spaces:
        return any(word in each for each in stems)
    return word in stems or lexicon.stem(word) in stems


def _of_facts(known: Known, facts: tuple[Fact, ...], brand: str) -> Known:
    lexicon = known.lexicon
    quotable = (brand, *(fact.text for fact in facts if fact.is_course))
    typed = tuple(fact.text for fact in facts if not fact.is_course)
    offers = (brand, *(fact.text for fact in facts if fact.is_course and is_offer(fact.id)))
    return replace(
        known,
        cited=cited_of(quotable),
        said=" ".join(as_phrase(each) for each in quotable),
        words=frozenset(form for each in (*quotable, *typed) for form in _forms(each)),
        numbers=_numbers((*quotable, *(fact.text for fact in facts if is_count(fact.id))), known.lexicons, lexicon)
        | frozenset((PLAIN, number) for each in typed for number in _CODE.findall(each)),
        texts=tuple(sorted({fold(each) for each in quotable if each}, key=len, reverse=True)),
        stems=_stems(quotable, lexicon),
        offered=_stems(offers, lexicon),
        typed=_stems(typed, lexicon),
        offers=tuple(fold(each) for each in offers if each),
        has_audience=any(is_audience(fact.id) for fact in facts),
        has_goal=any(is_goal(fact.id) for fact in facts),
        said_by_reader=tuple(fold(each) for each in typed),
    )


def _numbers(texts: Iterable[str], lexicons: Lexicons, lexicon: Lexicon) -> frozenset[Quantity]:
    spoken = (lexicon, lexicons.of(COMMON))
    return frozenset(pair for text in texts for each in spoken for pair in held_by(text, each))


def _stems(texts: Iterable[str], lexicon: Lexicon) -> frozenset[str]:
    return frozenset(stem for each in texts for stem in stems_of(each, lexicon))


@lru_cache(maxsize=REMEMBERED)
def _forms(text: str) -> frozenset[str]:
    return frozenset(form for word in words(text) for form in (word, *word.split("'"))) | frozenset(tokens(text))


@lru_cache(maxsize=8)
def _prompt_runs(text: str) -> frozenset[tuple[str, ...]]:
    return runs(text)
