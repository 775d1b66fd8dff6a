"""What the models really said to the questions of a decision, as the reply ledger still holds it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from schemas.decision import Decision
from schemas.ledger import KeptReply
from schemas.recommendation import Asked

SKEW = timedelta(minutes=1)  # by which the clocks of two services may differ


@dataclass(frozen=True, slots=True)
class Said:
    """The raw reply to each question of a decision, in their order, None where the ledger has it no more.

    `beside`: replies that no question on record has, as that of a smaller model which a larger one was asked after.
    """

    replies: tuple[KeptReply | None, ...]
    beside: tuple[KeptReply, ...] = ()


def said_of(decision: Decision, kept: Iterable[KeptReply]) -> Said:
    """Of all replies those of this decision: to its person, from when its trigger opened until it ended."""
    since, until = decision.trigger.opened_at - SKEW, decision.ended_at + SKEW
    left = [each for each in kept if each.person == decision.person and since <= each.asked_at <= until]
    replies: list[KeptReply | None] = []
    for asked in decision.asked:
        reply = next((each for each in left if _is_of(each, asked)), None)
        replies.append(reply)
        if reply is not None:
            left.remove(reply)
    return Said(tuple(replies), tuple(left))


def _is_of(reply: KeptReply, asked: Asked) -> bool:
    """The same question, and what the record has of its answer; an invalid answer is one to the ledger."""
    if (reply.stage, reply.prompt_id) != (asked.stage, asked.prompt_id):
        return False
    if asked.text:
        return reply.text.strip().startswith(asked.text)
    return reply.outcome == asked.outcome
