"""Mails in a row that the person's mailbox did not take for the moment: after three of them no mail goes for a time.

A mailbox that is full, or a server that is away, is no refusal (that is a hard bounce), but who goes on as if nothing
were wrong is taken for somebody who buys addresses. Brevo stops after five in a row, Klaviyo after seven, Keila after
three (their own words, read in November 2026), each until somebody looks at it; we send a few mails a month, so three,
and look ourselves: after thirty days it is tried again, and where that mail comes back thirty more are waited.

The home of a mailbox keeps them: whoever of those who use it a mail was to.
"""

from msgspec import Struct

from services.profile.core.caps import keep_newest
from services.profile.core.rules import DAY_MS
from services.profile.core.times import keep_last

IN_A_ROW = 3
WITHIN_MS = 90 * DAY_MS  # from the first of a row to its last: a mail of each of three months
PAUSE_MS = 30 * DAY_MS  # after the last of the row
SOFT = "soft"  # a hard one is an address that does not exist; of a block it is the sender who is refused, by all


class Bounces(Struct, omit_defaults=True):
    """When each of the last mails came back that did, by the mark of its id, and when the last was delivered.

    Of one mail an ESP may say several times that it came back: it counts once. Three rows are all that is asked for.
    Laws: any order and any repeats give one answer.
    """

    soft: dict[str, int] = {}
    delivered_ms: int = 0

    def came_back(self, mail: str, time_ms: int) -> None:
        """Note a mail that came back for the moment."""
        keep_last(self.soft, mail, time_ms)
        keep_newest(self.soft, IN_A_ROW)

    def arrived(self, time_ms: int) -> None:
        """Note a mail that was delivered, which ends the row."""
        self.delivered_ms = max(self.delivered_ms, time_ms)

    def is_paused(self, now_ms: int) -> bool:
        """True from the third mail in a row that came back, until one is delivered or the pause has passed."""
        row = [time_ms for time_ms in self.soft.values() if time_ms > self.delivered_ms]
        if len(row) < IN_A_ROW or max(row) - min(row) > WITHIN_MS:
            return False
        return now_ms < max(row) + PAUSE_MS
