"""The last moment, and the patience that is left."""

from collections.abc import Callable
from datetime import datetime

import pytest

from schemas.recommendation import Asked, Recommendation
from services.composer.core.stopping import patience_left_s, stopped
from services.composer.core.values import Reason

NONE: frozenset[str] = frozenset()


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
    assert stopped(recommendation().request, lambda _: refused, b"key", later(hours)) == reason


def test_patience_is_what_earlier_questions_left() -> None:
    """Never below nothing."""
    asked = Asked(stage="job", prompt_id="job.v1", outcome="answer", duration_s=12.5)
    assert patience_left_s(45, (asked, asked)) == 20
    assert patience_left_s(20, (asked, asked)) == 0
