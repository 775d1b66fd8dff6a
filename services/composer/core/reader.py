"""The second reader: a model is asked whether each line of a copy stands on the facts it cites.

One question a copy: its lines numbered, with the facts. A line without a verdict is refused; an answer of another shape
is none. Only what a model wrote is read: the house's own words are the business's.
"""

import json
import unicodedata
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

from pydantic import ValidationError

from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply
from schemas.reading import SUPPORTED, LineVerdict, Reading, Verdict
from schemas.recommendation import Asked
from services.composer.core.asking import KEPT_CHARACTERS, asked
from services.composer.core.gate.facts import is_title
from services.composer.core.gate.judge import MOST_ABOUT
from services.composer.core.values import Fact, Field, Finding, Line, Prompt

STAGE = "reader"
RULE = "reader"
MOST_TOKENS = 700  # 15 lines at 20 tokens, and why six of them will not do
MOST_WHY = 160  # characters of what is wrong with a line that a finding tells
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["verdicts"],
    "properties": {
        "verdicts": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["line", "verdict", "why"],
                "properties": {
                    "line": {"type": "integer"},
                    "verdict": {"type": "string", "enum": list(get_args(Verdict))},
                    "why": {"type": "string"},
                },
            },
        }
    },
}


@dataclass(frozen=True, slots=True)
class Material:
    """What is read: the lines of a mail in this language, the facts there are, and who sends it."""

    lines: tuple[Line, ...]
    facts: tuple[Fact, ...]
    language: str
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """The reader gave no answer that can be used: why."""

    why: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What reading a copy came to: the findings, the question on record, and whether there was a reader at all."""

    findings: tuple[Finding, ...] = ()
    asked: tuple[Asked, ...] = ()
    is_unread: bool = False


def second_reading(material: Material, prompt: Prompt | None) -> Generator[Ask, Reply, Heard]:
    """What the reader finds; nothing where nobody is to read: no prompt is given, or the stage is off."""
    if prompt is None:
        return Heard()
    ask = reading_question(material, prompt)
    reply = yield ask
    if isinstance(reply, NoAnswer) and reply.fault is Fault.OFF:
        return Heard()
    record, found = asked(ask, reply), findings_of(reply, material.lines)
    if isinstance(found, Unread):
        if isinstance(reply, Answer):
            record = record.model_copy(update={"outcome": "invalid", "detail": found.why})
        return Heard((Finding(RULE, f"not read: {found.why}"),), (record,), is_unread=True)
    return Heard(found, (record,))


def reading_question(material: Material, prompt: Prompt) -> Ask:
    """The question: numbered lines with what they cite, each fact once; of facts that no line stands on none."""
    lines = material.lines
    cited = {cite for line in lines for cite in line.cites}
    is_all = any(not line.cites for line in lines)
    facts = {fact.id: fact.text for fact in material.facts if is_all or fact.id in cited or is_title(fact.id)}
    told = {
        "language": material.language,
        "brand": material.brand,
        "facts": facts,
        "lines": [
            {"line": number, **_place(line), "text": line.text, "cites": list(line.cites)}
            for number, line in enumerate(lines, 1)
        ],
    }
    user = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return Ask(STAGE, prompt.id, prompt.text, user, SCHEMA, MOST_TOKENS, doubt=partial(_doubt, lines=lines))


def _place(line: Line) -> dict[str, str]:
    """Where a line stands; most are sentences, and need not say so."""
    return {} if line.field is Field.SENTENCE else {"field": line.field.value}


def findings_of(reply: Reply, lines: Sequence[Line]) -> tuple[Finding, ...] | Unread:
    """A finding for each line that is not supported, or has no verdict; empty means that every line is.

    Of a line that is named twice every verdict counts, and a number that no line has counts for nothing.
    """
    if isinstance(reply, NoAnswer):
        return Unread(f"{reply.fault}: {reply.detail}"[:MOST_WHY])
    if len(reply.text.strip()) >= KEPT_CHARACTERS:  # the record has so many of a longer one, and replays as it was
        return Unread(f"expected fewer than {KEPT_CHARACTERS} characters")
    return _refused(reply.value, lines)


def _doubt(value: dict[str, Any], lines: Sequence[Line]) -> str | None:
    """Why a smaller model's answer goes on to the larger: anything but every line supported."""
    found = _refused(value, lines)
    if isinstance(found, Unread):
        return found.why
    return "; ".join(each.detail for each in found) or None


def _refused(value: dict[str, Any], lines: Sequence[Line]) -> tuple[Finding, ...] | Unread:
    try:
        reading = Reading.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return Unread(f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:MOST_WHY])
    return tuple(
        Finding(RULE, detail, line.text[:MOST_ABOUT])
        for number, line in enumerate(lines, 1)
        if (detail := _detail(line, [each for each in reading.verdicts if each.line == number])) is not None
    )


def _detail(line: Line, verdicts: Sequence[LineVerdict]) -> str | None:
    """What is wrong with a line, None where nothing is."""
    worst = next((each for each in verdicts if each.verdict != SUPPORTED), None)
    if worst is None and verdicts:
        return None
    said = "no verdict" if worst is None else ": ".join(filter(None, (worst.verdict, _plain(worst.why))))
    return f"{line.field.value}: {said}"


def _plain(why: str) -> str:
    """The reader's words on one line, in composed form, no longer than a finding tells."""
    composed = unicodedata.normalize("NFC", why)
    return " ".join("".join(each if each.isprintable() else " " for each in composed).split())[:MOST_WHY]
