"""What becomes of one record of email.outbound."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import orjson
import pytest

from schemas.codec import decode
from schemas.email import Feedback
from schemas.signing import signature
from schemas.suppression import Seen
from schemas.topics import EMAIL_FEEDBACK, EMAIL_OUTBOUND
from services.connector.core.values import Accepted, Away, Barred, Declined, End, Lost, Wait
from services.connector.pipeline import deliver
from services.runtime.outcome import Emit, Later, Message, Misconfigured, Outcome, Reject, Unavailable

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
SEEN = Seen({}, NOON)
ANA = "ana@example.com"
KEY = b"k" * 32
ID = "a1b2c3d4-0000-5000-8000-000000000001"


def _feedback(outcome: Outcome) -> Feedback:
    assert isinstance(outcome, Emit)
    (send,) = outcome.records
    assert send.topic is EMAIL_FEEDBACK
    assert isinstance(send.event, Feedback)
    return send.event


async def test_mail_is_handed_over_and_reported_delivered(record: Any, fakes: Any) -> None:
    """One letter to the recipient, one feedback that echoes the record's ids."""
    said = _feedback(await deliver(record(), fakes.world))
    assert [letter.recipient for letter in fakes.mailer.sent] == [ANA]
    assert (said.id, said.word, said.message_id) == (f"{ID}:delivered", "delivered", ID)
    assert (said.person_tag, said.source) == ("dToxMDAx", "connector:smtp")
    assert (said.decision_id, said.course_id) == (record().event.decision_id, record().event.course.id)
    assert said.address_key == record().event.address_key


async def test_feedback_echoes_every_course_of_a_mail(record: Any, fakes: Any) -> None:
    """The further ones with their links, so that a click is told apart; a mail of one has none, signed as ever."""
    also = [{"id": "crm-1", "title": "Clean records", "url": "https://academy.example.com/courses/crm-1"}]
    said = _feedback(await deliver(record(also=also), fakes.world))
    assert [each.model_dump() for each in said.also] == also
    assert "also" not in _feedback(await deliver(record(message_id=ID[:-1] + "2"), fakes.world)).model_dump()


async def test_redo_of_a_sent_mail_sends_nothing_and_says_the_same(record: Any, fakes: Any) -> None:
    """A record that comes twice gives one letter and twice the same feedback."""
    first = await deliver(record(), fakes.world)
    fakes.clock.at += timedelta(hours=1)
    assert await deliver(record(), fakes.world) == first
    assert len(fakes.mailer.sent) == 1


async def test_claim_without_an_end_is_not_sent_again(record: Any, fakes: Any) -> None:
    """After a kill between claim and end nobody knows: the mail is reported as unknown, and stays so."""
    await fakes.ledger.claim(ID, fakes.clock.now(), SEEN)
    said = _feedback(await deliver(record(), fakes.world))
    assert (said.word, said.reason) == ("unknown", "unknown_after_restart")
    assert fakes.mailer.sent == []
    assert _feedback(await deliver(record(), fakes.world)) == said


def _came(message: Message, raw: bytes | None) -> Message:
    """The record as its bytes say, under the same key."""
    event = message.event if raw is None else decode(EMAIL_OUTBOUND, raw)
    return replace(message, event=event, raw=raw)


def _with(raw: bytes, **fields: Any) -> bytes:
    return orjson.dumps(orjson.loads(raw) | fields)


@pytest.mark.parametrize(
    "forge",
    [
        lambda raw: _with(raw, subject="You won"),
        lambda raw: _with(raw, signature="0" * 64),
        lambda raw: _with(raw, signature="é"),
        lambda raw: _with(raw, new_field="not signed"),
        lambda raw: raw[:-1] + b',"subject":"You won"}',
        lambda raw: raw[:-1] + b',"new_field":NaN}',
        lambda raw: None,  # noqa: ARG005 no bytes at all
    ],
    ids=["changed", "other signature", "no hex", "one field more", "a field twice", "no JSON number", "no bytes"],
)
async def test_forged_mail_is_rejected(record: Any, fakes: Any, forge: Any) -> None:
    """What is not signed as it came is not sent, claimed or reported."""
    good = record()
    outcome = await deliver(_came(good, forge(good.raw)), fakes.world)
    assert isinstance(outcome, Reject)
    assert outcome.reason == "bad_signature"
    assert (fakes.mailer.sent, fakes.ledger.held) == ([], {})


async def test_mail_of_a_later_version_is_sent_by_its_signature(record: Any, fakes: Any) -> None:
    """Fields it does not know, at the top and within, are signed as all others are; a registry's frame is not."""
    value = orjson.loads(record().raw) | {"new_field": {"of": ["a later version"]}}
    value["course"]["new_field"] = 1.5
    del value["signature"]
    raw = orjson.dumps(value | {"signature": signature(KEY, value)})
    said = _feedback(await deliver(_came(record(), b"\x00\x00\x00\x00\x07" + raw), fakes.world))
    assert (said.word, len(fakes.mailer.sent)) == ("delivered", 1)


async def test_mail_that_cannot_be_built_is_rejected(record: Any, fakes: Any) -> None:
    """A signed mail with a header of its own `Bcc` is dead-lettered unsent."""
    outcome = await deliver(record(headers={"Bcc": "eve@example.com"}), fakes.world)
    assert isinstance(outcome, Reject)
    assert outcome.reason == "bad_header"
    assert (fakes.mailer.sent, fakes.ledger.held) == ([], {})


async def test_mail_waits_aside_until_not_before(record: Any, fakes: Any) -> None:
    """Nothing sleeps: others pass, and its Date is that of the send."""
    early = record(not_before="2026-11-03T12:01:30Z")
    waits = await deliver(early, fakes.world)
    assert waits == Later(datetime(2026, 11, 3, 12, 1, 30, tzinfo=UTC), Wait.NOT_BEFORE)
    assert (fakes.mailer.sent, fakes.ledger.held) == ([], {})
    fakes.clock.at = fakes.suppressions.asked_at = early.event.not_before
    assert _feedback(await deliver(early, fakes.world)).word == "delivered"
    sent = message_from_bytes(fakes.mailer.sent[0].content, policy=policy.default)
    assert sent["Date"] == "Tue, 03 Nov 2026 12:01:30 +0000"


async def test_mail_past_its_end_is_not_sent(record: Any, fakes: Any) -> None:
    """At `expires_at` exactly it is too late."""
    said = _feedback(await deliver(record(expires_at="2026-11-03T12:00:00Z"), fakes.world))
    assert (said.id, said.word, said.reason) == (f"{ID}:not_sent", "not_sent", "expired")
    assert fakes.mailer.sent == []


async def test_refused_recipient_is_a_bounce(record: Any, fakes: Any) -> None:
    """The class and the codes are reported; the server's text, which holds the address, is not."""
    fakes.mailer.answers = {ANA: Declined("recipient", 550, f"5.1.1 <{ANA}>: no such user")}
    said = _feedback(await deliver(record(), fakes.world))
    assert (said.word, said.bounce_class, said.reason) == ("bounced", "hard", "smtp_550_5.1.1")


async def test_loss_within_the_content_is_not_tried_again(record: Any, fakes: Any) -> None:
    """The server may have taken it: reported as unknown, and a redo sends nothing."""
    fakes.mailer.answers = {ANA: Lost("cut")}
    said = _feedback(await deliver(record(), fakes.world))
    fakes.mailer.answers = {}
    assert (said.word, said.reason) == ("unknown", "unknown_after_loss")
    assert _feedback(await deliver(record(), fakes.world)) == said
    assert fakes.mailer.sent == []


@pytest.mark.parametrize(("answer", "error"), [(Away("refused"), Unavailable), (Barred("535"), Misconfigured)])
async def test_claim_is_given_back_when_the_server_lets_nobody_in(
    record: Any, fakes: Any, answer: Away | Barred, error: type[Exception]
) -> None:
    """The runtime asks again, and then the mail goes."""
    fakes.mailer.answers = {ANA: answer}
    with pytest.raises(error):
        await deliver(record(), fakes.world)
    fakes.mailer.answers = {ANA: Accepted()}
    assert _feedback(await deliver(record(), fakes.world)).word == "delivered"


async def test_what_was_said_of_a_mail_outlives_its_end(record: Any, fakes: Any) -> None:
    """A redo after `expires_at` of a mail that was delivered says delivered."""
    fakes.ledger.held[ID] = End("delivered", fakes.clock.now())
    fakes.clock.at += timedelta(days=30)
    assert _feedback(await deliver(record(), fakes.world)).word == "delivered"


async def test_end_of_an_older_ledger_is_said_as_it_was(record: Any, fakes: Any) -> None:
    """What was reported as failed before `unknown` was a word stays one feedback with one id."""
    fakes.ledger.held[ID] = End("failed", fakes.clock.now(), "unknown_after_loss")
    said = _feedback(await deliver(record(), fakes.world))
    assert (said.id, said.word, said.reason) == (f"{ID}:failed", "failed", "unknown_after_loss")
