"""An endpoint that misbehaves in every way we know of: a typed fault in time, the next rung, nothing paid twice.

The numbers are those of the project's list of bad inputs, 61 to 82; a client is real, so is the socket.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Any

import orjson
import pytest
from aiohttp import web

from schemas.llm import Answer, Fault, NoAnswer, Reply
from services.runtime.llm_client import LlmClient
from services.runtime.llm_lane import MAX_RETRIES
from services.runtime.llm_ledger import InMemory
from tests import llm_server as endpoint
from tests.llm_scenes import NOW, composed, recommended, signals
from tests.llm_server import ASK, TIMEOUT_S, Answers, Serve, completion, in_turn, says, sends

JOB = {
    "cites": ["s1", "conversion"], "job": "Build the first automated emails of a small shop", "stage": "exploring",
    "confidence": 0.7, "title": "Automated emails for small shops",
    "description": "Plan and build the first three automated emails. Measure what they bring.",
    "skills": ["planning", "copy"], "level": "beginner",
}  # fmt: skip
PICK = {
    "picks": [{"course_id": "email-2", "fits": "yes"}],
    "cites": ["s1"],
    "reason": "It helps to write the first emails",
}
GOOD = says(orjson.dumps(JOB).decode())
SLACK_S = 1.0  # of this machine, beyond the deadlines


@dataclass(frozen=True)
class Case:
    """One misbehaviour: its number, what it is, the fault it has, and how often one question may be asked for it."""

    number: int
    name: str
    answers: Callable[[], Answers]
    outcome: str
    tries: int = 1
    is_billed: bool = False
    later: str | None = None  # the fault of the question after it, where that is another

    @property
    def id(self) -> str:
        """For the report."""
        return f"{self.number} {self.name}"


def _billed(number: int, name: str, outcome: str, body: bytes) -> Case:
    return Case(number, name, lambda: sends(body), outcome, is_billed=True)


def _status(number: int, status: int, outcome: str, tries: int = 1, body: bytes = b"{}", **more: Any) -> Case:
    return Case(number, f"status {status}", lambda: sends(body, status), outcome, tries, **more)


def _tool(content: str | None) -> bytes:
    call = {"id": "1", "type": "function", "function": {"name": "send_mail", "arguments": "{}"}}
    return completion(content, "tool_calls", tool_calls=[call])


LOOPS = orjson.dumps(JOB | {"job": "build emails " * 14, "title": "No"}).decode()
TWICE = orjson.dumps(JOB).decode() * 2
TRIES = MAX_RETRIES + 1
PATIENCE_S = TIMEOUT_S + 1.2
OF_THE_ENDPOINT = {"insufficient_quota", "denied", "unreachable", "context_too_long"}  # the same for every model
QUOTA = b'{"error": {"code": "insufficient_quota", "type": "insufficient_quota"}}'
TOO_LONG = b'{"error": {"code": "context_length_exceeded"}}'
CASES = [
    Case(61, "hang", lambda: endpoint.hangs, "timeout"),
    Case(62, "drip", lambda: endpoint.drips, "timeout"),
    Case(63, "retry-after 119", lambda: sends(b"{}", 429, Retry_After="119"), "rate_limited", later="circuit_open"),
    Case(63, "retry-after 3600", lambda: sends(b"{}", 429, Retry_After="3600"), "rate_limited", later="circuit_open"),
    Case(63, "retry-after soon", lambda: sends(b"{}", 429, Retry_After="soon"), "rate_limited", TRIES),
    Case(63, "retry-after past", lambda: sends(b"{}", 429, Retry_After=format_datetime(NOW.replace(year=2001))),
         "rate_limited", TRIES),
    _status(64, 429, "insufficient_quota", body=QUOTA, later="circuit_open"),
    _status(65, 401, "denied", later="circuit_open"),
    _status(65, 403, "denied", later="circuit_open"),
    _status(66, 400, "context_too_long", body=TOO_LONG),
    _status(66, 404, "invalid_request"),
    *(_status(67, status, "server_error", TRIES) for status in (500, 502, 503, 529)),
    _status(67, 408, "timeout", TRIES),
    _status(67, 409, "conflict", TRIES),
    Case(68, "reset", lambda: endpoint.resets, "unreachable", TRIES),
    Case(69, "a page", lambda: sends(b"<html>busy</html>", content_type="text/html"), "not_json"),
    Case(70, "no bytes", lambda: sends(b""), "not_json"),
    Case(70, "no choice", lambda: sends(b'{"choices": []}'), "empty"),
    _billed(70, "null", "empty", completion(None)),
    _billed(71, "broken JSON", "not_json", completion('{"job": "Build')),
    _billed(71, "two objects", "not_json", completion(TWICE)),
    _billed(71, "a list", "not_json", completion("[1, 2]")),
    Case(71, "wrong types", lambda: sends(b'{"choices": {"0": 1}}'), "malformed"),
    _billed(71, "content of a wrong type", "malformed", completion(["a"])),
    _billed(73, "cut off", "truncated", completion(orjson.dumps(JOB).decode(), "length")),
    _billed(74, "refusal field", "refused", completion(None, refusal="I will not")),
    _billed(74, "refusal in words", "refused", completion("I can't help with that.")),
    _billed(75, "filtered", "filtered", completion("", "content_filter")),
    _billed(77, "loops", "invalid", completion(LOOPS)),
    Case(79, "ten megabytes", lambda: endpoint.floods, "too_large"),
    Case(79, "ten megabytes of an error", lambda: sends(b"x" * 10_000_000, 500), "server_error", TRIES),
    _billed(80, "a tool called", "tool_call", _tool(None)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_misbehaviour_is_a_typed_fault_in_time_and_the_next_rungs_turn(case: Case, serve: Serve) -> None:
    """One recommendation comes out of it all the same; asked again, what was billed is not billed again."""
    server = await serve(case.answers())
    client = server.client(InMemory("recommender"), llm_retry_share=1.0)
    began = time.perf_counter()
    event = await recommended(client.asking(0, "u:1"))
    took_s = time.perf_counter() - began
    assert took_s < 2 * TIMEOUT_S + SLACK_S
    assert (event.rungs["job"], event.rungs["imagine"], event.rungs["pick"]) == ("rules", "composed", "posterior")
    later = case.later or case.outcome
    assert [each.outcome for each in event.asked] == [case.outcome, later]
    assert all(each.duration_s < TIMEOUT_S + SLACK_S for each in event.asked)
    assert all(count <= case.tries for count in server.asked.values())
    if case.is_billed:
        before = server.asked.total()
        again = await recommended(client.asking(0, "u:1"))
        assert server.asked.total() == before
        assert [(each.outcome, each.is_from_ledger) for each in again.asked] == [(case.outcome, True)] * 2
        assert [each.prompt_tokens for each in again.asked] == [300, 300]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_misbehaviour_of_two_models_is_a_typed_fault_within_one_deadline(case: Case, serve: Serve) -> None:
    """The larger model is asked where it might fare better, and never longer than the patience of both together."""
    server = await serve(case.answers())
    client = server.client(llm_models="small,large", llm_retry_share=1.0)
    began = time.perf_counter()
    reply = await client.ask(replace(ASK, doubt=_doubt), within_s=PATIENCE_S)
    assert time.perf_counter() - began < PATIENCE_S + SLACK_S
    assert reply.duration_s < PATIENCE_S + SLACK_S
    if case.outcome == "invalid":
        assert isinstance(reply, Answer)
    else:
        assert isinstance(reply, NoAnswer)
        assert reply.fault == case.outcome
    models = ["small"] if case.outcome in OF_THE_ENDPOINT else ["small", "large"]
    assert sorted({model for model, _ in server.asked}, reverse=True) == models
    assert all(count <= case.tries for count in server.asked.values())


def _doubt(value: dict[str, Any]) -> str | None:
    return "it loops" if value.get("title") == "No" else None


@pytest.mark.parametrize(
    "content",
    ["```json\n{}\n```", "Here is what I found:\n```\n{}\n```\nDoes this help?", "Sure! {} [1] I hope this helps."],
)
async def test_71_one_object_in_a_fence_or_in_prose_is_an_answer(content: str, serve: Serve) -> None:
    """Many models cannot leave it be; what they meant is not in doubt."""
    server = await serve(says(content.replace("{}", orjson.dumps(JOB).decode())))
    event = await recommended(server.client())
    assert event.job.text == JOB["job"]
    assert event.asked[0].outcome == "answer"


async def test_63_a_retry_after_that_fits_is_waited_for(serve: Serve) -> None:
    """Not a moment less than was asked for, then the answer counts."""
    times: list[float] = []

    async def later(_: web.Request) -> web.Response:
        times.append(time.monotonic())
        if len(times) == 1:
            return web.Response(status=429, headers={"Retry-After": "1"})
        return web.Response(body=completion("{}"), content_type="application/json")

    server = await serve(later)
    assert isinstance(await server.client().ask(ASK, within_s=5), Answer)
    assert 1.0 <= times[1] - times[0] < TIMEOUT_S


async def test_66_a_question_too_long_is_asked_once_more_shorter(serve: Serve) -> None:
    """Half of each long list and text; an answer to that counts."""
    server = await serve(in_turn(sends(TOO_LONG, 400), GOOD))
    event = await recommended(server.client(), signals=signals(12))
    first, second = (body["messages"][1]["content"] for body in server.bodies[:2])
    assert len(second) < len(first)
    assert event.rungs["job"] == "llm"


async def test_66_it_is_shortened_once_only(serve: Serve) -> None:
    """Then the next rung answers."""
    server = await serve(sends(TOO_LONG, 400))
    event = await recommended(server.client(), signals=signals(12))
    assert event.asked[0].outcome == "context_too_long"
    assert set(server.asked.values()) == {1}
    assert len(server.bodies) <= 4  # two questions, each at two lengths


async def test_72_a_course_that_was_not_given_is_never_picked(serve: Serve) -> None:
    """Valid JSON of the right shape, and of no such course."""
    server = await serve(
        says(
            orjson.dumps(JOB).decode(),
            orjson.dumps(PICK | {"picks": [{"course_id": "gold-plan", "fits": "yes"}]}).decode(),
        )
    )
    event = await recommended(server.client())
    assert event.rungs["pick"] == "posterior"
    assert event.course.id != "gold-plan"
    assert event.asked[1].outcome == "invalid"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (76, "El curso te enseña a escribir los correos que la gente de verdad quiere leer."),
        (77, "Plan your first sequence, " + "plan your first sequence, " * 7),
        (78, "Hello {{first_name}}, you may want to set up your first sequence."),
        (78, "A sequence for [Company] that the small team can set up."),
    ],
)
async def test_words_that_may_not_go_out_are_the_templates_turn(number: int, text: str, serve: Serve) -> None:
    """Another language than the lead's, words over and over, a place left unfilled: none of it is in the mail."""
    bad = {
        "subject": "Planning your first automated sequence",
        "preheader": "Start with the goal, then write the welcome mails",
        "sentences": [{"text": text, "cites": ["fact:job"]}] * 3,
        "call_to_action": "See the course",
    }
    server = await serve(says(orjson.dumps(bad).decode()))
    mail, decision = await composed(server.client())
    assert number
    assert decision.rungs["copy"] == "template"
    assert [each.outcome for each in decision.asked[-2:]] == ["answer", "answer"]
    assert text not in mail.text + mail.html
    assert set(server.asked.values()) == {1}


async def test_73_a_mail_that_was_cut_off_is_never_sent(serve: Serve) -> None:
    """Whatever stands in it: the template's words go out."""
    server = await serve(sends(completion('{"subject": "Half a', "length")))
    mail, decision = await composed(server.client())
    assert decision.rungs["copy"] == "template"
    assert decision.asked[-1].outcome == "truncated"
    assert "Half a" not in mail.subject


async def test_80_a_call_of_a_tool_beside_an_answer_is_left_aside(serve: Serve) -> None:
    """None was offered, so nothing is called; the answer counts."""
    server = await serve(sends(_tool(orjson.dumps(JOB).decode())))
    event = await recommended(server.client())
    assert event.rungs["job"] == "llm"


async def test_81_the_ledger_wins_over_another_answer(serve: Serve) -> None:
    """Asked again by a client that reads the ledger, the endpoint is not asked, and the first answer stands."""
    other = orjson.dumps(JOB | {"job": "Win back the customers of an online shop"}).decode()
    server = await serve(says(orjson.dumps(JOB).decode(), orjson.dumps(PICK).decode(), other))
    ledger = InMemory("recommender")
    first = await recommended(server.client(ledger, llm_models="small=0.5/2").asking(0, "u:1"))
    later = server.client(ledger, llm_models="small=0.5/2")
    await later.owned(0)
    second = await recommended(later.asking(0, "u:1"))
    assert first.job.text == second.job.text == JOB["job"]
    assert len(server.bodies) == 2
    assert [each.is_from_ledger for each in first.asked + second.asked] == [False, False, True, True]
    assert {each.cost_micros for each in first.asked + second.asked} == {300 // 2 + 60 * 2}
    differing = {"is_from_ledger"}
    assert [each.model_dump(exclude=differing) for each in first.asked] == [
        each.model_dump(exclude=differing) for each in second.asked
    ]


async def test_one_call_has_one_deadline_from_its_slot_on(serve: Serve) -> None:
    """Two calls through one slot: the second waits for the first, and still has all of its time."""
    server = await serve(in_turn(endpoint.hangs, GOOD))
    client = server.client(llm_in_flight=1)
    began = time.perf_counter()
    first, second = await _both(client)
    assert isinstance(first, NoAnswer)
    assert first.fault is Fault.TIMEOUT
    assert isinstance(second, Answer)
    assert TIMEOUT_S <= time.perf_counter() - began < TIMEOUT_S + SLACK_S
    assert second.duration_s < SLACK_S


async def _both(client: LlmClient) -> tuple[Reply, Reply]:
    first, second = await asyncio.gather(client.ask(ASK, within_s=5), client.ask(ASK, within_s=5))
    return first, second
