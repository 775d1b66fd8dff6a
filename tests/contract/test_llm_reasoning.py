"""A model that reasons before it answers: whatever the stage, the cap leaves room for both, and both are counted."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest
from aiohttp import web

from schemas.llm import Answer, Fault, NoAnswer, Usage
from services.composer.core.asking import MOST_TOKENS
from services.recommender.core.asking.questions import JOB_TOKENS, PICK_TOKENS
from services.recommender.core.company.extracting import TOKENS
from services.runtime.llm_ledger import InMemory
from services.runtime.llm_question import LEAST_MORE
from tests.llm_server import ASK, BYTES_PER_TOKEN, Answers, Serve, by_model, reasons, refuses, says

MEASURED = 1_408  # of gpt-5 before an answer of 120 tokens, where no effort is told; a public measurement of 2026
THINKS: Mapping[str | None, int] = {None: MEASURED, "minimal": 64, "low": 512}
PICK = replace(ASK, stage="pick", max_tokens=PICK_TOKENS)
STAGES = {"company": TOKENS, "job+imagine": JOB_TOKENS, "pick": PICK_TOKENS, "copy": MOST_TOKENS}
PATIENCE_S = 20.0  # as a service has it; a busy machine took two seconds for a whole answer


def _whole(tokens: int) -> str:
    """An answer that takes all of a stage's tokens."""
    frame = '{"a": ""}'
    return '{"a": "' + "x" * (tokens * BYTES_PER_TOKEN - len(frame)) + '"}'


def _deaf(answers: Answers) -> Answers:
    return refuses("reasoning_effort", answers)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("is_deaf", [False, True], ids=["told its effort", "of no effort"])
async def test_a_whole_answer_comes_at_every_stages_cap(stage: str, is_deaf: bool, serve: Serve) -> None:  # noqa: FBT001
    """With the settings as they are by default, of a model that is told to think little and of one that cannot be."""
    thinking = reasons(_whole(STAGES[stage]), THINKS)
    server = await serve(_deaf(thinking) if is_deaf else thinking)
    client = server.client(llm_timeout_s=PATIENCE_S)
    reply = await client.ask(replace(ASK, stage=stage, max_tokens=STAGES[stage]), within_s=2 * PATIENCE_S)
    assert isinstance(reply, Answer)
    thought = THINKS[None if is_deaf else "minimal"]
    assert reply.usage.completion_tokens == thought + STAGES[stage]


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize("is_counted", [True, False], ids=["told apart", "not told apart"])
async def test_what_only_reasoned_is_asked_once_more_with_more_room(
    name: str,
    is_counted: bool,  # noqa: FBT001
    serve: Serve,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The answer to that counts, both calls are paid, and the log says once what to set."""
    server = await serve(reasons(_whole(PICK_TOKENS), THINKS, name=name, is_counted=is_counted))
    client = server.client(llm_reasoning_tokens=0, llm_reasoning_effort="")
    with caplog.at_level(logging.WARNING):
        replies = [await client.ask(replace(PICK, user=each), within_s=5) for each in ("one", "two")]
    assert all(isinstance(each, Answer) for each in replies)
    assert [body["max_completion_tokens"] for body in server.bodies] == [PICK_TOKENS, PICK_TOKENS + LEAST_MORE] * 2
    billed = PICK_TOKENS + MEASURED + PICK_TOKENS
    assert replies[0].usage == Usage(600, billed, 0, PICK_TOKENS + MEASURED if is_counted else 0)
    (line,) = caplog.records
    assert (line.message, vars(line)["stage"]) == ("llm_only_reasoned", "pick")
    assert "set KINDLING_LLM_REASONING_TOKENS higher" in vars(line)["do"]


async def test_what_only_reasons_with_more_room_too_is_a_fault_of_its_own(serve: Serve) -> None:
    """Asked twice, and the next rung's turn; the record says what both came to, and a redo pays for neither."""
    server = await serve(reasons("{}", {None: 100_000}))
    client = server.client(InMemory("recommender"), llm_reasoning_tokens=100, llm_reasoning_effort="")
    for _ in range(2):
        reply = await client.ask(PICK, within_s=5)
        assert isinstance(reply, NoAnswer)
        assert reply.fault is Fault.ONLY_REASONED
        assert "with more room: only_reasoned" in reply.detail
        assert reply.usage.completion_tokens == 2 * (PICK_TOKENS + 100) + LEAST_MORE
    assert len(server.bodies) == 2


async def test_more_room_is_asked_for_within_the_deadline_of_both(serve: Serve) -> None:
    """What the first call took is gone; with nothing left nobody is asked again."""
    server = await serve(_slowly(1.2, reasons("{}", {"minimal": 100_000})))
    client = server.client(llm_timeout_s=2.0)
    began = time.perf_counter()
    reply = await client.ask(PICK, within_s=60)
    assert isinstance(reply, NoAnswer)
    assert (reply.fault, len(server.bodies)) == (Fault.ONLY_REASONED, 1)
    assert "with more room: no_time" in reply.detail
    assert time.perf_counter() - began < 2.0


async def test_more_room_than_the_endpoint_gives_takes_no_room_from_the_next_question(serve: Serve) -> None:
    """The first fault stands, and what every question has was never refused."""
    usual = 2_048 + PICK_TOKENS
    large = "{name} is too large: {value}. This model supports at most 4096 completion tokens."
    thinks = reasons("{}", {"minimal": 100_000})
    server = await serve(refuses("max_completion_tokens", thinks, values=(usual,), message=large))
    client = server.client()
    replies = [await client.ask(replace(PICK, user=each), within_s=5) for each in ("one", "two")]
    assert [each.fault for each in replies if isinstance(each, NoAnswer)] == [Fault.ONLY_REASONED] * 2
    assert [body["max_completion_tokens"] for body in server.bodies] == [usual, usual + 3 * 2_048] * 2


async def test_a_larger_model_is_asked_where_the_smaller_only_reasons(serve: Serve) -> None:
    """With more room in vain."""
    server = await serve(by_model(small=reasons("{}", {"minimal": 100_000}), large=says('{"a": 1}')))
    reply = await server.client(llm_models="small,large").ask(PICK, within_s=5)
    assert isinstance(reply, Answer)
    assert reply.escalated.startswith("small: only_reasoned")
    assert [body["model"] for body in server.bodies] == ["small", "small", "large"]


async def test_an_answer_cut_off_after_reasoning_is_cut_off(serve: Serve) -> None:
    """Some of it came: that is the answer's length, and more room to reason would not mend it."""
    server = await serve(reasons(_whole(2 * PICK_TOKENS), {"minimal": 2_048}))
    reply = await server.client().ask(PICK, within_s=5)
    assert isinstance(reply, NoAnswer)
    assert (reply.fault, len(server.bodies)) == (Fault.TRUNCATED, 1)


async def test_each_model_has_its_own_allowance_and_effort(serve: Serve) -> None:
    """By its name; of the others what is set for all counts."""
    server = await serve(by_model(small=says('{"confidence": 0.1}'), large=says("{}")))
    client = server.client(
        llm_models="small,large",
        llm_models_reasoning_tokens="large=8192",
        llm_models_reasoning_effort="small=,large=low",
    )
    await client.ask(PICK, within_s=5)
    sent = [(each["model"], each["max_completion_tokens"], each.get("reasoning_effort")) for each in server.bodies]
    assert sent == [("small", PICK_TOKENS + 2_048, None), ("large", PICK_TOKENS + 8_192, "low")]


async def test_each_stage_has_its_own_deadline(serve: Serve) -> None:
    """Shorter or longer than that of all; and a timeout of a short one is held against the model as ever."""
    server = await serve(_slowly(0.6, says("{}")))
    client = server.client(llm_timeout_s=0.3, llm_stage_timeouts_s="pick=2,job=1.5")
    job = replace(PICK, stage="job+imagine")
    replies = [await client.ask(each, within_s=5) for each in (PICK, job, ASK)]
    assert [isinstance(each, Answer) for each in replies] == [True, True, False]
    assert client.lanes[0].breaker.faults == 1


def _slowly(seconds: float, answers: Answers) -> Answers:
    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=seconds)
        return await answers(request)

    return answer


async def test_a_cut_off_reply_is_not_the_reply_to_a_question_with_more_room(serve: Serve) -> None:
    """The ledger keeps what was billed; with another allowance or effort it is another question."""
    server = await serve(reasons(_whole(PICK_TOKENS), THINKS))
    ledger, ask = InMemory("recommender"), PICK
    close = server.client(ledger, llm_reasoning_tokens=0)
    assert isinstance(await close.ask(ask, within_s=5), NoAnswer)
    assert isinstance(await server.client(ledger).ask(ask, within_s=5), Answer)
    assert isinstance(await server.client(ledger, llm_reasoning_effort="low").ask(ask, within_s=5), Answer)
    assert len(server.bodies) == 3


async def test_thinking_counts_in_a_budget_before_and_after(serve: Serve) -> None:
    """Before a call all that it may take is counted, afterwards what it took."""
    server = await serve(reasons("{}", THINKS))
    asking = server.client(llm_person_tokens=2_700).asking(0, "u:anna")
    replies = [await asking.ask(replace(ASK, user=str(number)), within_s=5) for number in range(3)]
    assert [isinstance(each, Answer) for each in replies] == [True, True, False]
    assert isinstance(replies[2], NoAnswer)
    assert replies[2].fault is Fault.BUDGET
    assert replies[0].usage.completion_tokens == THINKS["minimal"] + 1
