"""May this mail go, and when: its signature, its time, and the suppressions, each a pure rule."""

from datetime import datetime

from schemas.email import Feedback, OutboundEmail
from schemas.signing import is_signed_record
from schemas.suppression import is_refused
from services.connector.core.values import End, NoSend, Refusal, RejectReason

SOURCE = "connector:smtp"


def forgery(raw: bytes | None, key: bytes) -> Refusal | None:
    """A refusal where the signature is not ours over exactly this record as it came, else None."""
    if is_signed_record(key, raw):
        return None
    return Refusal(RejectReason.BAD_SIGNATURE, "expected the composer's signature over all other fields")


def is_early(mail: OutboundEmail, now: datetime) -> bool:
    """True if the mail may not go yet; one that would only go after its end need not wait for it."""
    return now < mail.not_before < mail.expires_at


def no_send(mail: OutboundEmail, refused: frozenset[str], now: datetime) -> End | None:
    """The end `not_sent` of a mail that came too late or that its address refuses, else None.

    `refused`: the purposes the address refuses; `*` is every purpose.
    """
    if now >= mail.expires_at or mail.not_before >= mail.expires_at:
        return End("not_sent", now, NoSend.EXPIRED)
    if is_refused(refused, mail.consent.purpose):
        return End("not_sent", now, NoSend.SUPPRESSED)
    return None


def feedback(mail: OutboundEmail, end: End) -> Feedback:
    """The end as the world hears it. Law: one mail and one end give one feedback, with one id, however often."""
    return Feedback(
        id=f"{mail.message_id}:{end.word}",
        word=end.word,
        message_id=mail.message_id,
        decision_id=mail.decision_id,
        person_tag=mail.person_tag,
        address_key=mail.address_key,
        occurred_at=end.at,
        source=SOURCE,
        course_id=mail.course.id,
        also=mail.also,
        bounce_class=end.bounce_class,
        reason=end.reason,
    )
