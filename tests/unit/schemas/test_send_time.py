"""What a playbook may say of send time."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.program import Playbook, SendTime

PLAYBOOK = {"version": 1, "name": "guide", "purpose": "next-step", "entry": ["Guide Downloaded"]}


def test_a_playbook_that_says_nothing_of_it_reads_as_before() -> None:
    """Nor does its hash change."""
    assert "send_time" not in Playbook.model_validate(PLAYBOOK).model_dump()


@pytest.mark.parametrize("count", [0, 24, 168])
def test_usual_hours_are_of_a_day_or_a_week(count: int) -> None:
    """Or left out."""
    assert len(SendTime(within_hours=24, usual_hours=(1.0,) * count).usual_hours) == count


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"within_hours": 0}, "greater than or equal to 1"),
        ({"within_hours": 169}, "less than or equal to 168"),
        ({}, "Field required"),
        ({"usual_hours": [1.0] * 23}, "expected 24 numbers, or 168; 23 came"),
        ({"usual_hours": [0.0] * 24}, "expected one above 0"),
        ({"usual_hours": [-1.0] * 24}, "greater than or equal to 0"),
        ({"usual_hours": [float("nan")] * 24}, "less than or equal to"),
        ({"share": 1.1}, "less than or equal to 1"),
        ({"minimum_evidence": 0}, "greater than or equal to 1"),
        ({"hours": 3}, "Extra inputs"),
    ],
)
def test_a_wrong_wish_is_refused(said: dict[str, Any], why: str) -> None:
    """With what was expected."""
    about = {"within_hours": 24} if "within_hours" not in said and said else {}
    with pytest.raises(ValidationError, match=why):
        Playbook.model_validate({**PLAYBOOK, "send_time": {**about, **said}})
