"""One mail from record to mailbox: verify, wait, build, read refusals, claim, send, record the end, report it.

Nothing sleeps here: what has to wait is set aside, and others pass.
"""

import contextlib
from datetime import datetime
from typing import assert_never

from schemas.email import OutboundEmail
from schemas.topics import EMAIL_FEEDBACK
from services.connector.core.admit import feedback, forgery, is_early
from services.connector.core.mime import letter
from services.connector.core.pacing import Place, domain_of
from services.connector.core.values import End, Letter, NoSend, Open, Refusal, Taken, Wait
from services.connector.sending import UNREAD, Leave, send
from services.connector.world import World
from services.runtime.outcome import Emit, Later, Message, Misconfigured, Outcome, Paused, Reject, Send, Unavailable


async def deliver(message: Message, world: World) -> Outcome:
    """The outcome of one record. An id is claimed before its mail is sent, and a claim is sent at most once.

    Raises:
        Unavailable: the server lets nobody in, or the ledger is away; a claim is given back.
        Paused: the operator has paused mail; a claim is given back.
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
    match await world.ledger.known(mail.message_id) or await _end(message, built, world):
        case Later() as later:
            return later
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


async def _end(message: Message, built: Letter, world: World) -> End | Open | Later:
    """What becomes of a mail whose id was free a moment ago: only one that is to go now is claimed."""
    mail: OutboundEmail = message.event
    try:
        leave = Leave(mail, await world.suppressions.up_to_date(), world)
    except Unavailable:
        return Later(world.clock.now() + UNREAD, Wait.SUPPRESSIONS_UNREAD)
    if world.is_paused():
        raise Paused("mail is paused: nothing is claimed")
    if (refusal := leave.refusal) is not None:
        return await world.ledger.end_unclaimed(mail.message_id, refusal, leave.seen)
    place = world.domains.take(domain_of(mail.to.address), mail.message_id, world.clock.now())
    if not isinstance(place, Place):
        return Later(min(place, mail.expires_at), Wait.DOMAIN_SLOWED)
    try:
        standing = await world.ledger.claim(mail.message_id, world.clock.now(), leave.seen)
        return await _sent(message, built, leave, place) if isinstance(standing, Taken) else standing
    finally:  # a send that is called off has no answer
        world.domains.leave(place)


async def _sent(message: Message, built: Letter, leave: Leave, place: Place) -> End | Later:
    """The end of a mail whose id is ours, recorded; what surely did not go gives the id back."""
    ledger, message_id = leave.world.ledger, leave.mail.message_id
    try:
        result = await send(message, built, leave, place)
    except (Unavailable, Misconfigured):
        await ledger.release(message_id)
        raise
    except BaseException:  # a rebalance calls the handler off, or a bug of ours
        if not leave.was_given:
            with contextlib.suppress(Unavailable):  # whoever was called off does not go on
                await ledger.release(message_id)
        raise
    if isinstance(result, Later):
        await ledger.release(message_id)
    else:
        await ledger.end(message_id, result)
    return result
