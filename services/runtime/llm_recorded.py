"""A model that answers from a decision's record, through the same reading as the real client's: no call is made."""

from collections.abc import Sequence

import orjson

from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply, Usage
from schemas.recommendation import Asked
from services.runtime.llm_answer import read_answer

ANSWERED = frozenset({"answer", "invalid"})
FAULTS = frozenset(fault.value for fault in Fault)


def recorded(asked: Asked) -> Reply:
    """The reply as it came. A text that the record holds only the beginning of is an answer that says nothing."""
    usage = Usage(asked.prompt_tokens, asked.completion_tokens)
    if asked.outcome not in ANSWERED:
        fault = Fault(asked.outcome) if asked.outcome in FAULTS else Fault.UNREACHABLE
        return NoAnswer(fault, asked.detail, asked.duration_s, usage)
    body = {
        "model": asked.model,
        "choices": [{"finish_reason": "stop", "message": {"content": asked.text}}],
        "usage": {"prompt_tokens": asked.prompt_tokens, "completion_tokens": asked.completion_tokens},
    }
    reply = read_answer(orjson.dumps(body), asked.model, asked.duration_s)
    return reply if isinstance(reply, Answer) else Answer({}, asked.text, asked.model, usage, asked.duration_s)


class Recorded:
    """Answers each stage with what the record has for it, in turn; then as a model that is off."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._left = list(asked)

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The stage's next reply of the record."""
        del within_s
        for place, each in enumerate(self._left):
            if each.stage == ask.stage:
                return recorded(self._left.pop(place))
        return NoAnswer(Fault.OFF, f"the record has no more of {ask.stage}")
