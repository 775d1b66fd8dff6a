"""The copy question: a constant prompt, the brief as JSON, a constant schema; and the reply as a copy, or why not."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from schemas.llm import Answer, Ask, Reply
from schemas.recommendation import Asked
from services.composer.core.advice import ADVICE
from services.composer.core.values import Brief, Copy, Finding, Prompt, Sentence

STAGE = "copy"
MOST_TOKENS = 560  # a copy is about 250 tokens; twice that for a language with more
MOST_TEXT = 600  # characters of one answered text that are looked at
MOST_SENTENCES = 12
MOST_CITES = 8
MOST_SHOWN = 4_000  # characters of the last answer that are shown again; a copy has 2,000
KEPT_CHARACTERS = 8_000  # of a raw answer in the record; a longer one is no copy, so that a record replays
CITABLE = (
    *(f"s{number}" for number in range(1, 21)),
    *(f"fact:{name}" for name in ("act", "conversion", "topic", "job", "company", "role", "title", "industry")),
    *(f"fact:{name}" for name in ("company_size", "goal", "product", "audience", "order", "taken", "reason")),
    *(f"course:{name}" for name in ("title", "skills", "level", "duration", "lessons", "language", "price")),
    *(f"course:takeaway.{number}" for number in range(3)),
    *(f"course:description.{number}" for number in range(6)),
)
# What a mail does for somebody at this stage of `schemas.recommendation.BuyingStage`; of another one nothing is told.
AIMS: Mapping[str, str] = MappingProxyType(
    {
        "problem": "start from their task",
        "exploring": "one idea to try first",
        "comparing": "show what sets the course apart",
        "ready": "show where to begin",
    }
)
_SIGNAL = re.compile(r"s\d+")
CITES: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": 2,
    "items": {"type": "string", "enum": list(CITABLE)},
}
CITED = {"$ref": "#/$defs/cites"}  # told once: the ids are most of the schema's tokens
CITING = ("subject_cites", "preheader_cites", "call_to_action_cites")  # none in an answer of before
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["subject", "preheader", "sentences", "call_to_action", *CITING],
    "properties": {
        "subject": {"type": "string", "minLength": 20, "maxLength": 70},
        "preheader": {"type": "string", "minLength": 20, "maxLength": 110},
        "sentences": {
            "type": "array",
            "minItems": 3,
            "maxItems": 5,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text", "cites"],
                "properties": {
                    "text": {"type": "string", "minLength": 20, "maxLength": 240},
                    "cites": CITED,
                },
            },
        },
        "call_to_action": {"type": "string", "minLength": 6, "maxLength": 36},
        **dict.fromkeys(CITING, CITED),
    },
    "$defs": {"cites": CITES},
}


@dataclass(frozen=True, slots=True)
class Refused:
    """The last answer, and what gate or reader found in it."""

    answer: Answer
    findings: tuple[Finding, ...]


def question(brief: Brief, prompt: Prompt, last: Refused | None = None) -> Ask:
    """The question; asked again, with the last answer and, by sentence, what was refused and what to do."""
    told: dict[str, Any] = {
        "language": brief.locale.words.language,
        "brand": brief.brand,
        "tone": brief.tone,
        **_voice(brief),
        **({"aim": aim} if (aim := AIMS.get(brief.stage)) else {}),
        "facts": told_facts(brief),
    }
    if last is not None:
        told["refused"] = {"your_answer": _shown(last.answer), "because": [_told(each) for each in last.findings]}
    user = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return Ask(STAGE, prompt.id, prompt.text, user, SCHEMA, MOST_TOKENS, attempt=0 if last is None else 1)


def _voice(brief: Brief) -> dict[str, Any]:
    """What the rule `tone` and the bans hold the answer to; of the voice only what it says for this language."""
    voice, language = brief.voice, brief.language
    told: dict[str, Any] = {"never_say": [*brief.banned, *voice.avoids.get(language, ())]}
    if forms := voice.address.get(language):
        told["address"] = ", ".join(forms)
    if voice.exclamation_marks is not None:
        told["most_exclamation_marks"] = voice.exclamation_marks
    return told


def _shown(answer: Answer) -> object:
    """The last answer as it was read; of one that is longer than any copy only its beginning, as text."""
    text = answer.text.strip()
    return answer.value if len(text) <= MOST_SHOWN else text[:MOST_SHOWN]


def _told(finding: Finding) -> dict[str, str]:
    place = {"in": finding.about} if finding.about else {}
    return {**place, "rule": finding.rule, "found": finding.detail, "do": ADVICE[finding.rule]}


def told_facts(brief: Brief) -> dict[str, str]:
    """The facts as the question tells them: one line an interest, however many signals show it."""
    told: dict[str, str] = {}
    interests: set[str] = set()
    for fact in brief.facts:
        if _SIGNAL.fullmatch(fact.id):
            if fact.text in interests:
                continue
            interests.add(fact.text)
        told[fact.id] = fact.text
    return told


def copy_from(reply: Answer) -> Copy | Finding:
    """The answer as a copy in composed Unicode form, or the finding `shape`; whatever the model sent."""
    if len(reply.text.strip()) > KEPT_CHARACTERS:
        return Finding("shape", f"expected at most {KEPT_CHARACTERS} characters")
    value = reply.value
    texts = [_text(value.get(name)) for name in ("subject", "preheader", "call_to_action")]
    sentences = _sentences(value.get("sentences"))
    cites = [_cites(value.get(name, [])) for name in CITING]
    if sentences is None or any(each is None for each in (*texts, *cites)):
        return Finding("shape", "expected subject, preheader, sentences and call_to_action, each text with its cites")
    subject, preheader, call_to_action = (each or "" for each in texts)
    of_subject, of_preheader, of_call = (each or () for each in cites)
    return Copy(subject, preheader, sentences, call_to_action, of_subject, of_preheader, of_call)


def asked(ask: Ask, reply: Reply) -> Asked:
    """The question and its answer as the record keeps them."""
    told = (
        {"outcome": "answer", "model": reply.model, "text": reply.text.strip()[:KEPT_CHARACTERS]}
        if isinstance(reply, Answer)
        else {"outcome": reply.fault.value, "detail": reply.detail[:KEPT_CHARACTERS]}
    )
    return Asked(
        **told,
        stage=ask.stage,
        prompt_id=ask.prompt_id,
        prompt_tokens=reply.usage.prompt_tokens,
        completion_tokens=reply.usage.completion_tokens,
        cost_micros=reply.usage.cost_micros,
        is_from_ledger=reply.is_from_ledger,
        escalated=reply.escalated[:KEPT_CHARACTERS],
        duration_s=reply.duration_s,
    )


def _sentences(value: object) -> tuple[Sentence, ...] | None:
    if not isinstance(value, list) or len(value) > MOST_SENTENCES:
        return None
    sentences = [_sentence(each) for each in value]
    return None if None in sentences else tuple(each for each in sentences if each is not None)


def _sentence(value: object) -> Sentence | None:
    if not isinstance(value, dict):
        return None
    text, cites = _text(value.get("text")), _cites(value.get("cites"))
    return None if text is None or cites is None else Sentence(text, cites)


def _cites(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or len(value) > MOST_CITES:
        return None
    named = tuple(each for each in value if isinstance(each, str))
    return named if len(named) == len(value) else None


def _text(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        return None
    return unicodedata.normalize("NFC", value).strip()
