"""How advanced a course is said to be, and in which language: what the facts hold as well, in whatever language."""

from collections.abc import Callable, Mapping

from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicon
from services.composer.core.gate.statement import Statement

LEVELS = frozenset({"beginner", "intermediate", "advanced"})  # rules of cues that say a level in other words
_Names = Callable[[Lexicon], Mapping[str, str]]


def level(statement: Statement) -> str | None:
    """A level of a course that no fact holds; where facts hold one, another one said in other words."""
    return _not_held(statement, _levels) or _implied(statement)


def spoken(statement: Statement) -> str | None:
    """A language that no fact names."""
    return _not_held(statement, lambda lexicon: lexicon.languages)


def _levels(lexicon: Lexicon) -> Mapping[str, str]:
    return lexicon.levels


def _not_held(statement: Statement, names: _Names) -> str | None:
    said = statement.own.named(names(statement.lexicon))
    held = _held(statement.known, names) if said else frozenset()
    return next((each for each in sorted(said) if each not in held), None)


def _implied(statement: Statement) -> str | None:
    """A cue of a level (`never held a brush`) beside facts that hold other levels alone."""
    said = tuple(each for each in statement.own.cues if each.rule in LEVELS)
    held = _held(statement.known, _levels) if said else frozenset()
    return next((" ".join(each.words) for each in said if held and each.rule not in held), None)


def _held(known: Known, names: _Names) -> frozenset[str]:
    """What the stems of the facts name, in the text's language or in the common one."""
    facts = known.every if not known.lexicon.has_spaces else (" ".join(known.every),)
    read = [passage for each in facts for passage in (known.read(each), known.read(each).common)]
    return frozenset(name for each in read for name in each.named(names(each.lexicon)))
