"""One mail from record to mailbox: verify, wait, build, read refusals, claim, send, record the end, report it.

Nothing sleeps here: what has to wait is set aside, and others pass.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from schemas.email import OutboundEmail
from schemas.suppression import Seen
from schemas.topics import EMAIL_FEEDBACK
from services.connector.core.admit import feedback, forgery, is_early, no_send
from services.connector.core.mime import letter
from services.connector.core.pacing import AGAIN, Domains, again_at, domain_of
from services.connector.core.replies import end_of
from services.connector.core.values import (
    Accepted,
    Away,
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
    Wait,
)
from services.connector.ports import Clock, Ledger, Mailer, Suppressions
from services.runtime.outcome import Emit, Later, Message, Misconfigured, Outcome, Reject, Send, Unavailable

FRESH = timedelta(seconds=2)  # a send begins at most so long after the end of the suppressions was asked for
UNREAD = timedelta(seconds=30)  # until they are asked for again, where they could not be read


@dataclass(frozen=True, slots=True)
class World:
    """What one connector works with; `key` is the derived key of use `outbound`.

    `again` is how long a recipient that was deferred once waits.
    """

    key: bytes
    ledger: Ledger
    mailer: Mailer
    suppressions: Suppressions
    clock: Clock
    domains: Domains = field(default_factory=Domains)
    again: timedelta = AGAIN


async def deliver(message: Message, world: World) -> Outcome:
    """The outcome of one record. An id is claimed before its mail is sent, and a claim is sent at most once.

    Raises:
        Unavailable: the server lets nobody in, or the ledger is away; a claim is given back.
        Misconfigured: the server does not let *us* in; the claim is given back.
    """
    mail: OutboundEmail = message.event
    if (forged := forgery(message.raw, world.key)) is not None:
        return Reject(forged.reason, forged.detail)
    now = world.clock.now()
    if is_early(mail, now):
        return Later(mail.not_before, Wait.NOT_BEFORE)
    built = letter(mail, now)
    if isinstance(built, Refusal):
        return Reject(built.reason, built.detail)
    try:
        seen = await world.suppressions.up_to_date()
    except Unavailable:
        return Later(now + UNREAD, Wait.SUPPRESSIONS_UNREAD)
    match await world.ledger.claim(mail.message_id, now, seen):
        case Taken():
            end = await _end(message, built, seen, world)
            if isinstance(end, Later):
                await world.ledger.release(mail.message_id)
                return end
            await world.ledger.end(mail.message_id, end)
        case Open():
            end = End("unknown", now, NoSend.UNKNOWN_AFTER_RESTART)
            await world.ledger.end(mail.message_id, end)
        case End() as end:
            pass
        case never:
            assert_never(never)
    return Emit((Send(EMAIL_FEEDBACK, feedback(mail, end)),))


def expired(message: Message, now: datetime) -> Emit:
    """The end of a mail that is deferred for longer than its topic keeps it: it was not sent."""
    return Emit((Send(EMAIL_FEEDBACK, feedback(message.event, End("not_sent", now, NoSend.EXPIRED))),))


async def _end(message: Message, built: Letter, seen: Seen, world: World) -> End | Later:
    """The end of a mail whose id is ours; refusals, as they were read a moment ago, and expiry are judged last."""
    mail: OutboundEmail = message.event
    now, domain = world.clock.now(), domain_of(mail.to.address)
    if (end := no_send(mail, world.suppressions.refused_by(mail.address_key), now)) is not None:
        return end
    if now - seen.asked_at > FRESH:  # the claim took long: somebody may have refused meanwhile
        return Later(now, Wait.SUPPRESSIONS_UNREAD)
    if (free_at := world.domains.free_at(domain, now)) is not None:
        return Later(min(free_at, mail.expires_at), Wait.DOMAIN_SLOWED)
    return await _sent(message, built, domain, world)


async def _sent(message: Message, built: Letter, domain: str, world: World) -> End | Later:
    mail, answer = message.event, await world.mailer.send(built)
    now = world.clock.now()
    if not isinstance(answer, Deferred):
        world.domains.answered(domain)
    match answer:
        case Accepted():
            return End("delivered", now)
        case Declined() as declined:
            return end_of(declined, now)
        case Lost():
            return End("unknown", now, NoSend.UNKNOWN_AFTER_LOSS)
        case Deferred(_, cause):
            world.domains.deferred(domain, cause, now)
            again = again_at(now, mail.message_id, message.tries, world.again)
            return Later(min(again, mail.expires_at), cause or Wait.BROKEN_OFF)
        case Away(detail):
            await world.ledger.release(mail.message_id)
            raise Unavailable(detail)
        case Barred(detail):
            await world.ledger.release(mail.message_id)
            raise Misconfigured(detail)
        case never:
            assert_never(never)
