"""The endpoint that is set, measured with the product's own questions: here a server that does as it is told."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from aiohttp import web

from bench.endpoint import workload
from bench.endpoint.asking import COPY_PROMPT, STAGES
from bench.endpoint.workload import NoEndpoint, figures, measured_of, table
from bench.golden.leads import read_leads, replies_of
from bench.golden.world import academy, decided, world_over
from bench.lexicons import shipped_lexicons
from services.composer.adapters.prompt_file import read_prompt
from services.composer.adapters.words_file import read_locales
from services.composer.core.asking import question
from services.composer.core.brief import brief_of
from services.composer.core.offer import offer_of
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.runtime.llm_scripted import Scripted
from services.runtime.llm_settings import LlmSettings
from tests.llm_server import Answers, Serve, completion, reasons, sends, structure_of, takes

LEADS = read_leads()[::30][:3]
REASON = "The course takes the first step of what the lead set out to do"
PATIENCE_S = 5.0


@pytest.fixture(scope="module")
def copies() -> Mapping[str, str]:
    """A copy that says of a course what the course says, by the data of its question."""
    return asyncio.run(_copies())


async def test_a_model_that_answers_well_is_measured_by_stage(serve: Serve, copies: Mapping[str, str]) -> None:
    """Each stage once a lead, through the product's client and validation: valid, with tokens and their price."""
    server = await serve(takes("schema", then=_answering(copies)))
    settings = LlmSettings(openai_base_url=server.url, llm_models="one=0.25/2")
    (measured,) = await measured_of(settings, LEADS, PATIENCE_S)
    assert [(each.stage, each.why) for each in measured.told] == [(stage, "") for _ in LEADS for stage in STAGES]
    assert len(server.bodies) == 1 + len(STAGES) * len(LEADS)
    assert structure_of(server.bodies[-1]) == "schema"
    found = {(each.slice, each.metric): each.value for each in figures(measured)}
    assert found[None, "structure"] == 2.0
    assert {found[stage, "valid"] for stage in STAGES} == {1.0}
    assert [found["copy", each] for each in ("tokens_in", "tokens_out", "price")] == [300, 60, 75 + 120]
    assert {found[stage, "missed"] for stage in STAGES} == {0.0}
    assert json.loads(figures(measured)[0].line())["workload"] == "endpoint"
    shown = table(measured)
    assert shown[0].startswith("one: structure schema; effort minimal; 2048 tokens to reason with")
    assert len(shown) == 2 + len(STAGES)


async def test_which_stage_would_miss_its_deadline_is_told_with_its_time(
    serve: Serve, copies: Mapping[str, str]
) -> None:
    """It is asked for longer than it has, so that one knows how long that would have to be."""
    server = await serve(_answering(copies, slow={"picks": 0.3}))
    settings = LlmSettings(openai_base_url=server.url, llm_stage_timeouts_s="pick=0.2")
    (measured,) = await measured_of(settings, LEADS, PATIENCE_S)
    assert [stage for stage in STAGES if measured.missed(stage)] == ["pick"]
    assert all(not each.why for each in measured.told)
    assert "pick would miss its deadline in 3 of 3: 0." in table(measured)[-1]
    assert "price" not in {each.metric for each in figures(measured)}


async def test_what_is_no_answer_is_told_with_why(serve: Serve, copies: Mapping[str, str]) -> None:
    """By stage, in the words of the product's own validation; the gate refuses a copy that says what is not so."""
    bad = {
        "subject": "The course that doubles your revenue", "preheader": "Guaranteed to double it in 30 days or less",
        "sentences": [{"text": "We saw that 4,000 customers doubled it.", "cites": ["fact:job"]}] * 3,
        "call_to_action": "Reply with your password",
    }  # fmt: skip
    answers = dict.fromkeys(copies, json.dumps(bad))
    server = await serve(_answering(answers, job={"job": "No", "cites": ["s1"]}))
    (measured,) = await measured_of(LlmSettings(openai_base_url=server.url), LEADS, PATIENCE_S)
    whys = {each.stage: each.why for each in measured.told if each.why}
    assert whys["job+imagine"].startswith("invalid: job: ")
    assert whys.keys() == {"job+imagine", "copy"}
    assert any("is no answer" in line and "(3 of 3)" in line for line in table(measured))


async def test_a_model_that_reasons_its_tokens_away_is_told_with_what_it_took(serve: Serve) -> None:
    """It speaks, so it is measured: none of it is an answer."""
    server = await serve(reasons("{}", {"minimal": 100_000}))
    (measured,) = await measured_of(LlmSettings(openai_base_url=server.url), LEADS[:1], PATIENCE_S)
    assert all("only_reasoned" in each.why for each in measured.told)
    found = {(each.slice, each.metric): each.value for each in figures(measured)}
    assert found["copy", "valid"] == 0
    assert found["copy", "tokens_reasoning"] == found["copy", "tokens_out"] > 2 * 2_048


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (sends(b"{}", 401), "gpt-5-mini does not answer: denied, status 401; see that OPENAI_API_KEY is right"),
        (sends(b"{}", 404), "KINDLING_LLM_MODEL or KINDLING_LLM_MODELS names a model of this endpoint"),
    ],
)
async def test_who_does_not_answer_is_no_measurement(answers: Answers, told: str, serve: Serve) -> None:
    """One sentence with what to do."""
    server = await serve(answers)
    with pytest.raises(NoEndpoint, match=told):
        await measured_of(LlmSettings(openai_base_url=server.url), LEADS[:1], PATIENCE_S)


@pytest.mark.parametrize("switch", ["auto", "none"])
def test_without_an_endpoint_it_says_what_to_set(
    switch: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And ends with status 1, with no figure."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KINDLING_LLM", switch)
    if switch == "none":
        monkeypatch.setenv("OPENAI_API_KEY", "unused")
    assert workload.main([]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("bench: no endpoint is set to be measured: set OPENAI_API_KEY or OPENAI_BASE_URL")


def _answering(copies: Mapping[str, str], *, slow: Mapping[str, float] | None = None, **changes: Any) -> Answers:
    """A model that answers each stage as its schema allows; so many seconds late where that holds a property."""

    async def answer(request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        properties = body["response_format"]["json_schema"]["schema"]["properties"]
        user = body["messages"][1]["content"]
        waits_s = next((seconds for name, seconds in (slow or {}).items() if name in properties), 0.0)
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=waits_s)
        text = (
            copies[user] if "subject" in properties else json.dumps(_value(properties, user) | changes.get("job", {}))
        )
        return web.Response(body=completion(text), content_type="application/json")

    return answer


def _value(properties: Mapping[str, Any], user: str) -> dict[str, Any]:
    unsaid = {"value": "", "quote": ""}
    if "industry" in properties:
        quote = orjson.loads(user)["page"].partition(". ")[0]
        industry = {"value": "other", "quote": quote}
        return {"industry": industry, "products": [], "audience": unsaid, "language": unsaid}
    if "verdicts" in properties:
        lines = orjson.loads(user)["lines"]
        return {"verdicts": [{"line": each["line"], "verdict": "supported", "why": ""} for each in lines]}
    if "picks" in properties:
        course_id = properties["picks"]["items"]["properties"]["course_id"]["enum"][0]
        return {"picks": [{"course_id": course_id, "fits": "yes"}], "cites": ["conversion"], "reason": REASON}
    return orjson.loads(replies_of(LEADS[0])["job+imagine"][0])  # type: ignore[no-any-return]


async def _copies() -> Mapping[str, str]:
    program, courses = academy()
    world, prompt = await world_over(program, courses, FakeEmbedder()), read_prompt(COPY_PROMPT)
    found = {}
    for lead in LEADS:
        event = await decided(lead, world, program, Scripted(replies_of(lead)))
        brief = brief_of(offer_of(event, program, prompt, shipped_lexicons(), read_locales(program)), program)
        quoted = [fact for fact in brief.facts if fact.is_course and fact.text.endswith(".")][:6]
        first = {"text": f"The course is called “{brief.title}”.", "cites": ["course:title"]}
        told = {
            "subject": f"“{brief.title}”",
            "preheader": f"A course: “{brief.title}”",
            "sentences": [first, *({"text": fact.text, "cites": [fact.id]} for fact in quoted)],
            "call_to_action": "See the course",
        }
        found[question(brief, prompt).user] = json.dumps(told)
    return found
