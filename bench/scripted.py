"""A model by script: for each stage the answer that was given, for the pick also the first that was preferred."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply, Usage
from services.recommender.core.asking.questions import MOST_PICKS, STAGE_JOB, STAGE_PICK

NAME = "script"
STAGES = (STAGE_JOB, STAGE_PICK)
REASON = "It is nearest to what this person wants to get done."


@dataclass(frozen=True, slots=True)
class Scripted:
    """Answers for one lead, by stage. An answer to the pick goes before `prefers`, which are course ids, best first."""

    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    prefers: Sequence[str] = ()

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:  # noqa: ARG002 a script takes no time
        """The answer of the stage, unchecked as a model's is; none where nothing given or preferred fits."""
        if (given := self.answers.get(ask.stage)) is not None:
            return answer(given)
        if ask.stage != STAGE_PICK:
            return NoAnswer(Fault.OFF, "nobody answers")
        found = ask.schema["properties"]["picks"]["items"]["properties"]["course_id"]["enum"]
        chosen = [each for each in self.prefers if each in found][:MOST_PICKS]
        if not chosen:
            return NoAnswer(Fault.OFF, "nothing preferred was found" if self.prefers else "nobody picks")
        picks = [{"course_id": each, "fits": "yes"} for each in chosen]
        return answer({"picks": picks, "cites": ["conversion"], "reason": REASON})


def answer(value: Mapping[str, Any]) -> Answer:
    """The value as a model's whole answer, which cost nothing."""
    return Answer(dict(value), json.dumps(value, ensure_ascii=False), NAME, Usage(0, 0), 0.0)
