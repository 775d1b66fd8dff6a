"""Mails in a row that the person's mailbox did not take for the moment: after three of them no mail goes for a time.

A mailbox that is full, or a server that is away, is no refusal (that is a hard bounce), but who goes on as if nothing
were wrong is taken for somebody who buys addresses. Brevo stops after five in a row, Klaviyo after seven, Keila after
three (their own words, read in November 2026), each until somebody looks at it; we send a few mails a month, so three,
and look ourselves: after thirty days it is tried again, and where that mail comes back thirty more are waited.

Feedback names no address: of somebody with a new one the row of the old one holds until its pause has passed.
"""

from typing import ClassVar, Self

from services.profile.core.caps import keep_newest
from services.profile.core.facet import Arrival, Change, Effect, Facet
from services.profile.core.feedback import is_heard
from services.profile.core.mark import mark_in
from services.profile.core.rules import DAY_MS
from services.profile.core.times import keep_last

IN_A_ROW = 3
WITHIN_MS = 90 * DAY_MS  # from the first of a row to its last: a mail of each of three months
PAUSE_MS = 30 * DAY_MS  # after the last of the row
SOFT = "soft"  # a hard one is an address that does not exist; of a block it is the sender who is refused, by all
_ROW_BYTES = 80  # bound of a mail that came back, or of the last delivery, with the names of facet and fields


class Bounces(Facet):
    """When each of the last mails came back that did, by the hash of its id, and when the last was delivered.

    Of one mail an ESP may say several times that it came back: it counts once. Three rows are all that is asked for, so
    nothing of it is forgotten where a person is too large.
    """

    TIMES: ClassVar[frozenset[str]] = frozenset({"soft", "delivered_ms"})

    soft: dict[str, int] = {}
    delivered_ms: int = 0

    def apply(self, change: Change) -> Effect | None:
        """Note a mail that came back for the moment, or one that was delivered, which ends the row."""
        if not is_heard(change.event):
            return None
        fact = change.event["feedback"]
        if fact["word"] == "delivered":
            self.delivered_ms = max(self.delivered_ms, change.time_ms)
        elif fact["word"] == "bounced" and fact.get("bounce_class", SOFT) == SOFT:
            keep_last(self.soft, mark_in("mail", fact["message_id"]), change.time_ms)
            keep_newest(self.soft, IN_A_ROW)
        else:
            return None
        return Effect(_ROW_BYTES)

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add the other's. Law: idempotent too."""
        del arrival
        self.delivered_ms = max(self.delivered_ms, other.delivered_ms)
        for mail, time_ms in other.soft.items():
            keep_last(self.soft, mail, time_ms)
        keep_newest(self.soft, IN_A_ROW)

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep it."""
        del share, newest_ms, half_life_ms

    def is_paused(self, now_ms: int) -> bool:
        """True from the third mail in a row that came back, until one is delivered or the pause has passed."""
        row = [time_ms for time_ms in self.soft.values() if time_ms > self.delivered_ms]
        if len(row) < IN_A_ROW or max(row) - min(row) > WITHIN_MS:
            return False
        return now_ms < max(row) + PAUSE_MS
