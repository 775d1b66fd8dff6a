"""Whether the endpoint that is configured answers, asked once before anything starts: a line for each model."""

import asyncio

from schemas.llm import Answer, Ask
from services.runtime.llm_advice import advice
from services.runtime.llm_client import LlmClient, build
from services.runtime.llm_lane import Lane
from services.runtime.llm_settings import LlmSettings

STAGE = "copy"  # whose deadline it has
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "enum": ["yes"]}},
    "required": ["answer"],
    "additionalProperties": False,
}
HELLO = Ask(STAGE, "hello", "Answer with one JSON object and nothing else: answer is yes.", "{}", SCHEMA, 16)


async def lines_of(settings: LlmSettings) -> list[str]:
    """What each configured model said to a question of a few tokens, smallest first; nothing where none is asked."""
    client = build(settings)
    if not isinstance(client, LlmClient):
        return []
    try:
        within_s = settings.timeout_of(STAGE)
        return await asyncio.gather(*(_line_of(client, lane, within_s) for lane in client.lanes))
    finally:
        await client.stop()


async def _line_of(client: LlmClient, lane: Lane, within_s: float) -> str:
    name = lane.model.name
    reply = await lane.ask(HELLO, within_s)
    if isinstance(reply, Answer):
        return f"{name} answers, held to its schema by {client.endpoint.form_of(name).structure!r}"
    return (
        f"{name} does not answer: {reply.fault}, {reply.detail}; {advice(reply.fault)}; the rungs below it do its work"
    )
