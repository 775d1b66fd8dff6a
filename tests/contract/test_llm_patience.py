"""A question that has no time left is not asked, and a hurry is not the model's fault: at every stage, by one guard."""

from dataclasses import replace

import orjson
import pytest

from schemas.llm import Answer, Fault, NoAnswer, Reply
from services.runtime.llm_client import SHORTEST_CALL_S, LlmClient
from services.runtime.llm_lane import FAIR_SHARE
from services.runtime.llm_ledger import InMemory
from services.runtime.llm_limits import BREAKER_FAULTS, RETRIES_AT_MOST
from services.runtime.llm_recorded import recorded
from tests.llm_scenes import composed, recommended
from tests.llm_server import ASK, Serve, hangs, in_turn, says, sends

SLOW_S = 3.0  # a deadline of which the shortest call is less than the fair share
TOO_LONG = b'{"error": {"code": "context_length_exceeded"}}'


def _fault(reply: Reply) -> Fault | None:
    return reply.fault if isinstance(reply, NoAnswer) else None


def _is_untouched(client: LlmClient) -> bool:
    lane = client.lanes[0]
    return (lane.breaker.faults, lane.breaker.open_until_s, lane.retries.saved) == (0, 0.0, RETRIES_AT_MOST)


@pytest.mark.parametrize("within_s", [-1.0, 0.0, SHORTEST_CALL_S - 0.01])
async def test_what_has_no_time_is_not_asked_of_anybody(within_s: float, serve: Serve) -> None:
    """However often: no call, no fault, no retry, nothing spent."""
    server = await serve(hangs)
    client = server.client(llm_models="small,large")
    for number in range(BREAKER_FAULTS + 1):
        reply = await client.ask(replace(ASK, user=str(number)), within_s=within_s)
        assert _fault(reply) is Fault.NO_TIME
        assert (reply.duration_s, reply.escalated) == (0.0, "")
    assert server.bodies == []
    assert _is_untouched(client)


async def test_what_was_paid_needs_no_time(serve: Serve) -> None:
    """A reply of the ledger comes however little is left."""
    server = await serve(says('{"a": 1}'))
    client = server.client(InMemory("recommender"))
    await client.ask(ASK, within_s=5)
    assert isinstance(await client.ask(ASK, within_s=0), Answer)


async def test_the_composer_with_no_patience_left_asks_nobody(serve: Serve) -> None:
    """The template writes the mail, and the record says why."""
    server = await serve(hangs)
    client = server.client()
    spent = {"stage": "job", "prompt_id": "job.v1", "outcome": "timeout", "duration_s": 600.0}
    for _ in range(BREAKER_FAULTS):
        _, decision = await composed(client, asked=[spent])
        assert (decision.rungs["copy"], decision.asked[-1].outcome) == ("template", "no_time")
    assert server.bodies == []
    assert _is_untouched(client)


async def test_the_recommender_with_no_patience_left_asks_nobody(serve: Serve) -> None:
    """The rules and the posterior answer, and the record says why."""
    server = await serve(hangs)
    client = server.client()
    event = await recommended(client, patience_s=0.5)
    assert (event.rungs["job"], event.rungs["pick"]) == ("rules", "posterior")
    assert [each.outcome for each in event.asked] == ["no_time", "no_time"]
    assert server.bodies == []
    assert _is_untouched(client)


async def test_a_question_too_long_with_no_time_left_is_not_asked_shorter(serve: Serve) -> None:
    """It says it was too long; the second call would have had nothing to come in."""
    server = await serve(sends(TOO_LONG, 400))
    client = server.client()
    ask = replace(ASK, user=orjson.dumps(list(range(99))).decode())
    assert _fault(await client.ask(ask, within_s=SHORTEST_CALL_S)) is Fault.TOO_LONG
    assert len(server.bodies) == 1
    assert _is_untouched(client)


@pytest.mark.parametrize(("timeout_s", "faults"), [(SHORTEST_CALL_S / FAIR_SHARE + 0.5, 0), (1.0, 1)])
async def test_a_timeout_in_a_hurry_is_not_the_models(timeout_s: float, faults: int, serve: Serve) -> None:
    """It counts only where the model had its share of the deadline that every call has."""
    server = await serve(hangs)
    client = server.client(llm_timeout_s=timeout_s)
    assert _fault(await client.ask(ASK, within_s=SHORTEST_CALL_S)) is Fault.TIMEOUT
    assert client.lanes[0].breaker.faults == faults
    assert client.lanes[0].breaker.open_until_s == 0.0


async def test_a_probe_in_a_hurry_leaves_the_next_one_through(serve: Serve) -> None:
    """It has shown nothing: the breaker neither closes nor rests again."""
    server = await serve(in_turn(hangs, says("{}")))
    client = server.client(llm_timeout_s=SLOW_S)
    client.lanes[0].breaker.faults = BREAKER_FAULTS
    assert _fault(await client.ask(ASK, within_s=SHORTEST_CALL_S)) is Fault.TIMEOUT
    assert isinstance(await client.ask(ASK, within_s=5), Answer)


@pytest.mark.parametrize(("asked_s", "openings"), [("2", 0), ("30", 1)])
async def test_a_rest_that_a_normal_call_could_wait_for_opens_nothing(
    asked_s: str, openings: int, serve: Serve
) -> None:
    """Asked to wait two seconds with one left: a fault like another; thirty would fit no call."""
    server = await serve(sends(b"{}", 429, Retry_After=asked_s))
    client = server.client(llm_timeout_s=SLOW_S)
    reply = await client.ask(ASK, within_s=SHORTEST_CALL_S)
    assert _fault(reply) is Fault.RATE_LIMITED
    assert (client.lanes[0].breaker.open_until_s > 0) == openings


async def test_what_the_record_says_of_no_time_is_what_a_replay_says(serve: Serve) -> None:
    """The fault is read back by its name."""
    server = await serve(hangs)
    event = await recommended(server.client(), patience_s=0.5)
    assert [_fault(recorded(each)) for each in event.asked] == [Fault.NO_TIME, Fault.NO_TIME]
