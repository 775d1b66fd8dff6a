"""A model that reasons before it answers: whatever the stage, the cap leaves room for both, and both are counted."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from schemas.llm import Answer, Fault, NoAnswer
from services.composer.core.asking import MOST_TOKENS
from services.recommender.core.asking.questions import JOB_TOKENS, PICK_TOKENS
from services.recommender.core.company.extracting import TOKENS
from services.runtime.llm_ledger import InMemory
from tests.llm_server import ASK, BYTES_PER_TOKEN, Answers, Serve, reasons, refuses

MEASURED = 1_408  # of gpt-5 before an answer of 120 tokens, where no effort is told; a public measurement of 2026
THINKS: Mapping[str | None, int] = {None: MEASURED, "minimal": 64, "low": 512}
STAGES = {"company": TOKENS, "job+imagine": JOB_TOKENS, "pick": PICK_TOKENS, "copy": MOST_TOKENS}


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
    reply = await server.client().ask(replace(ASK, stage=stage, max_tokens=STAGES[stage]), within_s=5)
    assert isinstance(reply, Answer)
    thought = THINKS[None if is_deaf else "minimal"]
    assert reply.usage.completion_tokens == thought + STAGES[stage]


async def test_without_room_a_model_thinks_and_says_nothing(serve: Serve) -> None:
    """An allowance of nought is what it was: billed, and cut off."""
    server = await serve(reasons(_whole(PICK_TOKENS), THINKS))
    client = server.client(llm_reasoning_tokens=0, llm_reasoning_effort="")
    reply = await client.ask(replace(ASK, max_tokens=PICK_TOKENS), within_s=5)
    assert isinstance(reply, NoAnswer)
    assert (reply.fault, reply.usage.completion_tokens) == (Fault.TRUNCATED, PICK_TOKENS)


async def test_a_cut_off_reply_is_not_the_reply_to_a_question_with_more_room(serve: Serve) -> None:
    """The ledger keeps what was billed; with another allowance or effort it is another question."""
    server = await serve(reasons(_whole(PICK_TOKENS), THINKS))
    ledger, ask = InMemory("recommender"), replace(ASK, max_tokens=PICK_TOKENS)
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
