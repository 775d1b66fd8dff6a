"""What has to wait is set aside for as long as its reason takes, and costs nobody else anything."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.email import Feedback
from schemas.suppression import Seen
from schemas.topics import EMAIL_FEEDBACK
from services.connector.adapters.fake_ledger import FakeLedger
from services.connector.adapters.fake_mailer import FakeMailer
from services.connector.core.pacing import Place
from services.connector.core.values import Answer, Away, Cause, Deferred, End, Letter, Standing, Wait
from services.connector.pipeline import deliver
from services.connector.ports import MayBegin
from services.connector.world import World
from services.runtime.outcome import Emit, Later, Message, Outcome, Unavailable

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
ANA = "ana@example.com"
ID = "a1b2c3d4-0000-5000-8000-000000000001"


def _feedback(outcome: Outcome) -> Feedback:
    assert isinstance(outcome, Emit)
    (send,) = outcome.records
    assert send.topic is EMAIL_FEEDBACK
    assert isinstance(send.event, Feedback)
    return send.event


async def test_deferred_recipient_is_set_aside_for_half_an_hour_and_longer_each_time(record: Any, fakes: Any) -> None:
    """The claim is given back; the mail ends when it expires, and not a moment later."""
    fakes.mailer.answers = {ANA: Deferred("451", Cause.MAILBOX)}
    waits = []
    for tries in range(4):
        message = replace(record(expires_at="2026-11-03T18:00:00Z"), tries={Cause.MAILBOX: tries})
        outcome = await deliver(message, fakes.world)
        assert isinstance(outcome, Later)
        assert outcome.reason == Cause.MAILBOX
        waits.append(outcome.at - NOON)
    assert waits == sorted(waits)
    assert waits[0] >= timedelta(minutes=30)
    assert fakes.ledger.held == {}
    soon = await deliver(record(expires_at="2026-11-03T12:10:00Z"), fakes.world)
    assert isinstance(soon, Later)
    assert soon.at == datetime(2026, 11, 3, 12, 10, tzinfo=UTC)
    fakes.clock.at = soon.at
    assert _feedback(await deliver(record(expires_at="2026-11-03T12:10:00Z"), fakes.world)).reason == "expired"


async def test_only_deferrals_let_a_deferred_recipient_wait_longer(record: Any, fakes: Any) -> None:
    """One who waited because of others (early, refusals unread, a slowed domain) is tried again as soon as any."""
    fakes.mailer.answers = {ANA: Deferred("451", Cause.MAILBOX)}
    waited = {Wait.NOT_BEFORE: 1, Wait.DOMAIN_SLOWED: 5, Wait.SUPPRESSIONS_UNREAD: 20}
    first = await deliver(record(), fakes.world)
    other = await deliver(replace(record(), tries=waited), fakes.world)
    assert first == other
    broken = {Wait.BROKEN_OFF: 1, Cause.GREYLISTED: 1}
    third = await deliver(replace(record(), tries=waited | broken), fakes.world)
    assert isinstance(first, Later)
    assert isinstance(third, Later)
    assert third.at - NOON > 1.5 * (first.at - NOON)


async def test_deferred_recipient_waits_as_long_as_the_operator_says(record: Any, fakes: Any) -> None:
    """At the first try; it grows from there."""
    fakes.mailer.answers = {ANA: Deferred("451", Cause.MAILBOX)}
    outcome = await deliver(record(), replace(fakes.world, again=timedelta(seconds=4)))
    assert isinstance(outcome, Later)
    assert timedelta(seconds=4) <= outcome.at - NOON <= timedelta(seconds=5)


async def test_bad_hour_of_one_domain_costs_no_other(record: Any, fakes: Any) -> None:
    """A domain that defers is sent to one by one; a mail to another domain goes at once."""
    world = fakes.world
    fakes.mailer.answers = {ANA: Deferred("421", Cause.SYSTEM)}
    assert isinstance(await deliver(record(), world), Later)
    ben = record(message_id=ID[:-1] + "2", to={"address": "ben@example.com", "name": ""})
    slowed = await deliver(ben, world)
    assert isinstance(slowed, Later)
    assert slowed.reason == Wait.DOMAIN_SLOWED
    assert slowed.at > NOON
    other = record(message_id=ID[:-1] + "3", to={"address": "cleo@example.org", "name": ""})
    assert _feedback(await deliver(other, world)).word == "delivered"
    fakes.clock.at = fakes.suppressions.asked_at = NOON + timedelta(seconds=5)
    assert _feedback(await deliver(ben, world)).word == "delivered"


class StuckMailer(FakeMailer):
    """A server that keeps a sender waiting for ever, before or within the content; `has_begun` says that one came."""

    has_begun = False

    def __init__(self, *, within_content: bool = False) -> None:
        super().__init__()
        self._within_content = within_content

    async def send(self, letter: Letter, may_begin: MayBegin) -> Answer:
        """Nothing, until called off."""
        assert not self._within_content or await may_begin()
        self.has_begun = True
        await asyncio.Event().wait()
        return await super().send(letter, may_begin)


class Unclaimable(FakeLedger):
    """A ledger that nobody may claim in."""

    async def claim(self, message_id: str, at: datetime, seen: Seen) -> Standing:
        """Nobody was to."""
        raise AssertionError((message_id, at, seen))


@pytest.mark.parametrize("why", ["slowed", "refused", "expired"])
async def test_mail_that_does_not_go_now_is_not_claimed(record: Any, fakes: Any, why: str) -> None:
    """A kill between claim and end would make an unknown one of a mail that never touched the server."""
    fakes.ledger = Unclaimable()
    world = fakes.world
    if why == "slowed":
        _slow_down(world, NOON)
    if why == "refused":
        fakes.suppressions.refused[record().event.address_key] = frozenset({"*"})
    if why == "expired":
        fakes.clock.at = fakes.suppressions.asked_at = NOON + timedelta(days=9)
    outcome = await deliver(record(), world)
    if isinstance(outcome, Later):
        assert (outcome.reason, fakes.ledger.held) == (Wait.DOMAIN_SLOWED, {})
    else:
        assert _feedback(outcome).word == fakes.ledger.held[ID].word == "not_sent"


@pytest.mark.parametrize(
    ("held", "word"), [(None, "unknown"), (End("delivered", NOON), "delivered")], ids=["open", "ended"]
)
async def test_what_the_ledger_knows_is_said_at_once(record: Any, fakes: Any, held: End | None, word: str) -> None:
    """However slow its domain, whether refusals can be read or not, and though it has expired meanwhile."""
    fakes.ledger.held[ID], world = held, fakes.world
    _slow_down(world, NOON)
    fakes.suppressions.is_away = True
    fakes.clock.at = NOON + timedelta(days=9)
    assert _feedback(await deliver(record(), world)).word == word


async def test_mail_that_did_not_go_is_tried_again_though_its_claim_stayed(record: Any, fakes: Any) -> None:
    """The ledger was away when the claim was to be given back: nobody calls the mail unknown for it."""
    fakes.mailer.answers = {ANA: Deferred("451", Cause.MAILBOX)}
    send, world = fakes.mailer.send, fakes.world

    async def send_and_lose_the_disk(*words: Any) -> Answer:
        answer: Answer = await send(*words)
        fakes.ledger.is_away = True
        return answer

    fakes.mailer.send = send_and_lose_the_disk
    with pytest.raises(Unavailable):
        await deliver(record(), world)
    fakes.ledger.is_away, fakes.mailer.send = False, send
    assert isinstance(await deliver(record(), world), Later)
    assert fakes.ledger.held == {}


def _slow_down(world: World, at: datetime) -> None:
    """The domain of the example defers a mail."""
    place = world.domains.take("example.com", "another", at)
    assert isinstance(place, Place)
    world.domains.told(place, Deferred("421", Cause.SYSTEM), 0, at)


async def _called_off(message: Message, world: World, *, within_content: bool = False) -> None:
    """One send that a rebalance calls off while it is under way."""
    mailer = StuckMailer(within_content=within_content)
    send = asyncio.create_task(deliver(message, replace(world, mailer=mailer)))
    while not mailer.has_begun:
        await asyncio.sleep(0)
    send.cancel()
    with pytest.raises(asyncio.CancelledError):
        await send


async def test_send_that_is_called_off_leaves_its_place_at_the_domain(record: Any, fakes: Any) -> None:
    """A rebalance cancels handlers: a slowed domain is not shut by it for the life of the process."""
    world = fakes.world
    _slow_down(world, NOON - timedelta(minutes=1))
    await _called_off(record(), world)
    fakes.clock.at = fakes.suppressions.asked_at = NOON + timedelta(minutes=1)
    assert _feedback(await deliver(record(message_id=ID[:-1] + "2"), world)).word == "delivered"


async def test_mail_that_is_called_off_before_its_content_is_free_again(record: Any, fakes: Any) -> None:
    """It surely did not leave: its next owner sends it."""
    await _called_off(record(), fakes.world)
    assert fakes.ledger.held == {}
    assert _feedback(await deliver(record(), fakes.world)).word == "delivered"


async def test_whoever_is_called_off_while_the_ledger_is_away_does_not_go_on(record: Any, fakes: Any) -> None:
    """The claim is made up for later; a handler that was cancelled asks nothing again."""
    world, send = fakes.world, asyncio.Event()

    async def lose_the_disk(*_: Any) -> Answer:
        fakes.ledger.is_away = True
        send.set()
        await asyncio.Event().wait()
        raise AssertionError

    fakes.mailer.send = lose_the_disk
    handler = asyncio.create_task(deliver(record(), world))
    await send.wait()
    handler.cancel()
    with pytest.raises(asyncio.CancelledError):
        await handler
    fakes.ledger.is_away = False
    assert await fakes.ledger.known(ID) is None


async def test_mail_that_is_called_off_within_its_content_is_unknown(record: Any, fakes: Any) -> None:
    """Nobody knows whether it went, and it is never sent again."""
    await _called_off(record(), fakes.world, within_content=True)
    assert _feedback(await deliver(record(), fakes.world)).word == "unknown"
    assert fakes.mailer.sent == []


async def test_outage_of_the_server_makes_no_slowed_domain_fast(record: Any, fakes: Any) -> None:
    """It said nothing of the domain: what waits for it is sent as slowly as before."""
    world = fakes.world
    fakes.mailer.answers = {ANA: Deferred("421", Cause.SYSTEM)}
    await deliver(record(), world)
    pace = world.domains.paces["example.com"].per_s
    fakes.mailer.answers = {ANA: Away("refused")}
    for minute in range(1, 4):
        fakes.clock.at = fakes.suppressions.asked_at = NOON + timedelta(minutes=minute)
        with pytest.raises(Unavailable):
            await deliver(record(), world)
    assert world.domains.paces["example.com"].per_s == pace
