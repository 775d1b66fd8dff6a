"""The client against a loopback endpoint: when nothing is asked, and what is counted."""

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply
from services.runtime.llm_client import NoLlm, build
from services.runtime.llm_ledger import InMemory
from services.runtime.llm_limits import BREAKER_FAULTS
from services.runtime.llm_settings import LlmSettings
from tests.llm_server import ASK, Serve, hangs, in_turn, says, sends

SMALL = 300 // 4 + 60 * 2  # what one of the server's answers costs


def _fault(reply: Reply) -> Fault | None:
    return reply.fault if isinstance(reply, NoAnswer) else None


def _counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_an_answer_comes_back(serve: Serve) -> None:
    """Value and tokens; what was sent has a bound and no temperature of ours."""
    server = await serve(says('{"a": 1}'))
    reply = await server.client().ask(ASK, within_s=5)
    assert isinstance(reply, Answer)
    assert (reply.value, reply.usage.prompt_tokens, reply.model) == ({"a": 1}, 300, "answering")
    assert server.bodies[0]["max_completion_tokens"] == 50 + 2_048
    assert server.bodies[0]["reasoning_effort"] == "minimal"
    assert not {"temperature", "max_tokens"} & server.bodies[0].keys()


async def test_a_server_error_is_asked_again(serve: Serve) -> None:
    """Then an answer counts."""
    server = await serve(in_turn(sends(b"", 500), says("{}")))
    assert isinstance(await server.client().ask(ASK, within_s=5), Answer)
    assert len(server.bodies) == 2


async def test_nobody_there_is_a_fault(serve: Serve) -> None:
    """A refused connection, after its retries."""
    server = await serve(says("{}"))
    server.url = "http://127.0.0.1:9/v1"
    assert _fault(await server.client().ask(ASK, within_s=5)) is Fault.UNREACHABLE


async def test_the_breaker_opens_rests_and_lets_one_probe_through(serve: Serve) -> None:
    """After faults in a row nothing is asked; after the rest one call is, and its answer closes it."""
    server = await serve(in_turn(*[sends(b"{}", 503)] * BREAKER_FAULTS, says("{}")))
    client = server.client(llm_retry_share=0.0)
    for number in range(BREAKER_FAULTS):
        assert _fault(await client.ask(replace(ASK, user=str(number)), within_s=5)) is Fault.SERVER_ERROR
    assert _fault(await client.ask(ASK, within_s=5)) is Fault.CIRCUIT_OPEN
    assert len(server.bodies) == BREAKER_FAULTS
    client.lanes[0].breaker.open_until_s = 0.0
    probe, other = await asyncio.gather(client.ask(ASK, within_s=5), client.ask(replace(ASK, user="other"), within_s=5))
    assert isinstance(probe, Answer)
    assert _fault(other) is Fault.CIRCUIT_OPEN
    assert isinstance(await client.ask(replace(ASK, user="later"), within_s=5), Answer)


async def test_a_probe_that_is_called_off_leaves_the_next_one_through(serve: Serve) -> None:
    """Else nothing would ever be asked again."""
    server = await serve(in_turn(hangs, says("{}")))
    client = server.client()
    client.lanes[0].breaker.faults = BREAKER_FAULTS
    asking = asyncio.create_task(client.ask(ASK, within_s=5))
    while not server.bodies:
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert isinstance(await client.ask(ASK, within_s=5), Answer)


async def test_retries_are_a_share_of_calls(serve: Serve) -> None:
    """With the bucket empty an error is asked once."""
    server = await serve(sends(b"{}", 500))
    client = server.client(llm_retry_share=0.5)
    client.lanes[0].retries.saved = 0.0
    await client.ask(ASK, within_s=5)
    assert len(server.bodies) == 1
    await client.ask(replace(ASK, user="2"), within_s=5)
    assert len(server.bodies) == 3


@pytest.mark.parametrize(
    ("settings", "scope"),
    [
        ({"llm_person_tokens": 800}, "person"),
        ({"llm_person_cost": "0.0008"}, "person"),
        ({"llm_day_tokens": 800}, "day"),
        ({"llm_day_cost": "0.0008"}, "day"),
        ({"llm_total_tokens": 800}, "total"),
        ({"llm_total_cost": "0.0008"}, "total"),
    ],
)
async def test_a_budget_is_asked_before_the_call(serve: Serve, settings: dict[str, Any], scope: str) -> None:
    """Two calls fit, a third does not and is not made; another person's own budget is untouched."""
    server = await serve(says("{}"))
    client = server.client(llm_models="one=1/1", llm_reasoning_tokens=0, **settings)
    anna, ben = client.asking(0, "u:anna"), client.asking(0, "u:ben")
    replies = [await anna.ask(replace(ASK, user="x" * 200 + str(number)), within_s=5) for number in range(3)]
    assert [_fault(each) for each in replies] == [None, None, Fault.BUDGET]
    assert len(server.bodies) == 2
    later = await ben.ask(replace(ASK, user="x" * 200 + "4"), within_s=5)
    assert _fault(later) is (None if scope == "person" else Fault.BUDGET)
    assert scope in getattr(replies[2], "detail", "")


async def test_a_call_in_flight_counts_by_its_estimate(serve: Serve) -> None:
    """So that many at once do not go beyond a budget together; one that times out stays counted."""
    server = await serve(hangs)
    client = server.client(llm_person_tokens=100, llm_reasoning_tokens=0, llm_timeout_s=0.3)
    asks = [client.asking(0, "u:anna").ask(replace(ASK, user=str(number)), within_s=5) for number in range(3)]
    assert [_fault(each) for each in await asyncio.gather(*asks)] == [Fault.TIMEOUT, Fault.BUDGET, Fault.BUDGET]
    assert _fault(await client.asking(0, "u:anna").ask(ASK, within_s=5)) is Fault.BUDGET


async def test_what_was_paid_goes_with_its_partition(serve: Serve) -> None:
    """A new owner counts on from the ledger; who lost the partition forgets it."""
    server = await serve(says("{}"))
    ledger = InMemory("recommender")
    first = server.client(ledger, llm_person_tokens=400, llm_reasoning_tokens=0)
    assert isinstance(await first.asking(2, "u:anna").ask(ASK, within_s=5), Answer)
    second = server.client(ledger, llm_person_tokens=400, llm_reasoning_tokens=0)
    await second.start()
    await second.owned(2)
    asking = second.asking(2, "u:anna")
    assert _fault(await asking.ask(replace(ASK, user="other"), within_s=5)) is Fault.BUDGET
    second.lost(2)
    await second.owned(1)
    assert isinstance(await second.asking(1, "u:anna").ask(replace(ASK, user="other"), within_s=5), Answer)


async def test_tokens_money_and_seconds_are_counted_by_stage_and_model(serve: Serve) -> None:
    """Under the names that the GenAI conventions give; what comes from the ledger is paid once."""
    server = await serve(says("{}"))
    client = server.client(llm_models="counted=0.25/2")
    named = {"gen_ai_operation_name": "chat", "gen_ai_request_model": "counted", "stage": "copy"}
    for _ in range(2):
        await client.ask(ASK, within_s=5)
    assert _counted("gen_ai_client_operation_duration_seconds_count", **named, error_type="") == 1
    assert _counted("gen_ai_client_token_usage_sum", **named, gen_ai_token_type="input") == 300
    assert _counted("gen_ai_client_token_usage_sum", **named, gen_ai_token_type="output") == 60
    assert _counted("kindling_llm_cost_micros_total", model="counted", stage="copy") == SMALL
    assert _counted("kindling_llm_from_ledger_total", model="counted", stage="copy") == 1


async def test_what_the_ledger_cannot_make_sense_of_is_asked_anew(serve: Serve) -> None:
    """A reply of another version of the code is no answer."""
    server = await serve(says('{"a": 1}'))
    ledger = InMemory()
    client = server.client(ledger)
    await client.ask(ASK, within_s=5)
    (key, kept), = ledger.replies[0].items()  # fmt: skip
    for change in ({"text": "no object"}, {"outcome": "unheard_of"}):
        ledger.replies[0] = {key: kept.model_copy(update=change)}
        assert isinstance(await client.ask(ASK, within_s=5), Answer)
    assert len(server.bodies) == 3


async def test_a_stage_that_is_not_set_is_not_asked(serve: Serve) -> None:
    """`KINDLING_LLM_STAGES` decides; a call for two stages goes out if one is set."""
    server = await serve(says("{}"))
    client = server.client(llm_stages="job")
    assert _fault(await client.ask(Ask("pick", "pick.v1", "s", "u", {}, 5), within_s=5)) is Fault.OFF
    assert isinstance(await client.ask(Ask("job+imagine", "j.v1", "s", "u", {}, 5), within_s=5), Answer)


async def test_without_an_endpoint_nothing_is_asked() -> None:
    """The lower rungs alone; there is nothing to connect and nothing to read."""
    client = build(LlmSettings(llm="none"))
    assert isinstance(client, NoLlm)
    await client.start()
    await client.owned(0)
    assert _fault(await client.asking(0, "u:1").ask(ASK, within_s=5)) is Fault.OFF
    client.lost(0)
    await client.stop()


async def test_a_redirect_for_ever_ends(serve: Serve) -> None:
    """As an endpoint nobody reaches."""

    async def elsewhere(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "/v1/chat/completions"})

    server = await serve(elsewhere)
    assert _fault(await server.client(llm_retry_share=0.0).ask(ASK, within_s=5)) is Fault.UNREACHABLE
    assert orjson.loads(orjson.dumps(server.bodies[0]))["model"] == "gpt-5-mini"
