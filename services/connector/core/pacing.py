"""When a mail is tried again, and how fast a domain takes mails: pure, the time is an argument.

A domain that defers is slowed as a domain, so that its bad hour costs no other; what it takes makes it faster again.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import assert_never

from services.connector.core.values import Accepted, Answer, Away, Barred, Cause, Declined, Deferred, Lost, Wait

AGAIN = timedelta(minutes=30)  # RFC 5321, 4.5.4.1: at least
GROWTH = 1.5
LONGEST = timedelta(hours=4)
JITTER = 0.25  # of the wait, added: what was deferred together does not come back together
SLOWED_PER_S = 1.0  # sends a second of a domain that has just deferred one
SLOWEST_PER_S = 1 / 60
FASTEST_PER_S = 8.0  # beyond, a domain is not slowed any more
OF_RECIPIENT = frozenset({Cause.MAILBOX, Cause.ADDRESS})  # a no that says nothing of the domain
DEFERRED = frozenset[str]({*Cause, Wait.BROKEN_OFF})
MAX_DOMAINS = 10_000


def deferrals(tries: Mapping[str, int]) -> int:
    """How often a server deferred a mail, of the times it was set aside: other waits are no server's no."""
    return sum(count for reason, count in tries.items() if reason in DEFERRED)


def again_at(now: datetime, message_id: str, deferred: int, first: timedelta = AGAIN) -> datetime:
    """When a mail that was deferred so often before is tried again: `first` from now at least, later each time.

    Law: the same mail and number give the same wait, which grows with the number up to five hours.
    """
    wait = min(LONGEST, first * GROWTH ** min(deferred, 30))
    digest = blake2b(f"{message_id}/{deferred}".encode(), digest_size=4).digest()
    return now + wait * (1 + JITTER * int.from_bytes(digest) / 2**32)


def domain_of(address: str) -> str:
    """The domain of an address, in lower case."""
    return address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One mail's leave to be sent to a domain; whoever took it gives it back, however the send ends."""

    domain: str


@dataclass(slots=True)
class Pace:
    """How fast a slowed domain is sent to: the next send is at `next_at`, and `holder` is the one under way."""

    per_s: float
    next_at: datetime
    waiting: int = 0
    holder: Place | None = None


@dataclass(slots=True)
class Domains:
    """The paces of slowed domains; every other domain is sent to as fast as there are connections."""

    paces: OrderedDict[str, Pace] = field(default_factory=OrderedDict)

    def take(self, domain: str, now: datetime) -> Place | datetime:
        """A place where a mail may go now, to be left when its send is over; else when to ask again."""
        place, pace = Place(domain), self.paces.get(domain)
        if pace is None:
            return place
        if pace.holder is not None or now < pace.next_at:
            pace.waiting += 1
            return max(now, pace.next_at) + timedelta(seconds=pace.waiting / pace.per_s)
        pace.holder = place
        pace.waiting = max(0, pace.waiting - 1)
        pace.next_at = now + timedelta(seconds=1 / pace.per_s)
        return place

    def leave(self, place: Place) -> None:
        """The send is over, whatever came of it: the next one may begin."""
        pace = self.paces.get(place.domain)
        if pace is not None and pace.holder is place:
            pace.holder = None

    def told(self, place: Place, answer: Answer, now: datetime) -> None:
        """What a send's answer says of its domain; that the server is away, or wants no word with us, says nothing."""
        match answer:
            case Accepted() | Declined():
                self._speed_up(place.domain)
            case Deferred(_, cause):
                if cause not in OF_RECIPIENT:
                    self._slow_down(place.domain, now)
            case Lost():  # each one more is a mail of which nobody knows
                self._slow_down(place.domain, now)
            case Away() | Barred():
                pass
            case never:
                assert_never(never)

    def _slow_down(self, domain: str, now: datetime) -> None:
        pace = self.paces.get(domain)
        if pace is None:
            pace = self.paces[domain] = Pace(2 * SLOWED_PER_S, now)
        pace.per_s = max(SLOWEST_PER_S, pace.per_s / 2)
        pace.next_at = now + timedelta(seconds=1 / pace.per_s)
        while len(self.paces) > MAX_DOMAINS:
            self.paces.popitem(last=False)

    def _speed_up(self, domain: str) -> None:
        pace = self.paces.get(domain)
        if pace is None:
            return
        pace.per_s *= 2
        if pace.per_s > FASTEST_PER_S:
            del self.paces[domain]
