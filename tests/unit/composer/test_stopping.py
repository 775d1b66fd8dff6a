"""The last moment, and the suppressions it looks at."""

from collections.abc import Callable
from datetime import datetime

import pytest

from schemas.email import Suppression
from schemas.recommendation import Asked, Recommendation
from schemas.signing import signature
from schemas.topics import EMAIL_SUPPRESSIONS
from services.composer.adapters.suppression_table import SuppressionTable
from services.composer.core.stopping import fold, patience_left_s, stopped
from services.composer.core.values import Reason
from services.runtime.outcome import Message

KEY = b"s" * 32
NONE: frozenset[str] = frozenset()


def _suppression(*purposes: str, state: str = "suppressed") -> Suppression:
    return Suppression.model_validate(
        {
            "address_key": "k", "purposes": purposes, "state": state, "since": "2026-11-03T09:00:00Z", "source": "test",
            "reason": "unsubscribed" if state == "suppressed" else "lifted",
        }
    )  # fmt: skip


def _lift(*purposes: str, key: bytes = KEY) -> Suppression:
    lift = _suppression(*purposes, state="lifted")
    return lift.model_copy(update={"signature": signature(key, lift.model_dump(mode="json", exclude={"signature"}))})


@pytest.mark.parametrize(
    ("refused", "hours", "reason"),
    [
        (NONE, 0, None),
        (frozenset({"other"}), 0, None),
        (frozenset({"marketing"}), 0, Reason.SUPPRESSED),
        (frozenset({"*"}), 0, Reason.SUPPRESSED),
        (NONE, 47.9, None),
        (NONE, 48, Reason.EXPIRED),
    ],
)
def test_a_trigger_stops_where_it_is_refused_or_late(
    recommendation: Callable[..., Recommendation],
    later: Callable[[float], datetime],
    refused: frozenset[str],
    hours: float,
    reason: Reason | None,
) -> None:
    """The purpose of its consent, or every purpose; the instant of its end is too late."""
    assert stopped(recommendation().request, refused, later(hours)) == reason


def test_suppressions_only_tighten_save_by_a_signed_lift() -> None:
    """A forged lift changes nothing."""
    refused = fold(fold(NONE, _suppression("marketing"), KEY), _suppression("*"), KEY)
    assert refused == {"marketing", "*"}
    assert fold(refused, _suppression("marketing", state="lifted"), KEY) == refused
    assert fold(refused, _lift("marketing", key=b"another"), KEY) == refused
    assert fold(refused, _lift("marketing"), KEY) == {"*"}
    assert fold(refused, _lift("*"), KEY) == NONE


def test_the_table_follows_its_topic() -> None:
    """A tombstone is no lift; an unknown address refuses nothing."""
    table = SuppressionTable(KEY)
    for event in (_suppression("marketing"), None):
        table.apply(Message(EMAIL_SUPPRESSIONS, 0, 0, b"k", event, 0))
    assert table.refused_by("k") == {"marketing"}
    assert table.refused_by("another") == NONE


def test_patience_is_what_earlier_questions_left() -> None:
    """Never below nothing."""
    asked = Asked(stage="job", prompt_id="job.v1", outcome="answer", duration_s=12.5)
    assert patience_left_s(45, (asked, asked)) == 20
    assert patience_left_s(20, (asked, asked)) == 0
