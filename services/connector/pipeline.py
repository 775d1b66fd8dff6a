"""One mail from record to mailbox: verify, wait, build, claim, check, send, record the end, report it."""

from dataclasses import dataclass
from typing import assert_never

from schemas.email import OutboundEmail
from schemas.topics import EMAIL_FEEDBACK
from services.connector.core.admit import feedback, forgery, no_send, wait_s
from services.connector.core.mime import letter
from services.connector.core.replies import end_of
from services.connector.core.values import (
    Accepted,
    Barred,
    Declined,
    Deferred,
    End,
    Letter,
    Lost,
    NoSend,
    Open,
    Refusal,
    Taken,
)
from services.connector.ports import Clock, Ledger, Mailer, Suppressions
from services.runtime.outcome import Emit, Message, Misconfigured, Outcome, Reject, Send, Unavailable

NAP_S = 30.0  # the longest sleep at once, so that a clock that was set is noticed


@dataclass(frozen=True, slots=True)
class World:
    """What one connector works with; `key` is the derived key of use `outbound`."""

    key: bytes
    ledger: Ledger
    mailer: Mailer
    suppressions: Suppressions
    clock: Clock


async def deliver(message: Message, world: World) -> Outcome:
    """The outcome of one record. An id is claimed before its mail is sent, and a claim is sent at most once.

    Raises:
        Unavailable: the server did not take the mail and may later; the claim is given back.
        Misconfigured: the server does not let us in; the claim is given back.
    """
    mail: OutboundEmail = message.event
    if (forged := forgery(message.raw, world.key)) is not None:
        return Reject(forged.reason, forged.detail)
    await _wait(mail, world.clock)
    built = letter(mail, world.clock.now())
    if isinstance(built, Refusal):
        return Reject(built.reason, built.detail)
    match await world.ledger.claim(mail.message_id, world.clock.now()):
        case Taken():
            end = await _send(mail, built, world)
            await world.ledger.end(mail.message_id, end)
        case Open():
            end = End("unknown", world.clock.now(), NoSend.UNKNOWN_AFTER_RESTART)
            await world.ledger.end(mail.message_id, end)
        case End() as end:
            pass
        case never:
            assert_never(never)
    return Emit((Send(EMAIL_FEEDBACK, feedback(mail, end)),))


async def _wait(mail: OutboundEmail, clock: Clock) -> None:
    while (left_s := wait_s(mail, clock.now())) > 0:
        await clock.sleep(min(left_s, NAP_S))


async def _send(mail: OutboundEmail, built: Letter, world: World) -> End:
    """The end of a mail whose id is ours; suppressions and expiry are read last, with no wait before the send."""
    if (end := no_send(mail, world.suppressions.refused_by(mail.address_key), world.clock.now())) is not None:
        return end
    match await world.mailer.send(built):
        case Accepted():
            return End("delivered", world.clock.now())
        case Declined() as declined:
            return end_of(declined, world.clock.now())
        case Lost():
            return End("unknown", world.clock.now(), NoSend.UNKNOWN_AFTER_LOSS)
        case Deferred(detail):
            await world.ledger.release(mail.message_id)
            raise Unavailable(detail)
        case Barred(detail):
            await world.ledger.release(mail.message_id)
            raise Misconfigured(detail)
        case never:
            assert_never(never)
