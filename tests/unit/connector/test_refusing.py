"""A mail that somebody refuses does not go: before it is claimed, and until its content begins."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.email import Feedback
from schemas.identity import address_key
from schemas.suppression import Seen
from schemas.topics import EMAIL_FEEDBACK
from services.connector.adapters.fake_ledger import FakeLedger
from services.connector.core.values import Standing, Wait
from services.connector.pipeline import deliver
from services.runtime.outcome import Emit, Later, Outcome

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
ID = "a1b2c3d4-0000-5000-8000-000000000001"


def _feedback(outcome: Outcome) -> Feedback:
    assert isinstance(outcome, Emit)
    (send,) = outcome.records
    assert send.topic is EMAIL_FEEDBACK
    assert isinstance(send.event, Feedback)
    return send.event


async def test_refusal_that_the_view_had_not_read_holds(record: Any, fakes: Any) -> None:
    """The connector had been stopped: before a send the view is read to its end, and the claim keeps up to where."""
    fakes.suppressions.unread[record().event.address_key] = frozenset({"marketing"})
    said = _feedback(await deliver(record(), fakes.world))
    assert (said.word, said.reason) == ("not_sent", "suppressed")
    assert fakes.mailer.sent == []
    assert fakes.ledger.seen[ID].ends == {"suppressions/0": 1}


async def test_refusal_under_the_old_form_of_an_address_holds(record: Any, fakes: Any) -> None:
    """What was refused as `strasse.de`, when the two were one, is refused for `straße.de`."""
    fakes.suppressions.refused[address_key(fakes.world.address_key, "ana@strasse.de")] = frozenset({"marketing"})
    said = _feedback(await deliver(record(to={"address": "ana@xn--strae-oqa.de"}), fakes.world))
    assert (said.word, said.reason) == ("not_sent", "suppressed")


async def test_mail_is_set_aside_while_refusals_cannot_be_read(record: Any, fakes: Any) -> None:
    """Nothing is claimed, and nobody guesses."""
    fakes.suppressions.is_away = True
    waits = await deliver(record(), fakes.world)
    assert waits == Later(NOON + timedelta(seconds=30), Wait.SUPPRESSIONS_UNREAD)
    assert (fakes.mailer.sent, fakes.ledger.held) == ([], {})


async def test_content_never_begins_long_after_the_question(record: Any, fakes: Any) -> None:
    """Where an answer takes longer than two seconds, however often one asks, the mail waits and its id is free."""
    fakes.suppressions.asked_at = NOON - timedelta(seconds=2.1)
    assert await deliver(record(), fakes.world) == Later(NOON + timedelta(seconds=30), Wait.SUPPRESSIONS_UNREAD)
    assert (fakes.mailer.sent, fakes.ledger.held) == ([], {})


class SlowLedger(FakeLedger):
    """A disk that is busy: each claim takes three seconds."""

    def __init__(self, fakes: Any) -> None:
        super().__init__()
        self._fakes = fakes

    async def claim(self, message_id: str, at: datetime, seen: Seen) -> Standing:
        """Late."""
        self._fakes.clock.at += timedelta(seconds=3)
        self._fakes.suppressions.asked_at = self._fakes.clock.at
        return await super().claim(message_id, at, seen)


async def test_claim_that_took_long_is_kept_while_refusals_are_read_anew(record: Any, fakes: Any) -> None:
    """And the mail goes."""
    fakes.ledger = SlowLedger(fakes)
    assert _feedback(await deliver(record(), fakes.world)).word == "delivered"
    assert len(fakes.mailer.sent) == 1


async def test_mail_waits_where_refusals_cannot_be_read_anew(record: Any, fakes: Any) -> None:
    """Not for no time at all: each round would be a transaction and two writes to the disk."""

    def lose_sight() -> None:
        fakes.clock.at, fakes.suppressions.is_away = NOON + timedelta(seconds=3), True

    fakes.mailer.meanwhile = lose_sight
    assert await deliver(record(), fakes.world) == Later(NOON + timedelta(seconds=33), Wait.SUPPRESSIONS_UNREAD)
    assert (fakes.mailer.sent, fakes.ledger.held) == ([], {})


@pytest.mark.parametrize("known", ["refused", "unread"])
async def test_refusal_while_the_server_takes_its_time_holds(record: Any, fakes: Any, known: str) -> None:
    """From the greeting to the recipient a server may take minutes; refusals are looked at right before the content."""

    def refuse() -> None:
        fakes.clock.at = fakes.suppressions.asked_at = NOON + timedelta(seconds=1 if known == "refused" else 90)
        getattr(fakes.suppressions, known)[record().event.address_key] = frozenset({"marketing"})

    fakes.mailer.meanwhile = refuse
    said = _feedback(await deliver(record(), fakes.world))
    assert (said.word, said.reason) == ("not_sent", "suppressed")
    assert fakes.mailer.sent == []


async def test_mail_that_expires_while_the_server_takes_its_time_is_not_sent(record: Any, fakes: Any) -> None:
    """As one that was late from the beginning."""

    def pass_time() -> None:
        fakes.clock.at = fakes.suppressions.asked_at = NOON + timedelta(minutes=5)

    fakes.mailer.meanwhile = pass_time
    said = _feedback(await deliver(record(expires_at="2026-11-03T12:04:00Z"), fakes.world))
    assert (said.word, said.reason, fakes.mailer.sent) == ("not_sent", "expired", [])


@pytest.mark.parametrize(("refused", "is_sent"), [({"*"}, False), ({"marketing"}, False), ({"billing"}, True)])
async def test_only_the_purpose_or_every_purpose_suppresses(
    record: Any, fakes: Any, refused: set[str], *, is_sent: bool
) -> None:
    """Refusing another purpose does not touch this mail."""
    fakes.suppressions.refused[record().event.address_key] = frozenset(refused)
    await deliver(record(), fakes.world)
    assert bool(fakes.mailer.sent) is is_sent
