"""A configured model that does not answer: one line says so, at the start or at the first question, with what to do."""

import logging
from dataclasses import replace
from typing import Any

import orjson
import pytest

from schemas.llm import Fault
from services.runtime.llm_advice import ADVICE, ELSE, advice
from services.runtime.llm_client import LlmClient, NoLlm
from services.runtime.llm_limits import BREAKER_FAULTS
from services.runtime.llm_models import is_among
from services.runtime.llm_settings import LlmSettings
from tests.llm_server import ASK, Answers, Serve, drips, hangs, says, sends

NOBODY = "http://127.0.0.1:9/v1"
GOOD = says("{}")


def _list(*names: Any) -> Answers:
    return sends(orjson.dumps({"object": "list", "data": [{"id": each, "object": "model"} for each in names]}))


def _lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    lines = [vars(each) for each in caplog.records if each.message == "llm_does_not_answer"]
    return [(each["model"], each["reason"], each["do"]) for each in lines]


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        (None, []),
        (_list("large", "small"), []),
        (_list("models/small", "large:latest"), []),
        (_list(), []),
        (_list(7, None), []),
        (sends(b"<html>hello</html>"), []),
        (sends(b"[]"), []),
        (sends(b'{"data": [1]}'), []),
        (sends(b"{}", 403), []),
        (sends(b"x" * 600_000), []),
        (sends(b"{}", 401), [("small", Fault.DENIED)]),
        (sends(b"{}", 503), [("small", Fault.SERVER_ERROR)]),
        (_list("another"), [("small", Fault.INVALID_REQUEST), ("large", Fault.INVALID_REQUEST)]),
        (_list("small"), [("large", Fault.INVALID_REQUEST)]),
    ],
    ids=["no list", "both", "in other words", "empty", "no names", "a page", "no object", "no rows", "refused a list",
         "endless", "refused", "broken", "neither", "one"],
)  # fmt: skip
async def test_a_look_at_the_start_tells_what_costs_nothing_to_know(
    lists: Answers | None, told: list[tuple[str, Fault]], serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """No question is asked; an endpoint that does not say which models it has is left in peace."""
    server = await serve(GOOD)
    server.lists = lists
    with caplog.at_level(logging.WARNING):
        await server.client(llm_models="small,large").look()
    assert _lines(caplog) == [(name, fault, advice(fault)) for name, fault in told]
    assert server.bodies == []


async def test_an_endpoint_that_nobody_reaches_is_one_line_whatever_is_configured(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """Said once: the first question does not say it again."""
    server = await serve(GOOD)
    server.url = NOBODY
    client = server.client(llm_retry_share=0.0)
    with caplog.at_level(logging.WARNING):
        await client.look()
        await client.ask(ASK, within_s=5)
    assert _lines(caplog) == [
        ("gpt-5-mini", "unreachable", "see that OPENAI_BASE_URL is right and that the endpoint runs")
    ]


@pytest.mark.parametrize("answers", [hangs, drips])
async def test_a_list_that_does_not_end_is_a_timeout(
    answers: Answers, serve: Serve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it dawdles."""
    monkeypatch.setattr("services.runtime.llm_endpoint.LOOK_S", 0.3)
    server = await serve(GOOD)
    server.lists = answers
    with caplog.at_level(logging.WARNING):
        await server.client().look()
    assert [each[1] for each in _lines(caplog)] == ["timeout"]


async def test_without_a_model_nobody_is_looked_for(caplog: pytest.LogCaptureFixture) -> None:
    """The lower rungs were asked for."""
    await NoLlm().look()
    assert caplog.records == []


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (sends(b"{}", 404), "invalid_request"),
        (sends(b"{}", 401), "denied"),
        (sends(b'{"code": "insufficient_quota"}', 429), "insufficient_quota"),
        (sends(b"{}", 500), "server_error"),
        (hangs, "timeout"),
    ],
)
async def test_a_first_question_without_an_answer_is_one_line(
    answers: Answers, reason: str, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """Which model, why, and what to do; what comes later is counted."""
    server = await serve(answers)
    client = server.client(llm_retry_share=0.0, llm_timeout_s=0.5)
    with caplog.at_level(logging.WARNING):
        await _ask_often(client)
    assert _lines(caplog) == [("gpt-5-mini", reason, advice(Fault(reason)))]


async def test_a_model_that_answered_once_is_there(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """What it does later is the breaker's; and an answer that will not do is an answer."""
    server = await serve(says("no JSON"))
    client = server.client(llm_retry_share=0.0)
    await client.ask(ASK, within_s=5)
    server.answers = sends(b"{}", 500)
    with caplog.at_level(logging.WARNING):
        await _ask_often(client)
    assert _lines(caplog) == []


def test_advice_names_settings_there_are() -> None:
    """Every variable that it says to set is one."""
    known = {f"KINDLING_{each.upper()}" for each in LlmSettings.model_fields} | {"OPENAI_API_KEY", "OPENAI_BASE_URL"}
    named = {word.strip(",;") for text in ADVICE.values() for word in text.split() if word.isupper() and "_" in word}
    assert named <= known
    assert len(named) > 5
    assert advice(Fault.MALFORMED) == ELSE


def test_a_model_is_listed_by_its_name_a_folder_before_or_a_tag_behind() -> None:
    """And not by a part of it."""
    assert all(is_among("a-1", [each]) for each in ("a-1", "models/a-1", "a-1:latest"))
    assert not any(is_among("a-1", [each]) for each in ("a-12", "b-a-1", "a-1/b", ""))


async def _ask_often(client: LlmClient) -> None:
    for number in range(BREAKER_FAULTS + 1):
        await client.ask(replace(ASK, user=str(number)), within_s=5)
