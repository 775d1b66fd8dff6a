"""How advanced a course is said to be, and in which language: what the facts hold as well, in whatever language."""

from collections.abc import Mapping
from functools import lru_cache

from services.composer.core.gate.folding import tokens
from services.composer.core.gate.known import COMMON, Known
from services.composer.core.gate.lexicons import Lexicon
from services.composer.core.gate.unsaid import cues_in, unquoted
from services.rules.folding import REMEMBERED, fold

LEVELS = frozenset({"beginner", "intermediate", "advanced"})  # rules of cues that say a level in other words


def level(text: str, known: Known) -> str | None:
    """A level of a course that no fact holds; where facts hold one, another one said in other words."""
    return _not_held(text, known, "levels") or _implied(text, known)


def spoken(text: str, known: Known) -> str | None:
    """A language that no fact names."""
    return _not_held(text, known, "languages")


def _not_held(text: str, known: Known, kind: str) -> str | None:
    said = named_in(unquoted(text, known.texts), known.lexicon, kind)
    held = _held(known, kind)
    return next((each for each in sorted(said) if each not in held), None)


def _implied(text: str, known: Known) -> str | None:
    """A cue of a level (`never held a brush`) beside facts that hold other levels alone."""
    said = tuple(each for each in cues_in(unquoted(text, known.texts), known.lexicon) if each.rule in LEVELS)
    held = _held(known, "levels") if said else frozenset()
    return next((" ".join(each.words) for each in said if held and each.rule not in held), None)


def _held(known: Known, kind: str) -> frozenset[str]:
    facts = (*known.stems, *known.typed) if not known.lexicon.has_spaces else (" ".join(known.stems | known.typed),)
    spoken_in = (known.lexicon, known.lexicons.of(COMMON))
    return frozenset(name for fact in facts for lexicon in spoken_in for name in named_in(fact, lexicon, kind))


@lru_cache(maxsize=REMEMBERED)
def named_in(text: str, lexicon: Lexicon, kind: str) -> frozenset[str]:
    """The levels, or the languages, that a text names, by one name for each."""
    names: Mapping[str, str] = lexicon.levels if kind == "levels" else lexicon.languages
    if not lexicon.has_spaces:
        folded = fold(text)
        return frozenset(name for word, name in names.items() if word in folded)
    said = tokens(text)
    phrases = {name for each, name in names.items() if " " in each and f" {each} " in f" {' '.join(said)} "}
    return frozenset(phrases | {names[each] for each in said if each in names})
