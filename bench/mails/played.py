"""A story's leads through the real recommender, composer, prompts and gate, with recorded answers or none."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

from aiohttp import web

from bench.golden.world import world_over
from bench.mails.story import LATER_MS, NOW, SECRET, NotPlayed, requests_of
from deploy.local.answers import MODEL_NAME, read_book
from deploy.local.model import RECORDED_STAGES
from deploy.local.recorded import ROOT, Recorded
from deploy.local.story import read_story
from deploy.local.watch import Conversion
from schemas.topics import DECISIONS, EMAIL_OUTBOUND, RECOMMENDATION_REQUESTS, RECOMMENDATIONS
from services.composer.__main__ import _world
from services.composer.adapters.recomposing import NothingSuppressed
from services.composer.pipeline import compose
from services.composer.settings import ComposerSettings
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.replay import PastClock
from services.recommender.core.values import Vector
from services.recommender.pipeline import recommend
from services.recommender.ports import Embedder
from services.runtime.llm_client import Model, NoLlm, build
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Emit, Message, Outcome, Send, Unavailable
from services.runtime.program import read_catalogue, read_program

Asking: TypeAlias = Callable[[Recorded], AbstractAsyncContextManager[Model]]
MOMENT = NOW + timedelta(milliseconds=LATER_MS)


@dataclass(slots=True)
class Run:
    """What one run of the story came to."""

    conversions: dict[str, Conversion]
    recorded: Recorded

    @property
    def missing(self) -> list[dict[str, Any]]:
        """As the report has it."""
        return [{"todo": todo, "times": times} for todo, times in self.recorded.missing.items()]


@asynccontextmanager
async def asked_of(recorded: Recorded) -> AsyncIterator[Model]:
    """The real client, asking these answers over HTTP."""
    runner = web.AppRunner(recorded.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    client = build(LlmSettings(openai_base_url=url, llm_model=MODEL_NAME, llm_stages=RECORDED_STAGES))
    try:
        yield client.asking(0, "u:1")
    finally:
        await client.stop()
        await runner.cleanup()


@asynccontextmanager
async def nobody(_: Recorded) -> AsyncIterator[Model]:
    """No model at all."""
    yield NoLlm()


async def played(
    program: Path, embedder: Embedder, asking: Asking = asked_of, only: Collection[str] | None = None
) -> Run:
    """The story's first part with the recorded answers; the exact index in memory stands for Qdrant's.

    `only`: the names of the leads who are there, where not everybody is.

    Raises:
        NotPlayed: a lead ends with neither a mail nor a reason.
        Misconfigured: a file of the program is missing or wrong.
    """
    recorded = Recorded(read_book(program, ROOT))
    business, courses = read_program(program), tuple(read_catalogue(program / "catalogue.jsonl"))
    leads = {lead.name: lead for lead in read_story(program / "story.yaml").leads}
    world = await world_over(business, courses, embedder)
    explore = {each.name: each.experiment.explore for each in business.playbooks}
    counts = {each.name: each.courses for each in business.playbooks}
    policy = replace(world.policy, playbook_explore=explore, playbook_courses=counts)
    composing = ComposerSettings(secret=SECRET.decode(), program=program)
    conversions = {}
    async with asking(recorded) as model:
        world = replace(world, model=model, policy=policy, clock=PastClock(MOMENT))
        composer = replace(_world(composing, model, NothingSuppressed()), now=lambda: MOMENT)
        for name, request in requests_of(program, only):
            outcome = await recommend(Message(RECOMMENDATION_REQUESTS, 0, 0, b"", request, 0), world)
            chosen = _records(outcome)[0]
            if chosen.topic is RECOMMENDATIONS:
                outcome = await compose(Message(RECOMMENDATIONS, 0, 0, b"", chosen.event, 0), composer)
            events = {send.topic.short: send.event for send in _records(outcome)}
            decision = events[DECISIONS.short]
            end = "email" if decision.ending == "sent" else decision.reason
            mail = events.get(EMAIL_OUTBOUND.short)
            conversions[name] = Conversion(leads[name], "e", "email", end=end, decision=decision, email=mail)
    return Run(conversions, recorded)


class Late(FakeEmbedder):
    """An embedder that has no query's vector: as on a first start, while the catalogue is embedded."""

    async def query(self, text: str) -> Vector:
        """Not yet."""
        raise Unavailable(f"no vector of {len(text)} characters yet")


def _records(outcome: Outcome) -> tuple[Send, ...]:
    if not isinstance(outcome, Emit):
        raise NotPlayed(f"expected records of every lead of the story, came {outcome}")
    return outcome.records
