"""A mail that can be set aside no longer has an end that the world hears of."""

from collections.abc import Callable
from datetime import UTC, datetime

from schemas.topics import EMAIL_FEEDBACK
from services.connector.pipeline import expired
from services.runtime.outcome import Message

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def test_a_mail_that_can_wait_no_longer_was_not_sent(record: Callable[..., Message]) -> None:
    """It is told as expired, by the same words as one whose own time has passed."""
    mail = record()
    (sent,) = expired(mail, NOON).records
    assert sent.topic is EMAIL_FEEDBACK
    told = sent.event
    assert (told.word, told.reason, told.message_id) == ("not_sent", "expired", mail.event.message_id)
    assert told.occurred_at == NOON
