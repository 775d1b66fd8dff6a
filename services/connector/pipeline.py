"""One mail from record to mailbox: verify, wait, build, read refusals, claim, send, record the end, report it.

Nothing sleeps here: what has to wait is set aside, and others pass.
"""

from typing import assert_never

from schemas.email import OutboundEmail
from schemas.suppression import Seen
from schemas.topics import EMAIL_FEEDBACK
from services.connector.core.admit import feedback, forgery, is_early
from services.connector.core.mime import letter
from services.connector.core.pacing import Place, domain_of
from services.connector.core.values import End, Letter, NoSend, Open, Refusal, Taken, Wait
from services.connector.sending import UNREAD, Leave, send
from services.connector.world import World
from services.runtime.outcome import Emit, Later, Message, Misconfigured, Outcome, Reject, Send, Unavailable


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
    end = await _end(message, built, seen, world)
    return end if isinstance(end, Later) else Emit((Send(EMAIL_FEEDBACK, feedback(mail, end)),))


async def _end(message: Message, built: Letter, seen: Seen, world: World) -> End | Later:
    """The end of a mail, as the ledger keeps it."""
    mail, now = message.event, world.clock.now()
    match await world.ledger.claim(mail.message_id, now, seen):
        case Taken():
            end = await _sent(message, built, Leave(mail, seen, world))
        case Open():
            end = End("unknown", now, NoSend.UNKNOWN_AFTER_RESTART)
        case End() as end:
            return end
        case never:
            assert_never(never)
    if isinstance(end, End):
        await world.ledger.end(mail.message_id, end)
    return end


async def _sent(message: Message, built: Letter, leave: Leave) -> End | Later:
    """The end of a mail whose id is ours; what surely did not go gives it back."""
    mail, world = leave.mail, leave.world
    if (end := leave.refusal) is not None:
        return end
    place = world.domains.take(domain_of(mail.to.address), mail.message_id, world.clock.now())
    if not isinstance(place, Place):
        await world.ledger.release(mail.message_id)
        return Later(min(place, mail.expires_at), Wait.DOMAIN_SLOWED)
    try:
        result = await send(message, built, leave, place)
    except (Unavailable, Misconfigured):
        await world.ledger.release(mail.message_id)
        raise
    finally:  # a send that is called off has no answer
        world.domains.leave(place)
    if isinstance(result, Later):
        await world.ledger.release(mail.message_id)
    return result
