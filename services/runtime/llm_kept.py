"""A reply as it is kept, and a kept reply as it is used again. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.ledger import KeptReply
from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply, Usage
from services.runtime.llm_answer import object_of

ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a question is asked, and at which input partition."""

    service: str
    partition: int
    person: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question to one model, its key, and when it was asked."""

    ask: Ask
    model: str
    key: str
    asked_at: datetime


def is_paid(reply: Reply) -> bool:
    """True for what was billed: an answer, or a reply that counted tokens though nothing can be done with it."""
    return isinstance(reply, Answer) or reply.usage.prompt_tokens + reply.usage.completion_tokens > 0


def kept_of(reply: Reply, question: Question, asker: Asker) -> KeptReply:
    """The record of a reply."""
    told: dict[str, Any] = (
        {"outcome": ANSWER, "text": reply.text, "answered_by": reply.model}
        if isinstance(reply, Answer)
        else {"outcome": reply.fault.value, "detail": reply.detail, "text": reply.text}
    )
    return KeptReply(
        **told,
        key=question.key,
        service=asker.service,
        person=asker.person,
        stage=question.ask.stage,
        prompt_id=question.ask.prompt_id,
        model=question.model,
        prompt_tokens=reply.usage.prompt_tokens,
        completion_tokens=reply.usage.completion_tokens,
        cost_micros=reply.usage.cost_micros,
        duration_s=reply.duration_s,
        asked_at=question.asked_at,
    )


def reply_of(kept: KeptReply, *, is_from_ledger: bool) -> Reply | None:
    """The reply again, with what it cost then; None where this version of the code cannot read it."""
    usage = Usage(kept.prompt_tokens, kept.completion_tokens, kept.cost_micros)
    if kept.outcome == ANSWER:
        value = object_of(kept.text)
        if value is None:
            return None
        return Answer(value, kept.text, kept.answered_by, usage, kept.duration_s, is_from_ledger)
    if kept.outcome not in set(Fault):
        return None
    return NoAnswer(
        Fault(kept.outcome), kept.detail, kept.duration_s, usage, is_from_ledger=is_from_ledger, text=kept.text
    )
