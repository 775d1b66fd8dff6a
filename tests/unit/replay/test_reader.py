"""A mail that was read a second time is replayed with what the reader said; one from before there was a reader too."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from schemas.replay import Case
from services.console.core.comparing import verdict

Decided = Callable[..., Awaitable[Case]]
Replayed = Callable[[Case], Awaitable[Case]]
Replies = Callable[..., dict[str, list[str]]]


async def test_a_mail_that_was_read_is_replayed_to_the_byte(
    decided: Decided, replies: Replies, replayed: Replayed
) -> None:
    """The reader's reply comes from the record too; another one there is another mail."""
    then = await decided(replies(reader={}))
    assert [each.stage for each in then.decision.asked][-2:] == ["copy", "reader"]
    now = await replayed(then)
    assert verdict(then, now).is_same
    assert now.decision == then.decision
    *before, read = then.decision.asked
    found = {"verdicts": [{"line": 1, "verdict": "not_supported", "why": "no such thing"}]}
    asked = (*before, read.model_copy(update={"text": json.dumps(found)}))
    other = then.model_copy(update={"decision": then.decision.model_copy(update={"asked": asked})})
    assert "decision.refusals" in verdict(then, await replayed(other)).differs


@pytest.mark.parametrize(
    "verdicts",
    [
        [],
        [{"line": 2, "verdict": "unsure", "why": "which?"}],
        "all of them",
        [{"line": 1, "verdict": "supported", "why": "x" * 9_000}],
    ],
)
async def test_a_mail_that_the_reader_refused_is_replayed_to_the_byte(
    decided: Decided, replies: Replies, replayed: Replayed, verdicts: Any
) -> None:
    """What it said of which line is refused again, and so is an answer of no shape, or too long for the record."""
    then = await decided(replies(reader={"verdicts": verdicts}))
    assert then.decision.rungs["copy"] == "template"
    assert {each.rule for each in then.decision.refusals} == {"reader"}
    assert verdict(then, await replayed(then)).is_same


async def test_a_record_from_before_there_was_a_reader_is_replayed_to_the_byte(
    decided: Decided, replies: Replies, replayed: Replayed
) -> None:
    """It holds no such question, and none is missed."""
    then = await decided(replies())
    assert [each.stage for each in then.decision.asked] == ["job+imagine", "pick", "copy"]
    assert verdict(then, await replayed(then)).is_same
