"""The rules of safety as the gate asks them: what no text may hold, whoever wrote it."""

from collections.abc import Callable
from typing import TypeAlias

from services.composer.core.gate.known import Known
from services.rules import speech
from services.rules import watching as watched
from services.rules.layer import LAYER

TextRule: TypeAlias = Callable[[str, Known], str | None]


def of_layer(name: str) -> TextRule:
    """The rule of this name that every service asks, of what the gate knows."""
    rule = LAYER[name]
    return lambda text, known: rule(text, known.language, known.cited, known.safety)


def banned_claim(text: str, known: Known) -> str | None:
    """A claim the brand never makes."""
    return speech.banned_claim(text, known.banned)


def prompt_leak(text: str, known: Known) -> str | None:
    """The prompt's canary, or a long run of its words."""
    return speech.prompt_leak(text, known.canary, known.prompt_runs)


def watching(text: str, known: Known) -> str | None:
    """Words that tell a reader somebody watches."""
    return watched.watching(text, known.language, known.cited, known.safety.lexicon)
