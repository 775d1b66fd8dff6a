"""Which model is asked: the smallest first, then the next where that one will not do, or is away."""

from dataclasses import replace

import pytest
from prometheus_client import REGISTRY

from schemas.llm import Answer, Fault, NoAnswer, Reply
from services.runtime.llm_limits import BREAKER_FAULTS
from tests.llm_server import ASK, Serve, Server, by_model, completion, hangs, in_turn, says, sends

MODELS = "small=0.25/2,large=1.25/10"
SMALL, LARGE = 300 // 4 + 60 * 2, 375 + 600  # what one of the server's answers costs
SURE, UNSURE = '{"confidence": 0.9}', '{"confidence": 0.1}'


def _fault(reply: Reply) -> Fault | None:
    return reply.fault if isinstance(reply, NoAnswer) else None


def _asked(server: Server) -> list[str]:
    return [body["model"] for body in server.bodies]


def _counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_sure_answer_of_the_small_model_will_do(serve: Serve) -> None:
    """The larger is not asked."""
    server = await serve(says(SURE))
    reply = await server.client(llm_models=MODELS).ask(ASK, within_s=5)
    assert _asked(server) == ["small"]
    assert (reply.usage.cost_micros, reply.escalated) == (SMALL, "")


@pytest.mark.parametrize(
    ("first", "why"),
    [
        (completion(UNSURE), "unsure"),
        (completion("not json"), "not_json"),
        (completion(SURE, "length"), "truncated"),
        (completion(None, refusal="no"), "refused"),
        (completion('{"is_bad": true}'), "invalid"),
    ],
)
async def test_a_reply_that_will_not_do_goes_to_the_larger_model(serve: Serve, first: bytes, why: str) -> None:
    """Refused, unusable, not what was asked for, or unsure; the record says so, and both are paid."""
    server = await serve(in_turn(sends(first), says(SURE)))
    ask = replace(ASK, doubt=lambda value: "bad" if "is_bad" in value else None)
    labels = {"model": "small", "stage": "copy", "why": why}
    before = _counted("kindling_llm_escalations_total", **labels)
    reply = await server.client(llm_models=MODELS).ask(ask, within_s=5)
    assert isinstance(reply, Answer)
    assert _asked(server) == ["small", "large"]
    assert reply.value == {"confidence": 0.9}
    assert reply.escalated.startswith(f"small: {why}")
    assert (reply.usage.cost_micros, reply.usage.prompt_tokens) == (SMALL + LARGE, 600)
    assert _counted("kindling_llm_escalations_total", **labels) == before + 1


async def test_an_unsure_answer_is_better_than_none(serve: Serve) -> None:
    """Where the larger model has none."""
    server = await serve(in_turn(says(UNSURE), sends(b"{}", 400)))
    reply = await server.client(llm_models=MODELS).ask(ASK, within_s=5)
    assert isinstance(reply, Answer)
    assert reply.value == {"confidence": 0.1}


@pytest.mark.parametrize(("status", "why"), [(404, "invalid_request"), (500, "server_error"), (429, "rate_limited")])
async def test_a_model_that_is_away_leaves_the_question_to_the_larger(serve: Serve, status: int, why: str) -> None:
    """Each after its own retries; the record says why, and only the answer is paid."""
    server = await serve(by_model(small=sends(b"{}", status), large=says(SURE)))
    reply = await server.client(llm_models=MODELS, llm_retry_share=0.0).ask(ASK, within_s=5)
    assert isinstance(reply, Answer)
    assert _asked(server) == ["small", "large"]
    assert reply.escalated.startswith(f"small: {why}")
    assert reply.usage.cost_micros == LARGE


async def test_a_model_that_hangs_leaves_what_is_left_of_the_patience_to_the_larger(serve: Serve) -> None:
    """Where less is left than any model needs, the larger is not asked."""
    server = await serve(by_model(small=hangs, large=says(SURE)))
    client = server.client(llm_models=MODELS, llm_timeout_s=0.5)
    assert isinstance(await client.ask(ASK, within_s=5), Answer)
    assert _asked(server) == ["small", "large"]
    assert _fault(await client.ask(replace(ASK, user="in haste"), within_s=1.2)) is Fault.TIMEOUT
    assert _asked(server) == ["small", "large", "small"]


async def test_a_model_that_is_left_alone_costs_the_larger_no_time(serve: Serve) -> None:
    """Once its breaker is open it is passed over."""
    server = await serve(by_model(small=sends(b"{}", 503), large=says(SURE)))
    client = server.client(llm_models=MODELS, llm_retry_share=0.0)
    replies = [await client.ask(replace(ASK, user=str(number)), within_s=5) for number in range(BREAKER_FAULTS + 2)]
    assert all(isinstance(each, Answer) for each in replies)
    assert _asked(server) == ["small", "large"] * BREAKER_FAULTS + ["large"] * 2
    assert replies[-1].escalated.startswith("small: circuit_open")


async def test_a_budget_that_the_larger_model_does_not_fit_ends_the_question(serve: Serve) -> None:
    """The smaller one's call that timed out counts by its estimate."""
    server = await serve(hangs)
    client = server.client(llm_models=MODELS, llm_person_tokens=100, llm_reasoning_tokens=0, llm_timeout_s=0.3)
    reply = await client.asking(0, "u:anna").ask(ASK, within_s=5)
    assert _fault(reply) is Fault.BUDGET
    assert reply.escalated.startswith("small: timeout")
    assert _asked(server) == ["small"]


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [(401, b"{}", Fault.DENIED), (403, b"{}", Fault.DENIED), (429, b'{"code": "insufficient_quota"}', Fault.QUOTA)],
)
async def test_what_the_larger_model_would_meet_too_is_not_asked_of_it(
    serve: Serve, status: int, body: bytes, fault: Fault
) -> None:
    """The same key and the same money: the next rung at once, and also while that is left alone."""
    server = await serve(sends(body, status))
    client = server.client(llm_models=MODELS)
    assert _fault(await client.ask(ASK, within_s=5)) is fault
    assert _fault(await client.ask(ASK, within_s=5)) is Fault.CIRCUIT_OPEN
    assert _asked(server) == ["small"]


async def test_an_endpoint_that_nobody_reaches_is_tried_for_one_model_only(serve: Serve) -> None:
    """It is the same for all."""
    server = await serve(says("{}"))
    server.url = "http://127.0.0.1:9/v1"
    reply = await server.client(llm_models=MODELS, llm_retry_share=0.0).ask(ASK, within_s=5)
    assert (_fault(reply), reply.escalated) == (Fault.UNREACHABLE, "")


async def test_a_second_attempt_begins_at_the_larger_model(serve: Serve) -> None:
    """What was refused once is not asked of the same model again."""
    server = await serve(says(SURE))
    await server.client(llm_models=MODELS).ask(replace(ASK, attempt=1), within_s=5)
    await server.client().ask(replace(ASK, attempt=1), within_s=5)
    assert _asked(server) == ["large", "gpt-5-mini"]
