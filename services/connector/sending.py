"""One claimed mail, from the connection to its end: whether its content may begin, and what the answer means."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from schemas.email import OutboundEmail
from schemas.identity import former_key
from schemas.suppression import Seen
from services.connector.core.admit import no_send
from services.connector.core.pacing import Place, again_at, deferrals
from services.connector.core.replies import end_of
from services.connector.core.values import (
    Accepted,
    Away,
    Barred,
    Declined,
    Deferred,
    End,
    Held,
    Letter,
    Lost,
    NoSend,
    Wait,
)
from services.connector.world import World
from services.runtime.outcome import Later, Message, Misconfigured, Paused, Unavailable

FRESH = timedelta(seconds=2)  # a content begins at most so long after the end of the suppressions was asked for
UNREAD = timedelta(seconds=30)  # until they are asked for again, where they could not be read


@dataclass(slots=True)
class Leave:
    """The leave of one mail's content to begin: before `was_given`, surely nothing of it has left."""

    mail: OutboundEmail
    seen: Seen
    world: World
    was_given: bool = False

    async def is_given(self) -> bool:
        """Whether nobody refused, or paused mail, up to the end as it was a moment ago.

        Where that is long ago, it is read up to anew: a claim on a busy disk, or a server that takes its time, may have
        taken long.
        """
        if not self._is_fresh:
            with contextlib.suppress(Unavailable):
                self.seen = await self.world.suppressions.up_to_date()
        self.was_given = self._is_fresh and self.refusal is None and not self.world.is_paused()
        return self.was_given

    @property
    def refusal(self) -> End | None:
        """The end of a mail that its address refuses by now, or that has expired."""
        suppressions = self.world.suppressions
        refused = suppressions.refused_by(self.mail.address_key)
        if former := former_key(self.world.address_key, self.mail.to.address):
            refused |= suppressions.refused_by(former)
        return no_send(self.mail, refused, self.world.clock.now())

    @property
    def _is_fresh(self) -> bool:
        return self.world.clock.now() - self.seen.asked_at <= FRESH


async def send(message: Message, built: Letter, leave: Leave, place: Place) -> End | Later:
    """The end of a mail whose id is ours, or when it is tried again.

    Raises:
        Unavailable: the server takes nothing now.
        Paused: the operator has paused mail, and its content did not begin.
        Misconfigured: the server does not let *us* in.
    """
    world, deferred = leave.world, deferrals(message.tries)
    answer = await world.mailer.send(built, leave.is_given)
    now = world.clock.now()
    world.domains.told(place, answer, deferred, now)
    if isinstance(answer, Deferred):
        again = again_at(now, leave.mail.message_id, deferred, world.again)
        return Later(min(again, leave.mail.expires_at), answer.cause or Wait.BROKEN_OFF)
    return _end(answer, leave, now)


def _end(answer: Accepted | Declined | Lost | Held | Away | Barred, leave: Leave, now: datetime) -> End | Later:
    match answer:
        case Accepted():
            return End("delivered", now)
        case Declined() as declined:
            return end_of(declined, now)
        case Lost():
            return End("unknown", now, NoSend.UNKNOWN_AFTER_LOSS)
        case Held() if leave.world.is_paused():
            raise Paused("mail is paused: its content did not begin")
        case Held():
            return leave.refusal or Later(now + UNREAD, Wait.SUPPRESSIONS_UNREAD)
        case Away(detail):
            raise Unavailable(detail)
        case Barred(detail):
            raise Misconfigured(detail)
        case never:
            assert_never(never)
