"""The words of each language as values: what the rules know of a language, handed over by who read the files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from services.composer.core.gate.cues import Cues
from services.rules.safety import Safety

Stem: TypeAlias = Callable[[str], str]
"""A folded word to its stem."""
Detect: TypeAlias = Callable[[str], Mapping[str, float]]
"""The probability of each language there is to choose from, best first; empty where nothing can be told."""
Capitals: TypeAlias = Literal["names", "nouns", "none"]
"""What a capital inside a sentence says: a name, a noun, or nothing."""


@dataclass(frozen=True, slots=True)
class Counting:
    """How a language counts; every word is folded.

    `numbers`: word to value. `units`: word to (kind, how many of it). `fixed`: tokens to a quantity as a whole.
    `halves`: what adds a half after a unit or a number. `per`: words between a quantity and the unit it comes again in.
    `lasts`: words after which `an hour` is 60 minutes. `ordinals`: `first` in `the first two`, which counts nothing.
    `clock`: words before an hour of the day, where an hour and the hour are one word: `om` in `om vijf uur`.
    """

    numbers: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    fixed: Mapping[tuple[str, ...], tuple[str, float]] = field(default_factory=dict)
    halves: frozenset[tuple[str, ...]] = frozenset()
    articles: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    per: frozenset[str] = frozenset()
    ordinals: frozenset[str] = frozenset()
    lasts: frozenset[str] = frozenset()
    clock: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """One language. `function`, `starters` and `capitalised` are folded words, `general` stems; `cues` by rule.

    `connectors` are words that begin what a sentence adds: `with`, `plus`, `by`. `telling` are those of what somebody
    said of themselves (`asked`, `wrote`), `experience` those of what a beginner lacks.

    `address` is by form of address the words that tell it, as they are written; `core/gate/tone.py` reads them.

    `levels` and `languages` are words to the one name of a level or a language. `allows` are by rule the words whose
    stem in a cited fact lets the rule's cues stand.
    """

    language: str
    stem: Stem = str
    has_spaces: bool = True
    capitals: Capitals = "names"
    function: frozenset[str] = frozenset()
    general: frozenset[str] = frozenset()
    starters: frozenset[str] = frozenset()
    capitalised: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    connectors: frozenset[str] = frozenset()
    telling: frozenset[str] = frozenset()
    experience: frozenset[str] = frozenset()
    address: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)
    counting: Counting = Counting()
    cues: Cues = field(default_factory=Cues)
    allows: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Lexicons:
    """Every language's words, the acronyms of all trades, and who tells a language where words do not.

    `safety` is of every language at once: what is asked of a reader in a language that is not the mail's is asked too.
    """

    safety: Safety
    by_language: Mapping[str, Lexicon] = field(default_factory=dict)
    acronyms: frozenset[str] = frozenset()
    detect: Detect | None = None

    def of(self, language: str) -> Lexicon:
        """The words of this language, of `pt-BR` those of `pt`; none where there are none."""
        found = self.by_language.get(language) or self.by_language.get(language.partition("-")[0])
        return found or NO_WORDS

    def knows(self, language: str) -> bool:
        """True where there are words of this language."""
        return self.of(language) is not NO_WORDS


NO_WORDS = Lexicon("")
