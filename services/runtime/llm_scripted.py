"""A model for tests and evaluations that answers by script, through the same reading as the real client's."""

from collections.abc import Mapping, Sequence

import orjson

from schemas.llm import Ask, Fault, NoAnswer, Reply
from services.runtime.llm_answer import read_answer


class Scripted:
    """Answers each stage with its next text, as an endpoint would send it; a stage without one has no answer."""

    def __init__(self, replies: Mapping[str, Sequence[str]]) -> None:
        self._replies = {stage: list(texts) for stage, texts in replies.items()}
        self.asked: list[Ask] = []

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The stage's next text, read as the real client reads it; nothing once the time is up."""
        self.asked.append(ask)
        texts = self._replies.get(ask.stage)
        if not texts or within_s <= 0:
            return NoAnswer(Fault.OFF, f"no text for {ask.stage}")
        body = orjson.dumps({"choices": [{"finish_reason": "stop", "message": {"content": texts.pop(0)}}]})
        return read_answer(body, "scripted", 0.0)
