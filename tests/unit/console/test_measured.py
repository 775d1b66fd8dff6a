"""Mails of a better hour are compared with those that would have been moved and were not."""

from itertools import permutations
from typing import Any

import pytest

from schemas import topics
from schemas.identity import message_id_of
from services.console.core.measured import Groups, Measured, wilson
from services.console.pipeline import measure
from services.runtime.outcome import Message

HOUR = {
    "reason": "moved", "experiment": "hours", "was_due": "2026-11-24T06:30:00Z", "best_at": "2026-11-24T21:19:13Z",
    "zone": {"name": None, "source": "unknown"}, "evidence": 14.0, "score_due": 0.4, "score_best": 6.1,
}  # fmt: skip


def id_of(number: int) -> str:
    """The id of a decision."""
    return f"{number:08d}-0000-5000-8000-000000000000"


@pytest.fixture
def ended(decision: Any) -> Any:
    """A record of a trigger whose hour was looked for."""

    def make(number: int, reason: str = "moved", ending: str = "sent", **hour: Any) -> Message:
        trigger = decision().trigger.model_dump(mode="json")
        trigger["send_time"] = {**HOUR, "reason": reason, **hour}
        event = decision(decision_id=id_of(number), ending=ending, trigger=trigger)
        return Message(topics.DECISIONS, 0, number, f"u:ana|{id_of(number)}".encode(), event, 0)

    return make


@pytest.fixture
def word(feedback: Any) -> Any:
    """A word about the mail of a decision."""

    def make(number: int, said: str, **over: Any) -> Message:
        event = feedback(id=f"{said} {number}", word=said, message_id=message_id_of(id_of(number)), **over)
        return Message(topics.EMAIL_FEEDBACK, 0, number, None, event, 0)

    return make


def measured(*messages: Message) -> tuple[Measured, ...]:
    """The groups of these records."""
    groups = Groups()
    for each in messages:
        measure(each, groups)
    return groups.measured()


def test_moved_and_control_are_told_side_by_side(ended: Any, word: Any) -> None:
    """Of each experiment: triggers, mails, and how many were delivered, clicked, converted."""
    moved, control = measured(
        ended(1, "control"), ended(2), ended(3), ended(4, ending="not_asked"),
        word(1, "delivered"), word(2, "delivered"), word(2, "clicked"), word(2, "converted"), word(3, "delivered"),
    )  # fmt: skip
    assert (moved.group, moved.triggers, moved.mails, control.group, control.triggers) == ("moved", 3, 2, "control", 1)
    assert {word: count for word, count in moved.heard.items() if count} == {
        "delivered": 2, "clicked": 1, "converted": 1,
    }  # fmt: skip
    assert moved.clicked_share == pytest.approx(1 / 3)
    assert moved.line() == (
        "hours moved: 3 triggers, 2 mails, 2 delivered, 1 clicked, 1 converted, 0 unsubscribed, 0 complained; "
        "33.3% clicked (95 % between 6.1% and 79.2%)"
    )


def test_order_and_repeats_change_nothing(ended: Any, word: Any) -> None:
    """Feedback may be read before its decision, and the same word may come twice."""
    records = [ended(1), ended(2, "control"), word(1, "clicked"), word(2, "delivered")]
    assert len({repr(measured(*each, *each)) for each in permutations(records)}) == 1


@pytest.mark.parametrize("ending", ["waiting", "held_out"])
def test_what_is_no_end_of_a_mail_is_not_counted(ended: Any, ending: str) -> None:
    """An attempt goes on, and an arm that gets no mail says nothing of hours."""
    assert measured(ended(1, ending=ending)) == ()


@pytest.mark.parametrize("reason", ["too_little", "no_better", "of_a_later_version"])
def test_who_had_no_better_hour_is_not_compared(ended: Any, reason: str) -> None:
    """Else the groups would differ by more than the hour."""
    assert measured(ended(1, reason)) == ()


def test_a_trigger_without_a_wish_is_not_compared(decision: Any) -> None:
    """As all of a playbook that looks for no hour."""
    assert measured(Message(topics.DECISIONS, 0, 1, b"k", decision(), 0)) == ()


@pytest.mark.parametrize(("machine", "clicks"), [("yes", 0), ("suspected", 0), ("no", 1), (None, 1)])
def test_a_machines_click_is_none(ended: Any, word: Any, machine: str | None, clicks: int) -> None:
    """As far as the ESP says so."""
    [moved] = measured(ended(1), word(1, "clicked", machine=machine))
    assert moved.heard["clicked"] == clicks


def test_who_was_erased_is_not_counted(ended: Any) -> None:
    """Their decision's tombstone takes it out; any other changes nothing."""
    tombstone = Message(topics.DECISIONS, 0, 9, f"u:ana|{id_of(1)}".encode(), None, 0)
    other = Message(topics.DECISIONS, 0, 9, None, None, 0)
    [moved] = measured(ended(1), ended(2), other, tombstone)
    assert moved.triggers == 1


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634)]
)
def test_an_interval_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    """As tables give it."""
    assert wilson(part, whole) == pytest.approx((low, high), abs=1e-4)
