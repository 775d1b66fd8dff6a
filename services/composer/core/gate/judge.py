"""The rules by name, and the judgement over a text: every rule that refuses is named, with what it saw."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from services.composer.core.gate import claims, form, safety
from services.composer.core.gate.known import Known, known_of
from services.composer.core.values import Brief, Copy, Finding, Prompt

TextRule: TypeAlias = Callable[[str, Known], str | None]
CopyRule: TypeAlias = Callable[[Copy, Brief], str | None]

MOST_DETAIL = 120  # characters kept of what a rule saw
SAFETY: Mapping[str, TextRule] = {
    "characters": safety.characters,
    "mixed_script": safety.mixed_script,
    "encoded_word": safety.encoded_word,
    "link": safety.link,
    "markup": safety.markup,
    "placeholder": safety.placeholder,
    "contact": safety.contact,
    "banned_claim": safety.banned_claim,
    "request": safety.request,
    "injection": safety.injection,
    "prompt_leak": safety.prompt_leak,
}
CLAIMS: Mapping[str, TextRule] = {
    "number": claims.number,
    "number_word": claims.number_word,
    "date": claims.date,
    "claim": claims.claim,
    "watching": safety.watching,
    "model_refusal": safety.model_refusal,
    "name": claims.name,
}
FORM: Mapping[str, CopyRule] = {
    "length": form.length,
    "citation": form.citation,
    "grounding": form.grounding,
    "course_named": form.course_named,
    "repetition": form.repetition,
    "language": form.language,
}


def judge(copy: Copy, brief: Brief, prompt: Prompt) -> tuple[Finding, ...]:
    """Every finding over a whole text; empty means it may go."""
    known = known_of(brief, prompt)
    texts = tuple(finding for piece in copy.pieces() for finding in judge_text(piece, known))
    forms = tuple(
        Finding(name, detail[:MOST_DETAIL]) for name, rule in FORM.items() if (detail := rule(copy, brief)) is not None
    )
    return tuple(dict.fromkeys((*texts, *forms)))


def judge_text(text: str, known: Known) -> tuple[Finding, ...]:
    """Every finding over one piece of text."""
    return _findings(text, known, {**SAFETY, **CLAIMS})


def is_safe(text: str, known: Known) -> bool:
    """True where no rule of safety refuses: enough for what the catalogue says of its own course."""
    return not unsafe(text, known)


def unsafe(text: str, known: Known) -> tuple[Finding, ...]:
    """Every finding of the rules of safety alone."""
    return _findings(text, known, SAFETY)


def _findings(text: str, known: Known, rules: Mapping[str, TextRule]) -> tuple[Finding, ...]:
    return tuple(
        Finding(name, detail[:MOST_DETAIL]) for name, rule in rules.items() if (detail := rule(text, known)) is not None
    )
