"""A recommendation that can be set aside no longer ends its trigger."""

from collections.abc import Callable
from datetime import UTC, datetime

from schemas.recommendation import Recommendation
from schemas.topics import DECISIONS, EMAIL_FEEDBACK
from services.composer.pipeline import expired
from services.runtime.outcome import Message

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def test_a_recommendation_that_can_wait_no_longer_has_its_decision(
    recommendation: Callable[..., Recommendation], message: Callable[[Recommendation], Message]
) -> None:
    """And its `not_sent`, which gives touch and purpose back."""
    came = recommendation()
    decided, told = expired(message(came), NOON).records
    assert (decided.topic, told.topic) == (DECISIONS, EMAIL_FEEDBACK)
    assert (decided.event.decision_id, decided.event.ending) == (came.request.decision_id, "expired")
    assert (told.event.word, told.event.decision_id) == ("not_sent", came.request.decision_id)
