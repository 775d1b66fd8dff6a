"""Values that earlier versions stored are read as they were meant; lines are only added to the file."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from services.profile.core.timers import may_wait
from services.profile.pipeline import decode, dues, encode

VALUES = Path("tests/data/profile_values_v1.jsonl").read_bytes().splitlines()


@pytest.mark.parametrize("raw", VALUES)
def test_stored_value_is_read_and_written_byte_for_byte(raw: bytes) -> None:
    """A new worker that only reads a person changes nothing of them."""
    assert encode(decode(raw)) == raw


def test_stored_values_have_every_part() -> None:
    """Else the test above would not see the part that it loses."""
    parts = {part for raw in VALUES for part in orjson.loads(raw)}
    assert parts == {
        "v", "n", "new", "size", "i", "sig", "who", "fact", "addr", "name", "lang", "hist", "done", "reco", "took",
        "mail", "cons", "supp", "eng", "hour", "touch", "pend", "ids", "past", "wait", "fwd", "gone",
    }  # fmt: skip


def test_person_of_a_stored_value_goes_on(world: Any) -> None:
    """What was stored counts, and what comes is added."""
    richest = orjson.loads(max(VALUES, key=len))
    world.values["u:ana"] = richest
    world.take(world.event(path="/blog/seo/x"))
    assert world.values["u:ana"]["n"] == richest["n"] + 1
    assert world.values["u:ana"]["took"] == richest["took"]


def test_whom_a_recovery_passes_over_waits_for_nothing() -> None:
    """It decodes those alone whose bytes hold something that may wait."""
    passed = [raw for raw in VALUES if not may_wait(raw)]
    assert 0 < len(passed) < len(VALUES)
    assert [dues(decode(raw)) for raw in passed] == [None] * len(passed)
