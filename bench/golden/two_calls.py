"""Job and imagined course asked for one after the other, behind the same port: what one call is held against."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from schemas.llm import Answer, Ask, Reply, Usage
from services.recommender.core.asking.questions import STAGE_JOB
from services.recommender.ports import Model

PROMPTS = Path(__file__).with_name("prompts")
JOB_FIELDS = ("cites", "job", "stage", "confidence")


@dataclass(slots=True)
class TwoCalls:
    """Splits the first question in two; `asked` are the questions as they went out."""

    model: Model
    asked: list[Ask] = field(default_factory=list)

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """One reply made of both; the first that is missing is the reply."""
        if ask.stage != STAGE_JOB:
            return await self._ask(ask, within_s)
        first = await self._ask(_part(ask, "job", ask.user, of_job=True), within_s)
        if not isinstance(first, Answer):
            return first
        told = json.dumps({**json.loads(ask.user), "job": first.value.get("job")}, ensure_ascii=False)
        second = await self._ask(_part(ask, "imagine", told, of_job=False), within_s - first.duration_s)
        if not isinstance(second, Answer):
            return second
        value = {**second.value, **{name: first.value[name] for name in JOB_FIELDS if name in first.value}}
        usage = Usage(
            first.usage.prompt_tokens + second.usage.prompt_tokens,
            first.usage.completion_tokens + second.usage.completion_tokens,
        )
        text = json.dumps(value, ensure_ascii=False)
        return Answer(value, text, second.model, usage, first.duration_s + second.duration_s)

    async def _ask(self, ask: Ask, within_s: float) -> Reply:
        self.asked.append(ask)
        return await self.model.ask(ask, within_s=within_s)


def _part(ask: Ask, stage: str, user: str, *, of_job: bool) -> Ask:
    properties = {name: of for name, of in ask.schema["properties"].items() if (name in JOB_FIELDS) is of_job}
    schema = {**ask.schema, "properties": properties, "required": list(properties)}
    system = (PROMPTS / f"{stage}.v1.md").read_text(encoding="utf-8").strip()
    return replace(ask, stage=stage, prompt_id=f"{stage}.v1", system=system, user=user, schema=schema)
