"""The client against a loopback endpoint that misbehaves: bounded, retried where it helps, never an exception."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply
from services.runtime.llm_client import BREAKER_FAULTS, LlmClient, NoLlm, build
from services.runtime.llm_settings import LlmSettings

ASK = Ask("copy", "copy.v1", "system", "user", {"type": "object"}, 50)
GOOD = {"choices": [{"finish_reason": "stop", "message": {"content": '{"a": 1}'}}], "usage": {"prompt_tokens": 2}}
Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Answers], Awaitable[LlmClient]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts an endpoint; the client that asks it."""
    runners: list[web.AppRunner] = []
    clients: list[LlmClient] = []

    async def start(answers: Answers) -> LlmClient:
        application = web.Application()
        application.router.add_post("/v1/chat/completions", answers)
        runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        made = build(LlmSettings(llm_timeout_s=1.5, llm_stages="copy", openai_base_url=url))
        assert isinstance(made, LlmClient)
        clients.append(made)
        return made

    yield start
    for each in clients:
        await each.client.close()
    for runner in runners:
        await runner.cleanup()


def _fault(reply: Reply) -> Fault | None:
    return reply.fault if isinstance(reply, NoAnswer) else None


async def test_an_answer_comes_back(serve: Serve) -> None:
    """Value and tokens; what was sent has a bound and no temperature of ours."""
    bodies = []

    async def good(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.json_response(GOOD)

    reply = await (await serve(good)).ask(ASK, within_s=5)
    assert isinstance(reply, Answer)
    assert (reply.value, reply.usage.prompt_tokens) == ({"a": 1}, 2)
    assert bodies[0]["max_completion_tokens"] == 50
    assert "temperature" not in bodies[0]


async def test_a_server_error_is_asked_again(serve: Serve) -> None:
    """Twice at most; then an answer counts."""
    tries: list[int] = []

    async def late(_: web.Request) -> web.Response:
        tries.append(1)
        return web.json_response(GOOD) if len(tries) == 2 else web.Response(status=500)

    assert isinstance(await (await serve(late)).ask(ASK, within_s=5), Answer)
    assert len(tries) == 2


@pytest.mark.parametrize(("status", "text"), [(429, "insufficient_quota"), (401, ""), (400, "")])
async def test_what_no_retry_helps_is_asked_once(serve: Serve, status: int, text: str) -> None:
    """Quota, a refused key, a bad request."""
    tries: list[int] = []

    async def refuse(_: web.Request) -> web.Response:
        tries.append(1)
        return web.json_response({"error": {"code": text}}, status=status)

    assert isinstance(await (await serve(refuse)).ask(ASK, within_s=5), NoAnswer)
    assert len(tries) == 1


async def test_a_dripping_body_ends_at_the_deadline(serve: Serve) -> None:
    """The deadline is one for the whole call, not for each byte."""

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(10**9):
            await response.write(b" ")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.05)
        return response

    assert _fault(await (await serve(drip)).ask(ASK, within_s=0.4)) is Fault.TIMEOUT


async def test_an_endless_body_is_cut(serve: Serve) -> None:
    """A quarter of a megabyte is more than any answer has."""

    async def flood(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 10_000_000)

    assert _fault(await (await serve(flood)).ask(ASK, within_s=5)) is Fault.TOO_LARGE


async def test_nobody_there_is_a_fault(serve: Serve) -> None:
    """A refused connection, after its retries."""

    async def never(_: web.Request) -> web.Response:
        raise web.HTTPForbidden

    client = await serve(never)
    client.client = client.client.with_options(base_url="http://127.0.0.1:9/v1")
    assert _fault(await client.ask(ASK, within_s=5)) in {Fault.UNREACHABLE, Fault.TIMEOUT}


async def test_the_breaker_opens_after_faults_in_a_row(serve: Serve) -> None:
    """Then nothing is asked for a while."""
    tries: list[int] = []

    async def broken(_: web.Request) -> web.Response:
        tries.append(1)
        return web.Response(status=503)

    client = await serve(broken)
    for _ in range(BREAKER_FAULTS):
        client.breaker.count(0.0, is_fault=True)
    client.breaker.open_until_s = float("inf")
    assert _fault(await client.ask(ASK, within_s=5)) is Fault.CIRCUIT_OPEN
    assert tries == []


async def test_a_stage_that_is_not_set_is_not_asked(serve: Serve) -> None:
    """`KINDLING_LLM_STAGES` decides; a call for two stages goes out if one is set."""

    async def good(_: web.Request) -> web.Response:
        return web.json_response(GOOD)

    client = await serve(good)
    pick = Ask("pick", "pick.v1", "s", "u", {}, 5)
    assert _fault(await client.ask(pick, within_s=5)) is Fault.OFF


async def test_without_an_endpoint_nothing_is_asked() -> None:
    """The lower rungs alone."""
    client = build(LlmSettings(llm="none"))
    assert isinstance(client, NoLlm)
    assert _fault(await client.ask(ASK, within_s=5)) is Fault.OFF
