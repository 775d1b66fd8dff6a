"""When a mail is tried again, and how fast a domain takes mails: pure, the time is an argument.

A domain that defers is slowed as a domain, so that its bad hour costs no other; what it takes makes it faster again.
A first greylisting slows nobody: it says of one recipient that it wants to be asked again (RFC 6647, 2).
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import assert_never

from services.connector.core.values import Accepted, Answer, Away, Barred, Cause, Declined, Deferred, Held, Lost, Wait

AGAIN = timedelta(minutes=30)  # RFC 5321, 4.5.4.1: at least
GROWTH = 1.5
LONGEST = timedelta(hours=4)
JITTER = 0.25  # of the wait, added: what was deferred together does not come back together
SLOWED_PER_S = 1.0  # sends a second of a domain that has just deferred one
SLOWEST_PER_S = 1 / 60
FASTEST_PER_S = 8.0  # beyond, a domain is not slowed any more
OF_RECIPIENT = frozenset({Cause.MAILBOX, Cause.ADDRESS})  # a no that says nothing of the domain
SOON = timedelta(minutes=15)  # so far ahead turns are given; who finds none comes back in once to twice that
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
    return now + wait * (1 + JITTER * fraction_of(f"{message_id}/{deferred}"))


def fraction_of(text: str) -> float:
    """A number in [0, 1) that is always the same for one text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest()) / 2**32


def domain_of(address: str) -> str:
    """The domain of an address, in lower case."""
    return address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One mail's leave to be sent to a domain; whoever took it gives it back, however the send ends."""

    domain: str
    began_at: datetime


@dataclass(slots=True)
class Pace:
    """How fast a slowed domain is sent to: `holder` is the send under way, the next may begin at `next_at`.

    `slowed_at` is when it was slowed last, `turn_at` the last turn that was given to a mail that waits.
    """

    per_s: float
    slowed_at: datetime
    next_at: datetime
    turn_at: datetime
    holder: Place | None = None

    @property
    def interval(self) -> timedelta:
        """From one send to the next."""
        return timedelta(seconds=1 / self.per_s)

    def begin(self, place: Place) -> None:
        """Send one; who comes a little late for a turn does not push back the next."""
        self.holder = place
        self.next_at = max(self.next_at, place.began_at - self.interval) + self.interval

    def turn(self, message_id: str, now: datetime) -> datetime:
        """When a mail may ask again: an interval behind the last turn, where that is soon.

        A longer queue is told to come back later, scattered: by then the domain has come round, or is asked anew.
        Turns are times, which pass by themselves: a mail that never comes for its own holds up nobody.
        """
        soonest = self.next_at if self.next_at > now else now + self.interval
        turn = max(self.turn_at + self.interval, soonest)
        if turn - now > SOON:
            return now + SOON * (1 + fraction_of(message_id))
        self.turn_at = turn
        return turn

    def slow_down(self, now: datetime) -> None:
        """Halve the pace."""
        self.per_s, self.slowed_at = max(SLOWEST_PER_S, self.per_s / 2), now
        self.next_at = now + self.interval

    def speed_up(self, now: datetime) -> None:
        """Double the pace; between the turns that were given there is room again."""
        self.per_s *= 2
        self.next_at, self.turn_at = min(self.next_at, now + self.interval), now


@dataclass(slots=True)
class Domains:
    """The paces of slowed domains; every other domain is sent to as fast as there are connections."""

    paces: OrderedDict[str, Pace] = field(default_factory=OrderedDict)

    def take(self, domain: str, message_id: str, now: datetime) -> Place | datetime:
        """A place where a mail may go now, to be left when its send is over; else when to ask again."""
        place, pace = Place(domain, now), self.paces.get(domain)
        if pace is None:
            return place
        if pace.holder is not None or now < pace.next_at:
            return pace.turn(message_id, now)
        pace.begin(place)
        return place

    def leave(self, place: Place) -> None:
        """The send is over, whatever came of it: the next one may begin."""
        pace = self.paces.get(place.domain)
        if pace is not None and pace.holder is place:
            pace.holder = None

    def told(self, place: Place, answer: Answer, deferred: int, now: datetime) -> None:
        """What a send's answer says of its domain; `deferred` is how often the mail was deferred before.

        That the server is away, or wants no word with us, or we none with it, says nothing.
        """
        match answer:
            case Accepted() | Declined():
                self._speed_up(place, now)
            case Deferred(_, cause):
                if cause not in OF_RECIPIENT and (deferred or cause is not Cause.GREYLISTED):
                    self._slow_down(place, now)
            case Lost():  # each one more is a mail of which nobody knows
                self._slow_down(place, now)
            case Away() | Barred() | Held():
                pass
            case never:
                assert_never(never)

    def _slow_down(self, place: Place, now: datetime) -> None:
        pace = self.paces.get(place.domain)
        if pace is None:
            self.paces[place.domain] = pace = Pace(2 * SLOWED_PER_S, now, now, now)
        elif _is_old(place, pace):
            return
        pace.slow_down(now)
        while len(self.paces) > MAX_DOMAINS:
            self.paces.popitem(last=False)

    def _speed_up(self, place: Place, now: datetime) -> None:
        pace = self.paces.get(place.domain)
        if pace is None or _is_old(place, pace):
            return
        pace.speed_up(now)
        if pace.per_s > FASTEST_PER_S:
            del self.paces[place.domain]


def _is_old(place: Place, pace: Pace) -> bool:
    """True of a send that had begun before the domain was slowed: a burst that ends then says one thing, once."""
    return place.began_at <= pace.slowed_at
