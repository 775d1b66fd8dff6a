"""A mail that the operator has paused does not go, wherever the pause meets it, and its id stays free."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.connector.adapters.fake_ledger import FakeLedger
from services.connector.core.values import Accepted, Answer, Held, Letter
from services.connector.pipeline import deliver
from services.connector.ports import MayBegin
from services.runtime.outcome import Emit, Outcome, Paused

ID = "a1b2c3d4-0000-5000-8000-000000000001"


class Pause:
    """The operator's word, and what is read of it when somebody asks to be up to date."""

    def __init__(self, fakes: Any) -> None:
        self.is_on = self.is_written = False
        self.world = replace(fakes.world, is_paused=lambda: self.is_on)
        self._plain, fakes.suppressions.up_to_date = fakes.suppressions.up_to_date, self._up_to_date

    async def _up_to_date(self) -> Any:
        self.is_on = self.is_written
        return await self._plain()


def _word(outcome: Outcome) -> str:
    assert isinstance(outcome, Emit)
    (send,) = outcome.records
    return str(send.event.word)


async def test_a_pause_that_was_written_before_the_mail_was_taken_up_holds_it(record: Any, fakes: Any) -> None:
    """Though the view had not read it: both are read up to their ends at once."""
    pause = Pause(fakes)
    pause.is_written = True
    with pytest.raises(Paused):
        await deliver(record(), pause.world)
    assert (fakes.mailer.sent, fakes.ledger.held) == ([], {})


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_pause_between_claim_and_content_gives_the_id_back(record: Any, fakes: Any, is_late: bool) -> None:  # noqa: FBT001 the case
    """A word that the view has read holds at once, another as soon as the last question is two seconds old."""
    pause = Pause(fakes)

    def meanwhile() -> None:
        assert fakes.ledger.held == {ID: None}
        pause.is_written = True
        pause.is_on = not is_late
        fakes.clock.at += timedelta(seconds=3 if is_late else 0)

    fakes.mailer.meanwhile = meanwhile
    with pytest.raises(Paused):
        await deliver(record(), pause.world)
    assert (fakes.mailer.sent, fakes.ledger.held) == ([], {})
    fakes.mailer.meanwhile = lambda: None
    pause.is_written = pause.is_on = False
    fakes.suppressions.asked_at = fakes.clock.at
    assert _word(await deliver(record(), pause.world)) == "delivered"
    assert _word(await deliver(record(), pause.world)) == "delivered"
    assert len(fakes.mailer.sent) == 1


class Begun:
    """A server whose content had begun when the pause came."""

    def __init__(self, pause: Pause) -> None:
        self._pause, self.sent = pause, list[Letter]()

    async def probe(self) -> None:
        """It lets everybody in."""

    async def send(self, letter: Letter, may_begin: MayBegin) -> Answer:
        """Taken."""
        if not await may_begin():
            return Held()
        self._pause.is_on = self._pause.is_written = True
        self.sent.append(letter)
        return Accepted()


async def test_a_mail_whose_content_had_begun_has_its_end(record: Any, fakes: Any) -> None:
    """It went: a pause does not make it go again."""
    pause = Pause(fakes)
    begun = Begun(pause)
    world = replace(pause.world, mailer=begun)
    assert _word(await deliver(record(), world)) == "delivered"
    assert _word(await deliver(record(), world)) == "delivered"
    assert len(begun.sent) == 1


async def test_a_mail_that_expired_in_a_pause_ends_so_at_its_end(record: Any, fakes: Any) -> None:
    """It is told, not forgotten."""
    pause, mail = Pause(fakes), record()
    pause.is_written = True
    with pytest.raises(Paused):
        await deliver(mail, pause.world)
    pause.is_written = False
    fakes.clock.at = mail.event.expires_at
    outcome = await deliver(mail, pause.world)
    assert isinstance(outcome, Emit)
    assert [(each.event.word, each.event.reason) for each in outcome.records] == [("not_sent", "expired")]
    assert isinstance(fakes.ledger, FakeLedger)
