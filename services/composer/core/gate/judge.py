"""The rules by name, and the judgement over a mail or one line: every rule that refuses is named, with what it saw.

A mail is its lines, each judged as it would be alone, and what holds of all of them together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from services.composer.core.gate import claims, form, levels, names, safety, tone, unsaid, whole
from services.composer.core.gate.additions import addition
from services.composer.core.gate.facts import Fact
from services.composer.core.gate.grounding import extra_item, grounding
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.safety import Rule
from services.composer.core.gate.statement import Statement
from services.composer.core.values import Author, Copy, Field, Finding, Line, Prompt

CopyRule: TypeAlias = Callable[[Copy, Known], str | None]

MOST_DETAIL, MOST_ABOUT = 120, 300  # characters kept of what a rule saw, and of the line
SAFETY: Mapping[str, Rule] = {
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
CLAIMS: Mapping[str, Rule] = {
    "number": claims.number,
    "number_word": claims.number_word,
    "date": unsaid.date,
    "claim": unsaid.claim,
    "watching": safety.watching,
    "model_refusal": safety.of_layer("model_refusal"),
    "name": names.name,
}
FORM: Mapping[str, Rule] = {
    "length": form.length,
    "citation": form.citation,
    "repetition": form.repetition,
    "language": form.language,
}
UNSAID: Mapping[str, Rule] = {
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
TONE: Mapping[str, Rule] = {"tone": tone.tone}
# Of what a model wrote; the house's own phrases are the business's word, and their slots are judged by the rest.
GROUNDING: Mapping[str, Rule] = {
    "grounding": grounding,
    "extra_item": extra_item,
    "addition": addition,
    "count": claims.count,
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


def judge(copy: Copy, known: Known) -> tuple[Finding, ...]:
    """Every finding over a whole text by what its brief lets it say; empty means it may go."""
    of_lines = (finding for line in copy.lines for finding in _judge_line(line, known, copy.author))
    of_all = (
        Finding(name, detail[:MOST_DETAIL]) for name, rule in WHOLE.items() if (detail := rule(copy, known)) is not None
    )
    return tuple(dict.fromkeys((*of_lines, *of_all)))


def judge_line(
    field: Field, language: str, text: str, facts: Sequence[Fact], lexicons: Lexicons
) -> tuple[Finding, ...]:
    """Every finding over one line of a model that cites all these facts, which are the whole brief.

    Empty means it may stand. No brand bans a claim here, and no prompt can leak. Law: a mail's line of the same facts
    has the same findings.
    """
    known = Known(language, lexicons, NO_PROMPT, tuple(facts))
    return tuple(_judge_line(Line(field, text, tuple(fact.id for fact in facts)), known, "model"))


def judge_text(text: str, known: Known) -> tuple[Finding, ...]:
    """Every finding over one piece of text."""
    return tuple(_findings(alone(text, known), {**SAFETY, **CLAIMS}))


def judge_own(text: str, known: Known) -> tuple[Finding, ...]:
    """The same over one that speaks for the brand: a phrase of the house, or a job in a model's words."""
    return tuple(_findings(alone(text, known), {**SAFETY, **CLAIMS, **TONE}))


def unsafe(text: str, known: Known) -> tuple[Finding, ...]:
    """Every finding of the rules of safety alone: enough for what the catalogue says of its own course."""
    return tuple(_findings(alone(text, known), SAFETY))


def refusing(text: str, known: Known) -> str | None:
    """The first rule of safety that refuses, by name; None where none does."""
    return next((each.rule for each in _findings(alone(text, known), SAFETY)), None)


def is_safe(text: str, known: Known) -> bool:
    """True where no rule of safety refuses."""
    return refusing(text, known) is None


def alone(text: str, known: Known) -> Statement:
    """A text that is judged before it stands in any line."""
    return Statement(Line(Field.SENTENCE, text), known)


def _judge_line(line: Line, known: Known, author: Author) -> Iterator[Finding]:
    """The house's own phrases stand on the whole brief, a model's lines on what they cite."""
    if author == "house":
        found = _findings(Statement(line, known), {**SAFETY, **CLAIMS, **FORM})
    else:
        rules = {**SAFETY, **CLAIMS, **UNSAID, **TONE, **FORM, **GROUNDING}
        found = _findings(Statement(line, known.under(line)), rules)
    return (replace(each, about=line.text[:MOST_ABOUT]) for each in found)


def _findings(statement: Statement, rules: Mapping[str, Rule]) -> Iterator[Finding]:
    return (
        Finding(name, detail[:MOST_DETAIL]) for name, rule in rules.items() if (detail := rule(statement)) is not None
    )
