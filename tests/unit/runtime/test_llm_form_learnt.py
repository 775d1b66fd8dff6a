"""What an endpoint refuses of a question's form: asked again at once, learnt for the process's life, nobody's fault."""

import asyncio
import logging
from dataclasses import replace

import pytest

from schemas.llm import Answer, Fault, NoAnswer
from services.runtime.llm_form import MOST_MENDS
from services.runtime.llm_limits import RETRIES_AT_MOST
from tests.llm_server import ASK, Answers, Serve, Server, by_model, refuses, says, sends

GOOD = says("{}")
NOT_THAT = (
    "Unsupported value: '{name}' does not support '{value}' with this model. Supported values are: 'low', 'high'."
)
TOO_LARGE = "{name} is too large: {value}. This model supports at most 1000 completion tokens."
CONTEXT = b"maximum context length is 4096, you asked for 5000 (3000 in the messages, 2000 in the completion)"
FIELDS = ("reasoning_effort", "max_completion_tokens", "max_tokens")


def _sent(server: Server) -> list[tuple[object, ...]]:
    return [tuple(body.get(name) for name in FIELDS) for body in server.bodies]


@pytest.mark.parametrize(
    ("answers", "learnt"),
    [
        (refuses("reasoning_effort", GOOD), (None, 2_098, None)),
        (refuses("reasoning_effort", GOOD, values=("low", "high"), message=NOT_THAT), ("low", 2_098, None)),
        (refuses("max_completion_tokens", GOOD), ("minimal", None, 2_098)),
        (refuses("max_completion_tokens", GOOD, values=(50,), message=TOO_LARGE), ("minimal", 50, None)),
        (refuses("reasoning_effort", refuses("max_completion_tokens", GOOD)), (None, None, 2_098)),
    ],
)
async def test_what_is_refused_is_not_sent_to_that_model_again(
    answers: Answers, learnt: tuple[object, ...], serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """The question has its answer; the next one goes out so at once; one line tells of each thing learnt."""
    server = await serve(answers)
    client = server.client(llm_models="small")
    with caplog.at_level(logging.WARNING):
        assert isinstance(await client.ask(ASK, within_s=5), Answer)
        asked = len(server.bodies)
        assert isinstance(await client.ask(replace(ASK, user="next"), within_s=5), Answer)
    sent = _sent(server)
    assert sent[0] == ("minimal", 2_098, None)
    assert sent[asked - 1 :] == [learnt, learnt]
    assert [each.message for each in caplog.records] == ["llm_form_changed"] * (asked - 1)
    assert (client.lanes[0].breaker.faults, client.lanes[0].retries.saved) == (0, RETRIES_AT_MOST)


async def test_a_form_is_of_one_model(serve: Serve) -> None:
    """What the small one refuses the large one is told."""
    server = await serve(by_model(small=refuses("reasoning_effort", sends(b"{}", 404)), large=GOOD))
    assert isinstance(await server.client(llm_models="small,large").ask(ASK, within_s=5), Answer)
    assert [(body["model"], body.get("reasoning_effort")) for body in server.bodies] == [
        ("small", "minimal"), ("small", None), ("large", "minimal"),
    ]  # fmt: skip


async def test_calls_in_flight_together_learn_it_once(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """Each asks again for itself."""
    server = await serve(refuses("reasoning_effort", GOOD))
    client = server.client()
    asks = [client.ask(replace(ASK, user=str(number)), within_s=5) for number in range(5)]
    assert all(isinstance(each, Answer) for each in await asyncio.gather(*asks))
    assert [each.message for each in caplog.records] == ["llm_form_changed"]


@pytest.mark.parametrize("name", FIELDS)
async def test_an_endpoint_that_refuses_for_ever_is_asked_a_bounded_number_of_times(name: str, serve: Serve) -> None:
    """It names the same parameter whatever comes: an invalid request, and not the breaker's."""
    server = await serve(sends(b'{"error": {"message": "low high none: no %s"}}' % name.encode(), 400))
    client = server.client()
    reply = await client.ask(ASK, within_s=5)
    assert isinstance(reply, NoAnswer)
    assert reply.fault is Fault.INVALID_REQUEST
    assert 2 <= len(server.bodies) <= MOST_MENDS + 1
    assert client.lanes[0].breaker.faults == 0


async def test_a_context_too_small_for_both_is_of_that_question_alone(serve: Serve) -> None:
    """Without room to reason it may fit; the next question has its room again."""
    long = refuses("max_completion_tokens", GOOD, values=(50,), message=CONTEXT.decode())
    server = await serve(long)
    client = server.client()
    for number in range(2):
        assert isinstance(await client.ask(replace(ASK, user=str(number)), within_s=5), Answer)
    assert [sent[1] for sent in _sent(server)] == [2_098, 50] * 2


async def test_a_budget_counts_the_room_a_model_takes(serve: Serve) -> None:
    """Learnt to be none, none is counted."""
    server = await serve(refuses("max_completion_tokens", GOOD, values=(50,), message=TOO_LARGE))
    asking = server.client(llm_person_tokens=2_200).asking(0, "u:anna")
    replies = [await asking.ask(replace(ASK, user=str(number)), within_s=5) for number in range(3)]
    assert all(isinstance(each, Answer) for each in replies)
