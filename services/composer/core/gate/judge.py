"""The rules by name, and the judgement over a mail or one line: every rule that refuses is named, with what it saw.

A mail is its lines, each judged as it would be alone, and what holds of all of them together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from services.composer.core.gate import claims, form, levels, names, safety, tone, unsaid, whole
from services.composer.core.gate.additions import addition
from services.composer.core.gate.counts import count
from services.composer.core.gate.grounding import extra_item, grounding
from services.composer.core.gate.known import Ground, Known, ground_from, ground_of
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.safety import TextRule
from services.composer.core.values import Author, Brief, Copy, Fact, Field, Finding, Line, Prompt

LineRule: TypeAlias = Callable[[Line, Ground], str | None]
CopyRule: TypeAlias = Callable[[Copy, Brief], str | None]

MOST_DETAIL, MOST_ABOUT = 120, 300  # characters kept of what a rule saw, and of the line
SAFETY: Mapping[str, TextRule] = {
    "characters": safety.of_layer("characters"),
    "mixed_script": safety.of_layer("mixed_script"),
    "encoded_word": safety.of_layer("encoded_word"),
    "link": safety.of_layer("link"),
    "markup": safety.of_layer("markup"),
    "placeholder": safety.of_layer("placeholder"),
    "contact": safety.of_layer("contact"),
    "banned_claim": safety.banned_claim,
    "request": safety.of_layer("request"),
    "injection": safety.of_layer("injection"),
    "prompt_leak": safety.prompt_leak,
}
CLAIMS: Mapping[str, TextRule] = {
    "number": claims.number,
    "number_word": claims.number_word,
    "date": unsaid.date,
    "claim": unsaid.claim,
    "watching": safety.watching,
    "model_refusal": safety.of_layer("model_refusal"),
    "name": names.name,
}
FORM: Mapping[str, LineRule] = {
    "length": form.length,
    "citation": form.citation,
    "repetition": form.repetition,
    "language": form.language,
}
UNSAID: Mapping[str, TextRule] = {
    "others": unsaid.others,
    "audience": unsaid.audience,
    "live": unsaid.live,
    "seats": unsaid.seats,
    "outcome": unsaid.outcome,
    "praise": unsaid.praise,
    "origin": unsaid.origin,
    "extras": unsaid.extras,
    "remembered": unsaid.remembered,
    "scope": unsaid.scope,
    "prerequisite": unsaid.prerequisite,
    "level": levels.level,
    "spoken": levels.spoken,
}
# Of what is ours to say, a model's words and the house's phrases; of what a lead said never.
TONE: Mapping[str, TextRule] = {"tone": tone.tone}
# Of what a model wrote; the house's own phrases are the business's word, and their slots are judged by the rest.
GROUNDING: Mapping[str, LineRule] = {
    "grounding": grounding,
    "extra_item": extra_item,
    "addition": addition,
    "count": count,
    "untold_language": form.untold_language,
}
WHOLE: Mapping[str, CopyRule] = {
    "length": whole.length,
    "course_named": whole.course_named,
    "repetition": whole.repetition,
    "language": whole.language,
    "tone": tone.whole,
}
NO_PROMPT = Prompt("", "", "")


def judge(copy: Copy, brief: Brief, prompt: Prompt) -> tuple[Finding, ...]:
    """Every finding over a whole text; empty means it may go."""
    ground = ground_of(brief, prompt)
    of_lines = tuple(finding for line in copy.lines() for finding in _judge_line(line, ground, copy.author))
    of_all = tuple(
        Finding(name, detail[:MOST_DETAIL]) for name, rule in WHOLE.items() if (detail := rule(copy, brief)) is not None
    )
    return tuple(dict.fromkeys((*of_lines, *of_all)))


def judge_line(
    field: Field, language: str, text: str, facts: Sequence[Fact], lexicons: Lexicons
) -> tuple[Finding, ...]:
    """Every finding over one line of a model that cites all these facts, which are the whole brief.

    Empty means it may stand. No brand bans a claim here, and no prompt can leak. Law: a mail's line of the same facts
    has the same findings.
    """
    ground = ground_from(language, tuple(facts), NO_PROMPT, lexicons)
    return _judge_line(Line(field, text, tuple(fact.id for fact in facts)), ground, "model")


def judge_text(text: str, known: Known) -> tuple[Finding, ...]:
    """Every finding over one piece of text."""
    return _findings(text, known, {**SAFETY, **CLAIMS})


def judge_own(text: str, known: Known) -> tuple[Finding, ...]:
    """The same over one that speaks for the brand: a phrase of the house, or a job in a model's words."""
    return _findings(text, known, {**SAFETY, **CLAIMS, **TONE})


def is_safe(text: str, known: Known) -> bool:
    """True where no rule of safety refuses: enough for what the catalogue says of its own course."""
    return not unsafe(text, known)


def unsafe(text: str, known: Known) -> tuple[Finding, ...]:
    """Every finding of the rules of safety alone."""
    return _findings(text, known, SAFETY)


def _judge_line(line: Line, ground: Ground, author: Author) -> tuple[Finding, ...]:
    is_ours = author == "house"
    rules = FORM if is_ours else {**FORM, **GROUNDING}
    ground = ground if is_ours else ground.under(line)
    of_form = (
        Finding(name, detail[:MOST_DETAIL])
        for name, rule in rules.items()
        if (detail := rule(line, ground)) is not None
    )
    of_text = {**SAFETY, **CLAIMS} if is_ours else {**SAFETY, **CLAIMS, **UNSAID, **TONE}
    found = (*_findings(line.text, ground.known, of_text), *of_form)
    return tuple(replace(each, about=line.text[:MOST_ABOUT]) for each in found)


def _findings(text: str, known: Known, rules: Mapping[str, TextRule]) -> tuple[Finding, ...]:
    return tuple(
        Finding(name, detail[:MOST_DETAIL]) for name, rule in rules.items() if (detail := rule(text, known)) is not None
    )
