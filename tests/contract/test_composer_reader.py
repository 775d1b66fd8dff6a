"""A mail that a model wrote, read by another through the real client: smallest first, the larger at a no or a doubt."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from aiohttp import web

from services.composer.adapters.prompt_file import read_prompt
from services.runtime.llm_ledger import InMemory
from tests.llm_scenes import composed
from tests.llm_server import Answers, Serve, Server, completion, fenced, hangs

READER = read_prompt("reader.v1")
MODELS = "small=0.25/2,large=1.25/10"
COPY = {
    "subject": "Email automation foundations",
    "preheader": "A course on email marketing",
    "sentences": [
        {"text": "Thank you for your interest.", "cites": ["fact:topic"]},
        {"text": "It is a course of email marketing.", "cites": ["course:title"]},
    ],
    "call_to_action": "See the course",
}
LINES = 5
PATIENT_S = 30.0  # nothing here is about time, and the machine may be slow


def _reading(**verdicts: str) -> str:
    """An answer of the reader; the lines are supported but those that are named, as `line_2="unsure"`."""
    numbers = range(1, LINES + 1)
    rows = [
        {"line": each, "verdict": verdicts.get(f"line_{each}", "supported"), "why": "as a test has it"}
        for each in numbers
    ]
    return orjson.dumps({"verdicts": rows}).decode()


def _answering(reading: Mapping[str, str | Answers]) -> Answers:
    """A writer whose copies pass the gate, and of each model what it says as reader: its text, or what it does."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        if _stage(body) == "copy":
            return web.Response(body=completion(orjson.dumps(COPY).decode()), content_type="application/json")
        said = reading[body["model"]]
        if not isinstance(said, str):
            return await said(request)
        return web.Response(body=completion(said), content_type="application/json")

    return answer


def _stage(body: Mapping[str, Any]) -> str:
    return "reader" if "verdicts" in body["response_format"]["json_schema"]["schema"]["properties"] else "copy"


def _asked(server: Server) -> list[tuple[str, str]]:
    return [(_stage(body), body["model"]) for body in server.bodies]


@pytest.mark.parametrize("text", [_reading(), fenced(_reading())])
async def test_a_small_reader_that_finds_nothing_will_do(text: str, serve: Serve) -> None:
    """One question a mail, and the model's words go out."""
    server = await serve(_answering({"small": text}))
    mail, decision = await composed(server.client(llm_models=MODELS, llm_timeout_s=PATIENT_S), READER)
    assert _asked(server) == [("copy", "small"), ("reader", "small")]
    assert (decision.rungs["copy"], mail.subject, decision.refusals) == ("llm", COPY["subject"], ())


@pytest.mark.parametrize(
    "small",
    [_reading(line_3="not_supported"), _reading(line_3="unsure"), '{"verdicts": []}', '{"verdicts": 7}', "not json"],
)
async def test_where_the_small_reader_says_no_the_larger_decides(small: str, serve: Serve) -> None:
    """Or is unsure, leaves a line out, or answers in no shape; the record says why it went on."""
    server = await serve(_answering({"small": small, "large": _reading()}))
    _, decision = await composed(server.client(llm_models=MODELS, llm_timeout_s=PATIENT_S), READER)
    assert _asked(server) == [("copy", "small"), ("reader", "small"), ("reader", "large")]
    assert (decision.rungs["copy"], decision.refusals) == ("llm", ())
    assert decision.asked[-1].escalated.startswith("small: ")


async def test_what_the_larger_refuses_too_goes_back_to_a_larger_writer(serve: Serve) -> None:
    """It is asked of the larger model, which sees the line and why; the same words have the verdicts they had."""
    no = _reading(line_4="asks_for_something_else")
    server = await serve(_answering({"small": no, "large": no}))
    _, decision = await composed(server.client(llm_models=MODELS, llm_timeout_s=PATIENT_S), READER)
    both = [("reader", "small"), ("reader", "large")]
    assert _asked(server) == [("copy", "small"), *both, ("copy", "large")]
    assert decision.rungs["copy"] == "template"
    line, detail = "It is a course of email marketing.", "sentence: asks_for_something_else: as a test has it"
    assert {(each.rule, each.detail, each.about) for each in decision.refusals} == {("reader", detail, line)}
    assert all(each in server.bodies[-1]["messages"][1]["content"] for each in (line, detail))


async def test_a_reader_that_is_away_means_the_template(serve: Serve) -> None:
    """What nobody read does not go out, and the record says so."""
    server = await serve(_answering({"small": hangs}))
    client = server.client(llm_models="small", llm_timeout_s=PATIENT_S, llm_stage_timeouts_s="reader=0.3")
    _, decision = await composed(client, READER)
    assert (decision.rungs["copy"], decision.asked[-1].stage, decision.asked[-1].outcome) == (
        "template", "reader", "timeout",
    )  # fmt: skip
    assert [each.rule for each in decision.refusals] == ["reader"]


async def test_the_stage_may_be_left_out(serve: Serve) -> None:
    """Then the gate alone decides, as with the demo's own tiny model."""
    server = await serve(_answering({}))
    _, decision = await composed(
        server.client(llm_models=MODELS, llm_timeout_s=PATIENT_S, llm_stages="job,imagine,copy"), READER
    )
    assert _asked(server) == [("copy", "small")]
    assert decision.rungs["copy"] == "llm"


async def test_a_reading_that_was_paid_is_not_paid_again(serve: Serve) -> None:
    """A redo after a crash finds writer and reader in the ledger, and the same mail."""
    server = await serve(_answering({"small": _reading()}))
    client = server.client(InMemory("composer"), llm_models="small", llm_timeout_s=PATIENT_S)
    first, _ = await composed(client, READER)
    second, decision = await composed(client, READER)
    assert (len(server.bodies), second) == (2, first)
    assert all(each.is_from_ledger for each in decision.asked if each.stage in {"copy", "reader"})
