"""How long a deferred recipient waits, and how a domain that defers is slowed without costing any other."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.connector.core.pacing import (
    AGAIN,
    FASTEST_PER_S,
    LONGEST,
    MAX_DOMAINS,
    SLOWED_PER_S,
    SLOWEST_PER_S,
    SOON,
    Domains,
    Place,
    again_at,
    domain_of,
)
from services.connector.core.values import Accepted, Answer, Away, Barred, Cause, Declined, Deferred, Held, Lost

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OF_DOMAIN, OF_MAILBOX = Deferred("421", Cause.SYSTEM), Deferred("452", Cause.MAILBOX)


def _tell(domains: Domains, domain: str, answer: Answer, at: datetime, deferred: int = 0) -> None:
    """One send that begins now, and its answer."""
    place = domains.take(domain, "one", at)
    assert isinstance(place, Place), place
    domains.told(place, answer, deferred, at)
    domains.leave(place)


@given(st.text(max_size=40), st.integers(0, 1_000))
def test_deferred_recipient_waits_at_least_half_an_hour(message_id: str, tries: int) -> None:
    """RFC 5321, 4.5.4.1; the wait is the same at each attempt, never shorter by more than the jitter, and bounded."""
    wait = again_at(NOW, message_id, tries) - NOW
    assert AGAIN <= wait <= LONGEST * 1.25
    assert wait == again_at(NOW, message_id, tries) - NOW
    assert again_at(NOW, message_id, tries + 1) - NOW >= wait / 1.25


def test_an_operator_may_let_it_be_tried_sooner() -> None:
    """The first wait is a setting; it grows from there as ever."""
    first = timedelta(seconds=4)
    waits = [again_at(NOW, "one", tries, first) - NOW for tries in range(2)]
    assert first <= waits[0] <= 1.25 * first
    assert 1.5 * first <= waits[1] <= 1.5 * 1.25 * first


def test_what_was_deferred_together_does_not_come_back_together() -> None:
    """A hundred mails deferred in one second are spread over minutes."""
    ats = sorted(again_at(NOW, str(number), 0) for number in range(100))
    assert ats[-1] - ats[0] > timedelta(minutes=5)


def test_a_domain_is_told_by_what_stands_behind_the_last_at() -> None:
    """In lower case."""
    assert domain_of('"a@b"@Example.COM') == "example.com"


def test_a_domain_that_never_deferred_is_not_slowed() -> None:
    """However many go at once."""
    domains = Domains()
    assert all(isinstance(domains.take("example.com", "one", NOW), Place) for _ in range(1_000))
    _tell(domains, "example.com", Accepted(), NOW)
    assert not domains.paces


def test_a_slowed_domain_is_sent_to_one_by_one() -> None:
    """One connection, at its pace; who waits is told a time of their own, and nobody else is touched."""
    domains = Domains()
    _tell(domains, "slow.example", OF_DOMAIN, NOW)
    first, second = (domains.take("slow.example", each, NOW) for each in ("one", "two"))
    assert isinstance(first, datetime)
    assert isinstance(second, datetime)
    assert NOW < first < second
    assert isinstance(domains.take("other.example", "one", NOW), Place)
    later = NOW + 2 * SECOND
    place = domains.take("slow.example", "one", later)
    assert isinstance(place, Place)
    assert isinstance(domains.take("slow.example", "two", later + 10 * SECOND), datetime), "one connection at a time"
    domains.leave(Place("slow.example", later))
    assert isinstance(domains.take("slow.example", "two", later + 10 * SECOND), datetime), (
        "only who has it gives it back"
    )
    domains.leave(place)
    assert isinstance(domains.take("slow.example", "two", later + 10 * SECOND), Place)


def test_every_deferral_slows_and_every_answer_speeds_up() -> None:
    """Down to one a minute; up until it is no longer slowed at all."""
    domains, at = Domains(), NOW
    for _ in range(20):
        _tell(domains, "slow.example", OF_DOMAIN, at)
        at = domains.paces["slow.example"].next_at
    assert domains.paces["slow.example"].per_s == SLOWEST_PER_S
    answers = 0
    while "slow.example" in domains.paces:
        assert domains.paces["slow.example"].per_s <= FASTEST_PER_S
        _tell(domains, "slow.example", Accepted() if answers % 2 else Declined("recipient", 550, "5.1.1 no"), at)
        at, answers = at + timedelta(minutes=1), answers + 1
    assert answers < 20


def test_what_is_no_answer_is_our_bug() -> None:
    """The list of answers is closed."""
    with pytest.raises(AssertionError):
        _tell(Domains(), "example.com", None, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", [Away("refused"), Barred("535"), Held()])
def test_server_that_lets_nobody_in_says_nothing_of_a_domain(answer: Answer) -> None:
    """An outage of the relay makes a slowed domain neither faster nor slower."""
    domains = Domains()
    _tell(domains, "slow.example", OF_DOMAIN, NOW)
    before = domains.paces["slow.example"].per_s
    _tell(domains, "slow.example", answer, NOW + SECOND)
    _tell(domains, "other.example", answer, NOW)
    assert {name: pace.per_s for name, pace in domains.paces.items()} == {"slow.example": before}


def test_line_that_is_cut_within_the_content_slows_as_a_deferral_does() -> None:
    """Each further one would be a mail of which nobody knows whether it went."""
    domains = Domains()
    _tell(domains, "slow.example", Lost("cut"), NOW)
    assert isinstance(domains.take("slow.example", "one", NOW), datetime)


def test_a_full_mailbox_says_nothing_of_its_domain() -> None:
    """Only that recipient waits."""
    domains = Domains()
    _tell(domains, "example.com", OF_MAILBOX, NOW)
    assert not domains.paces


@pytest.mark.parametrize(("deferred", "is_slowed"), [(0, False), (1, True)])
def test_first_greylisting_says_nothing_of_its_domain(deferred: int, *, is_slowed: bool) -> None:
    """Each recipient of a greylisting domain is told so once; who is told again is not being greylisted."""
    domains = Domains()
    _tell(domains, "example.com", Deferred("451", Cause.GREYLISTED), NOW, deferred)
    assert bool(domains.paces) is is_slowed


@pytest.mark.parametrize("answer", [OF_DOMAIN, Accepted()])
def test_burst_that_was_under_way_says_one_thing_once(answer: Answer) -> None:
    """Of eight sends at once the first that is deferred slows; the other seven make it neither slower nor faster."""
    domains = Domains()
    first, *others = (domains.take("slow.example", str(number), NOW) for number in range(8))
    assert isinstance(first, Place)
    domains.told(first, OF_DOMAIN, 0, NOW + SECOND)
    for place in others:
        assert isinstance(place, Place)
        domains.told(place, answer, 0, NOW + 2 * SECOND)
        domains.leave(place)
    assert domains.paces["slow.example"].per_s == SLOWED_PER_S
    assert domains.paces["slow.example"].next_at == NOW + 2 * SECOND


def test_who_waits_behind_many_comes_back_within_half_an_hour() -> None:
    """However slow the domain and however many wait; those who find no turn are scattered, and one mail alike."""
    domains, at = Domains(), NOW
    for _ in range(10):
        _tell(domains, "slow.example", OF_DOMAIN, at)
        at = domains.paces["slow.example"].next_at
    at -= SECOND
    waits = [domains.take("slow.example", str(number), at) for number in range(1_000)]
    turns = sorted(wait for wait in waits if isinstance(wait, datetime))
    assert len(turns) == 1_000
    assert turns[-1] - at <= 2 * SOON
    assert sum(turn - at <= SOON for turn in turns) == SOON / timedelta(minutes=1)
    assert turns[-1] - turns[100] > timedelta(minutes=10)
    assert domains.take("slow.example", "999", at) == waits[-1]


def test_turn_of_a_mail_that_never_comes_holds_up_nobody() -> None:
    """It expired, or another process took it over: its turn passes by itself."""
    domains = Domains()
    _tell(domains, "slow.example", OF_DOMAIN, NOW)
    for number in range(60):
        domains.take("slow.example", str(number), NOW)
    later = NOW + timedelta(minutes=2)
    assert isinstance(domains.take("slow.example", "new", later), Place)
    assert domains.take("slow.example", "newer", later) == later + SECOND


def test_memory_of_domains_is_bounded() -> None:
    """The longest known is forgotten, and is then sent to as any other."""
    domains = Domains()
    for number in range(MAX_DOMAINS + 5):
        _tell(domains, f"{number}.example", OF_DOMAIN, NOW)
    assert len(domains.paces) == MAX_DOMAINS
    assert isinstance(domains.take("0.example", "one", NOW), Place)
