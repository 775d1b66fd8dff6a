"""Cases in as lines, cases out in the same order; and a model that answers from the record."""

import asyncio
import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.decision import Decision
from schemas.llm import Answer, Ask, Fault, NoAnswer
from schemas.recommendation import Asked
from schemas.replay import Case, NoCase, NotReplayable
from services.runtime.errors import Status
from services.runtime.lines import Line, numbered
from services.runtime.llm_recorded import Recorded, recorded
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.replay import AT_ONCE, ended, replay

EXAMPLE = Path(__file__).parents[3] / "schemas" / "examples" / "decisions" / "pinned.json"
ASKED = Asked(
    stage="copy", prompt_id="copy.v1", outcome="answer", model="m", text='{"a": 1}', prompt_tokens=7,
    completion_tokens=3, duration_s=0.5,
)  # fmt: skip


def _ask(stage: str) -> Ask:
    return Ask(stage, "p.v1", "", "", {}, 1)


def _case(**changes: Any) -> Case:
    return Case(decision=Decision.model_validate_json(EXAMPLE.read_bytes()), **changes)


def _lines(*cases: Case | bytes) -> list[Line]:
    return list(enumerate((each if isinstance(each, bytes) else _raw(each) for each in cases), 1))


def _raw(case: Case) -> bytes:
    return case.model_dump_json(by_alias=True).encode()


async def test_cases_come_out_in_the_order_they_went_in() -> None:
    """A skipped one is passed on, one that cannot be replayed says why, blank lines are nothing."""

    async def handle(given: Case) -> Case:
        if given.notes:
            raise NotReplayable("it is too old")
        return given.model_copy(update={"notes": ("done",)})

    written: list[str] = []
    lines = _lines(_case(), _case(skipped="before"), _case(notes=("no",)), b"\n")
    assert await replay(handle, lines, written.append) == 0
    assert [(each["notes"], each["skipped"]) for each in map(json.loads, written)] == [
        (["done"], None), ([], "before"), (["no"], "it is too old"),
    ]  # fmt: skip


async def test_a_bad_line_is_one_row_in_its_place() -> None:
    """Its number, counted with the blank ones, and what was expected; the others are replayed."""
    written: list[str] = []
    lines = _lines(
        b"[\n", b"\n", _case(), b"\xff\n", NoCase(line=70, skipped="of a stage before").model_dump_json().encode()
    )
    assert await replay(_same, lines, written.append) == 3
    rows = [json.loads(each) for each in written]
    assert [each.get("line") for each in rows] == [1, None, 4, 70]
    assert [each["skipped"] is None for each in rows] == [False, True, False, False]
    assert rows[0]["skipped"].startswith("line 1: expected a case, as one JSON object: the whole: expected JSON")


async def _same(case: Case) -> Case:
    return case


async def test_only_a_window_of_lines_is_ever_held() -> None:
    """However many there are, and whichever is slow: no more are taken than may be unwritten; the first come first."""
    written: list[str] = []
    held: list[int] = []
    many = 20 * AT_ONCE

    def lines() -> Iterator[Line]:
        for number in range(1, many + 1):
            held.append(number - len(written))
            yield number, _raw(_case(notes=(f"{number}",)))

    async def handle(case: Case) -> Case:
        number = int(case.notes[0])
        for _ in range(number * 7 % 11):
            await asyncio.sleep(0)
        if number % AT_ONCE == 1:  # a slow one: those behind it are done long before
            await _until(lambda: len(held) - len(written) == AT_ONCE or len(held) == many)
        return case

    assert await replay(handle, lines(), written.append) == 0
    assert [json.loads(each)["notes"] for each in written] == [[f"{number}"] for number in range(1, many + 1)]
    assert max(held) == AT_ONCE
    assert held[-1] < many  # rows were written before the last line was read


async def _until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_true():
            await asyncio.sleep(0)


async def test_a_line_that_does_not_come_holds_up_no_row() -> None:
    """The row of the first line is written while the second is waited for: the stage before may take its time."""
    written: list[str] = []
    is_written = threading.Event()

    def lines() -> Iterator[Line]:
        yield 1, _raw(_case())
        assert is_written.wait(60)
        yield 2, _raw(_case())

    def write(row: str) -> None:
        written.append(row)
        is_written.set()

    await replay(_same, lines(), write)
    assert len(written) == 2


async def test_what_ends_the_command_comes_behind_the_rows_before_it() -> None:
    """Rows of lines before are written, none behind, and no further line is read."""
    written: list[str] = []
    read: list[int] = []
    is_broken = asyncio.Event()

    def lines() -> Iterator[Line]:
        for number in range(1, 100):
            read.append(number)
            yield number, _raw(_case(notes=(f"{number}",)))

    async def handle(case: Case) -> Case:
        match case.notes:
            case ("2",):
                await is_broken.wait()
            case ("3",):
                is_broken.set()
                raise Unavailable("the model is away")
            case _:
                pass
        return case

    with pytest.raises(Unavailable, match="away"):
        await replay(handle, lines(), written.append)
    assert [json.loads(each)["notes"] for each in written] == [["1"], ["2"]]
    assert len(read) <= 3 + AT_ONCE


def test_command_ends_by_the_outcome_table() -> None:
    """78 for the operator's fault, 75 where something is away, 1 where lines were bad."""

    async def act(error: Exception | None, bad: int = 0) -> int:
        if error is not None:
            raise error
        return bad

    assert ended(act(None)) == 0
    assert ended(act(None, bad=2)) == 1
    assert ended(act(Misconfigured("set it"))) == Status.MISCONFIGURED
    assert ended(act(Unavailable("away"))) == Status.FENCED


@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_that_is_too_long_is_one_line(end: bytes) -> None:
    """Its beginning comes, no longer than shows it; the next has the next number."""
    file = io.BytesIO(b"\xef\xbb\xbfone\n" + b"x" * 95 + b"\n" + b"y" * 10 + end)
    assert list(numbered(file, 10)) == [(1, b"one\n"), (2, b"x" * 11), (3, b"y" * 10 + end)]


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
