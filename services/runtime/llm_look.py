"""A look at the model endpoint for an operator: which models it lists, and on request one tiny question."""

from schemas.llm import Answer, Ask, NoAnswer
from services.runtime.llm_client import build
from services.runtime.llm_endpoint import Endpoint
from services.runtime.llm_models import is_among
from services.runtime.llm_settings import LlmSettings

TINY = Ask(
    stage="job", prompt_id="doctor.v1", system="Answer with JSON that fits the schema.", user="Is anybody there?",
    schema={
        "type": "object", "additionalProperties": False, "required": ["is_there"],
        "properties": {"is_there": {"type": "boolean"}},
    },
    max_tokens=20,
)  # fmt: skip


async def listed_models(settings: LlmSettings) -> frozenset[str] | NoAnswer:
    """The models that the endpoint lists, none where it lists none; or why it answers nobody. It costs nothing."""
    endpoint = Endpoint(settings)
    try:
        return await endpoint.models()
    finally:
        await endpoint.close()


def unlisted(settings: LlmSettings, listed: frozenset[str]) -> tuple[str, ...]:
    """The models of the settings that the endpoint does not name; none where it names none at all."""
    return tuple(each.name for each in settings.models if listed and not is_among(each.name, listed))


async def answer_to_tiny(settings: LlmSettings, within_s: float) -> Answer | NoAnswer:
    """What the smallest model answers to a question of a few tokens, which are paid for."""
    model = build(settings)
    await model.start()
    try:
        return await model.ask(TINY, within_s=within_s)
    finally:
        await model.stop()
