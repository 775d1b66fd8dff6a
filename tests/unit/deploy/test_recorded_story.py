"""The recorded answers, played for every lead of the story who gets a mail: none is refused, none is left over."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from aiohttp import web

from bench.golden.world import world_over
from deploy.local.anew import anew
from deploy.local.answers import MODEL_NAME, read_book
from deploy.local.model import RECORDED_STAGES
from deploy.local.recorded import ROOT, Recorded
from deploy.local.show import console_of, print_email
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
from services.runtime.outcome import Emit, Message, Unavailable
from services.runtime.program import read_catalogue, read_program
from tests.story_played import ACADEMY, LATER_MS, NOW, SECRET, requests_of

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


async def played(program: Path, embedder: Embedder, asking: Asking = asked_of) -> Run:
    """The story's first part with the recorded answers; the exact index in memory stands for Qdrant's."""
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
        for name, request in requests_of(program):
            outcome = await recommend(Message(RECOMMENDATION_REQUESTS, 0, 0, b"", request, 0), world)
            assert isinstance(outcome, Emit)
            chosen = outcome.records[0]
            if chosen.topic is RECOMMENDATIONS:
                outcome = await compose(Message(RECOMMENDATIONS, 0, 0, b"", chosen.event, 0), composer)
                assert isinstance(outcome, Emit)
            events = {send.topic.short: send.event for send in outcome.records}
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


@pytest.fixture(scope="module", params=[FakeEmbedder, Late], ids=["vectors", "words alone"])
def run(request: pytest.FixtureRequest) -> Run:
    """The academy's story, played once with vectors, and once by words alone: neither may leave an answer over."""
    return asyncio.run(played(ACADEMY, request.param()))


def test_every_lead_is_written_to_with_the_recorded_answers(run: Run) -> None:
    """Where the gate, a prompt or the catalogue has moved on, this says which answer to write anew."""
    assert anew(run.conversions.values(), run.missing, ACADEMY) == []


def test_every_answer_is_used(run: Run) -> None:
    """No file is of a lead who gets no mail, and no answer of a prompt that nobody asks.

    A reader is not asked of a copy that cannot go, as the composer has no words of its language yet.
    """
    book = run.recorded.book
    silent = {name for name, each in run.conversions.items() if each.decision.rungs["language"] != "asked"}
    written = {(lead, prompt) for lead, each in book.leads.items() for prompt in each.answers}
    assert written - run.recorded.used.keys() == {(lead, "reader.v1") for lead in silent}
    assert run.recorded.used.keys() <= written


def test_every_mail_is_about_the_topic_that_the_story_says(run: Run) -> None:
    """All end as told, by the model's own pick; nothing is tried out, as no second answer fits as well as the first."""
    ended = {name: (each.end, each.is_off_topic) for name, each in run.conversions.items()}
    assert ended == dict.fromkeys(run.conversions, ("email", False))
    assert run.conversions.keys() == run.recorded.book.leads.keys()
    assert {each.decision.pick.propensity for each in run.conversions.values()} == {1.0}


def test_the_model_is_named_recorded_wherever_a_model_is(run: Run) -> None:
    """In the record of each question, and in the line below each mail."""
    for each in run.conversions.values():
        assert {one.model for one in each.decision.asked} == {MODEL_NAME}
        shown = io.StringIO()
        print_email(console_of(shown), each)
        if each.decision.rungs["language"] == "asked":
            assert "pick:recorded copy:recorded" in shown.getvalue()


@pytest.mark.parametrize("embedder", [FakeEmbedder, Late], ids=["vectors", "words alone"])
async def test_without_a_model_too_every_course_is_about_the_topic(embedder: type[FakeEmbedder]) -> None:
    """So no mail is a surprise by its topic with `--no-llm`."""
    run = await played(ACADEMY, embedder(), nobody)
    chosen = {name: each.decision.course.topics for name, each in run.conversions.items()}
    assert [name for name, topics in chosen.items() if run.conversions[name].lead.topic not in topics] == []
    assert not run.recorded.used


def test_two_mails_share_no_sentence(run: Run) -> None:
    """The answers are written for the lead, not from a mould."""
    copies: list[Any] = [each.answers["copy.v2"]["sentences"] for each in run.recorded.book.leads.values()]
    texts = [sentence["text"] for copy in copies for sentence in copy]
    assert len(set(texts)) == len(texts) >= 3 * len(copies)
