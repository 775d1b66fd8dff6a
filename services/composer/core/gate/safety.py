"""The rules of safety as the gate asks them: what no text may hold, whoever wrote it."""

from collections.abc import Callable
from typing import TypeAlias

from services.composer.core.gate.statement import Statement
from services.rules import speech
from services.rules import watching as watched
from services.rules.layer import LAYER

Rule: TypeAlias = Callable[[Statement], str | None]
"""What a rule saw of a statement for which it refuses it; None where it does not."""


def of_layer(name: str) -> Rule:
    """The rule of this name that every service asks, of what the gate knows."""
    rule = LAYER[name]

    def asked(statement: Statement) -> str | None:
        known = statement.known
        return rule(statement.line.text, known.language, known.cited, known.safety)

    return asked


def banned_claim(statement: Statement) -> str | None:
    """A claim the brand never makes."""
    return speech.banned_claim(statement.line.text, statement.known.banned)


def prompt_leak(statement: Statement) -> str | None:
    """The prompt's canary, or a long run of its words."""
    prompt = statement.known.prompt
    return speech.prompt_leak(statement.line.text, prompt.canary, prompt.runs)


def watching(statement: Statement) -> str | None:
    """Words that tell a reader somebody watches."""
    known = statement.known
    return watched.watching(statement.line.text, known.language, known.cited, known.safety.lexicon)
