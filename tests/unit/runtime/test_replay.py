"""Cases in as lines, cases out in the same order; and a model that answers from the record."""

import json
from pathlib import Path

from schemas.decision import Decision
from schemas.llm import Answer, Ask, Fault, NoAnswer
from schemas.recommendation import Asked
from schemas.replay import Case, NotReplayable
from services.runtime.errors import Status
from services.runtime.llm_recorded import Recorded, recorded
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.replay import ended, replay

EXAMPLE = Path(__file__).parents[3] / "schemas" / "examples" / "decisions" / "pinned.json"
ASKED = Asked(
    stage="copy", prompt_id="copy.v1", outcome="answer", model="m", text='{"a": 1}', prompt_tokens=7,
    completion_tokens=3, duration_s=0.5,
)  # fmt: skip


def _ask(stage: str) -> Ask:
    return Ask(stage, "p.v1", "", "", {}, 1)


async def test_cases_come_out_in_the_order_they_went_in() -> None:
    """A skipped one is passed on, one that cannot be replayed says why, blank lines are nothing."""
    case = Case(decision=Decision.model_validate_json(EXAMPLE.read_bytes()))
    cases = [case, case.model_copy(update={"skipped": "before"}), case.model_copy(update={"notes": ("no",)})]

    async def handle(given: Case) -> Case:
        if given.notes:
            raise NotReplayable("it is too old")
        return given.model_copy(update={"notes": ("done",)})

    written: list[str] = []
    lines = [each.model_dump_json(by_alias=True) for each in cases]
    await replay(handle, [*lines, "\n"], written.append)
    assert [(each["notes"], each["skipped"]) for each in map(json.loads, written)] == [
        (["done"], None), ([], "before"), (["no"], "it is too old"),
    ]  # fmt: skip


def test_command_ends_by_the_outcome_table() -> None:
    """78 for the operator's fault, 75 where something is away."""

    async def act(error: Exception | None) -> None:
        if error is not None:
            raise error

    assert ended(act(None)) == 0
    assert ended(act(Misconfigured("set it"))) == Status.MISCONFIGURED
    assert ended(act(Unavailable("away"))) == Status.FENCED


async def test_record_answers_each_stage_in_turn() -> None:
    """Then it is off."""
    model = Recorded((ASKED, ASKED.model_copy(update={"stage": "pick", "text": "{}"}), ASKED))
    first = await model.ask(_ask("pick"), within_s=0)
    assert isinstance(first, Answer)
    assert first.value == {}
    assert [type(await model.ask(_ask("copy"), within_s=0)) for _ in range(3)] == [Answer, Answer, NoAnswer]
    off = await model.ask(_ask("pick"), within_s=0)
    assert isinstance(off, NoAnswer)
    assert off.fault is Fault.OFF


def test_reply_of_the_record_is_the_reply_as_it_came() -> None:
    """With model, tokens and time; a fault by its name; a text cut short says nothing."""
    reply = recorded(ASKED)
    assert isinstance(reply, Answer)
    assert (reply.value, reply.text, reply.model, reply.usage.prompt_tokens, reply.duration_s) == (
        {"a": 1}, '{"a": 1}', "m", 7, 0.5,
    )  # fmt: skip
    cut = recorded(ASKED.model_copy(update={"text": '{"a": '}))
    assert isinstance(cut, Answer)
    assert (cut.value, cut.text, cut.usage.completion_tokens) == ({}, '{"a": ', 3)
    fault = recorded(ASKED.model_copy(update={"outcome": "timeout", "detail": "slow"}))
    assert isinstance(fault, NoAnswer)
    assert (fault.fault, fault.detail, fault.usage.prompt_tokens) == (Fault.TIMEOUT, "slow", 7)
