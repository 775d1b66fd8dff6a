"""What the gate measures a text against: the facts, the language, the banned claims, the prompt."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from services.composer.core.gate.folding import as_phrase, quantities, words
from services.composer.core.values import Brief, Prompt
from services.rules.cited import Cited, cited_of
from services.rules.safety import Safety
from services.rules.speech import runs


@dataclass(frozen=True, slots=True)
class Known:
    """Folded once per mail. `said` is every course and brand fact as a phrase, `names` every word a text may name."""

    language: str
    said: str
    words: frozenset[str]
    numbers: frozenset[tuple[str, str]]
    banned: tuple[str, ...]
    canary: str
    prompt_runs: frozenset[tuple[str, ...]]
    cited: Cited
    safety: Safety


def known_from(language: str, texts: Iterable[str], banned: tuple[str, ...], prompt: Prompt) -> Known:
    """What may be said, from the texts that may be quoted."""
    facts = tuple(texts)
    return Known(
        language=language,
        said=" ".join(as_phrase(each) for each in facts),
        words=frozenset(form for each in facts for word in words(each) for form in (word, word.removesuffix("'s"))),
        numbers=frozenset(pair for each in facts for pair in quantities(each)),
        banned=banned,
        canary=prompt.canary,
        prompt_runs=_prompt_runs(prompt.text),
        cited=cited_of(facts),
        safety=prompt.safety,
    )


def known_of(brief: Brief, prompt: Prompt) -> Known:
    """What this brief lets a text say."""
    texts = (brief.brand, *(fact.text for fact in brief.facts if fact.is_course))
    return known_from(brief.language, texts, brief.banned, prompt)


@lru_cache(maxsize=8)
def _prompt_runs(text: str) -> frozenset[tuple[str, ...]]:
    return runs(text)
