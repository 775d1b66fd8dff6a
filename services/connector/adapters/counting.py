"""Counts how each mail ended, and how long a person waited for one that was taken."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias, get_args

from schemas.email import Feedback
from services.connector.core.values import BROKEN_OFF, BounceClass, Cause, End, EndWord, NoSend, Open, Taken
from services.connector.metrics import CLAIMS, DEFERRALS
from services.runtime.clock import now
from services.runtime.exemplars import exemplar
from services.runtime.labels import bounded
from services.runtime.metrics import END_TO_END, ENDINGS, Path, begin_endings
from services.runtime.outcome import Emit, Message, Outcome

Handler: TypeAlias = Callable[[Message], Awaitable[Outcome]]

STAGE = "connector"
DELIVERED: EndWord = "delivered"
REASONS = frozenset({"", *NoSend, *get_args(BounceClass)})


def counted(handle: Handler) -> Handler:
    """The same handler; it counts the end that its outcome reports. One that is reported again counts again."""
    begin_endings(STAGE, _endings())
    END_TO_END.labels(Path.DUE_TO_MAIL)
    for cause in (*Cause, BROKEN_OFF):
        DEFERRALS.labels(cause=cause)
    for standing in (Taken, Open, End):
        CLAIMS.labels(standing=standing.__name__.lower())

    async def handle_and_count(message: Message) -> Outcome:
        outcome = await handle(message)
        for send in outcome.records if isinstance(outcome, Emit) else ():
            _count(send.event, message)
        return outcome

    return handle_and_count


def _count(told: Feedback, message: Message) -> None:
    """By the class of a bounce, or our own reason: a server's code is whatever it says."""
    reason = told.bounce_class or told.reason or ""
    ENDINGS.labels(STAGE, told.word, bounded(reason, REASONS)).inc()
    if told.word == DELIVERED:
        waited_s = max(0.0, (now() - message.event.not_before).total_seconds())
        END_TO_END.labels(Path.DUE_TO_MAIL).observe(waited_s, exemplar(message.traceparent))


def _endings() -> list[tuple[str, str]]:
    bounced = [("bounced", each) for each in get_args(BounceClass)]
    unsent = [("not_sent", each) for each in (NoSend.EXPIRED, NoSend.SUPPRESSED)]
    unsure = [("unknown", each) for each in (NoSend.UNKNOWN_AFTER_LOSS, NoSend.UNKNOWN_AFTER_RESTART)]
    return [(DELIVERED, ""), ("failed", "other"), *bounced, *unsent, *unsure]
