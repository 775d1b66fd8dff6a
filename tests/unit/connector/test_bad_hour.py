"""A domain's bad minutes, played on its own clock: who is sent to how fast, and when everybody's mail has gone."""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from services.connector.core.pacing import Domains, Place, again_at
from services.connector.core.values import Accepted, Answer, Cause, Deferred

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CONNECTIONS = 8
SEND = timedelta(seconds=0.2)  # one send, from its beginning to its answer
BAD, OTHER = "bad.example", "other.example"


@dataclass(frozen=True)
class Mail:
    """One mail on its way; `deferred` is how often a server deferred it."""

    id: str
    domain: str
    deferred: int = 0


@dataclass
class Play:
    """One connector, with every mail there is, until all have been taken; `answer` is the servers' at a moment."""

    answer: Callable[[Mail, datetime], Answer]
    domains: Domains = field(default_factory=Domains)
    begun: list[tuple[str, datetime]] = field(default_factory=list)
    taken: dict[str, datetime] = field(default_factory=dict)
    _events: list[tuple[datetime, int, Mail, Place | None]] = field(default_factory=list)
    _due: deque[Mail] = field(default_factory=deque)
    _count: Iterable[int] = field(default_factory=itertools.count)
    _open: int = 0

    def run(self, mails: Iterable[Mail]) -> "Play":
        """Play it to its end."""
        self._due.extend(mails)
        self._begin(NOW)
        while self._events:
            now, _, mail, place = heapq.heappop(self._events)
            if place is None:
                self._due.append(mail)
            else:
                self._end(mail, place, now)
            self._begin(now)
        return self

    def begun_at(self, domain: str, since: datetime, until: datetime) -> list[datetime]:
        """The sends to a domain that began within."""
        return [at for name, at in self.begun if name == domain and since <= at < until]

    def last_of(self, domain: str) -> timedelta:
        """After how long the last of a domain's mails had been taken."""
        return max(at for each, at in self.taken.items() if each.endswith(domain)) - NOW

    def _begin(self, now: datetime) -> None:
        while self._due and self._open < CONNECTIONS:
            mail = self._due.popleft()
            place = self.domains.take(mail.domain, mail.id, now)
            if isinstance(place, Place):
                self._open += 1
                self.begun.append((mail.domain, now))
                self._put(now + SEND, mail, place)
            else:
                self._put(place, mail, None)

    def _end(self, mail: Mail, place: Place, now: datetime) -> None:
        self._open -= 1
        answer = self.answer(mail, place.began_at)
        self.domains.told(place, answer, mail.deferred, now)
        self.domains.leave(place)
        if isinstance(answer, Deferred):
            self._put(again_at(now, mail.id, mail.deferred), replace(mail, deferred=mail.deferred + 1), None)
        else:
            self.taken[mail.id] = now

    def _put(self, at: datetime, mail: Mail, place: Place | None) -> None:
        heapq.heappush(self._events, (at, next(iter(self._count)), mail, place))


def _mails(domain: str, count: int) -> list[Mail]:
    return [Mail(f"{number}@{domain}", domain) for number in range(count)]


def _outage(length: timedelta, cause: Cause) -> Play:
    """3,000 mails for a domain that defers everything for so long, each seventh mail for another one."""

    def answer(mail: Mail, at: datetime) -> Answer:
        is_out = mail.domain == BAD and at < NOW + length
        return Deferred("not now", cause) if is_out else Accepted()

    bad, other = _mails(BAD, 3_000), _mails(OTHER, 500)
    mixed = [each for number, mail in enumerate(other) for each in (*bad[6 * number : 6 * number + 6], mail)]
    return Play(answer).run(mixed)


def test_ten_bad_minutes_cost_three_thousand_mails_an_hour_at_most() -> None:
    """Each is sent, far from its end after two days, and at the end the domain is slowed no more."""
    play = _outage(10 * MINUTE, Cause.SYSTEM)
    assert len(play.taken) == 3_500
    assert play.last_of(BAD) < HOUR
    assert BAD not in play.domains.paces


def test_domain_is_sent_to_slowly_while_it_defers() -> None:
    """One burst, a few tries slower and slower, then one a minute; it is never sent to twice at once."""
    play = _outage(2 * HOUR, Cause.SYSTEM)
    out = play.begun_at(BAD, NOW + SEND, NOW + 2 * HOUR)
    assert len(play.begun_at(BAD, NOW, NOW + SEND)) <= CONNECTIONS
    assert len([at for at in out if at < NOW + 5 * MINUTE]) < 12
    assert all(later - at >= 50 / 60 * MINUTE for at, later in itertools.pairwise(out) if at > NOW + 5 * MINUTE)
    assert 60 < len(out) < 130
    assert play.last_of(BAD) < 4 * HOUR


def test_domain_that_comes_round_is_not_overrun() -> None:
    """The first minute after ten bad ones begins with single sends."""
    play = _outage(10 * MINUTE, Cause.SYSTEM)
    round_at = NOW + 10 * MINUTE
    first = play.begun_at(BAD, round_at, round_at + HOUR)[:8]
    assert first[-1] - first[0] > MINUTE


def test_another_domain_is_untouched() -> None:
    """Its mails go as fast as the connections take them."""
    assert _outage(10 * MINUTE, Cause.SYSTEM).last_of(OTHER) < 500 / CONNECTIONS * SEND * 1.5


def test_greylisted_recipients_are_through_at_their_first_return() -> None:
    """A thousand of one domain, each deferred once: between half an hour and its jitter later."""

    def answer(mail: Mail, _: datetime) -> Answer:
        return Accepted() if mail.deferred else Deferred("451 4.7.1", Cause.GREYLISTED)

    play = Play(answer).run(_mails(BAD, 1_000))
    waits = sorted(at - NOW for at in play.taken.values())
    assert len(waits) == 1_000
    assert 30 * MINUTE <= waits[0] <= waits[500] < 36 * MINUTE
    assert waits[-1] < 40 * MINUTE
