"""Builders of the connector's tests: a signed mail, its record, and a world of fakes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.codec import encode
from schemas.email import OutboundEmail
from schemas.signing import signature
from schemas.suppression import Seen
from schemas.topics import EMAIL_OUTBOUND
from services.connector.adapters.fake_clock import FakeClock
from services.connector.adapters.fake_ledger import FakeLedger
from services.connector.adapters.fake_mailer import FakeMailer
from services.connector.world import World
from services.runtime.outcome import Message, Unavailable

EXAMPLE = Path(__file__).parents[3] / "schemas" / "examples" / "email.outbound" / "course.json"
KEY = b"k" * 32
ADDRESS_KEY = b"a" * 32
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


@dataclass
class FakeSuppressions:
    """What each address refuses, as the test says; `unread` comes to be known when one asks to be up to date."""

    refused: dict[str, frozenset[str]] = field(default_factory=dict)
    unread: dict[str, frozenset[str]] = field(default_factory=dict)
    is_away: bool = False
    asked_at: datetime = NOON

    def refused_by(self, address_key: str) -> frozenset[str]:
        """What the test said."""
        return self.refused.get(address_key, frozenset())

    async def up_to_date(self) -> Seen:
        """Read what was unread."""
        if self.is_away:
            raise Unavailable("nobody says where the view ends")
        self.refused |= self.unread
        return Seen({"suppressions/0": len(self.refused)}, self.asked_at)


@dataclass
class Fakes:
    """The fakes of one world, and the world."""

    ledger: FakeLedger
    mailer: FakeMailer
    suppressions: FakeSuppressions
    clock: FakeClock

    @property
    def world(self) -> World:
        """What the pipeline takes."""
        return World(KEY, ADDRESS_KEY, self.ledger, self.mailer, self.suppressions, self.clock)


@pytest.fixture
def mail() -> Callable[..., OutboundEmail]:
    """A builder of signed mails: the published example with what the case changes."""

    def build(**changes: Any) -> OutboundEmail:
        fields = orjson.loads(EXAMPLE.read_bytes()) | changes
        unsigned = OutboundEmail.model_validate(fields)
        body = unsigned.model_dump(mode="json", by_alias=True, exclude={"signature"})
        return OutboundEmail.model_validate(fields | {"signature": signature(KEY, body)})

    return build


@pytest.fixture
def record(mail: Callable[..., OutboundEmail]) -> Callable[..., Message]:
    """A builder of records of email.outbound."""

    def build(**changes: Any) -> Message:
        event = mail(**changes)
        return Message(EMAIL_OUTBOUND, 0, 7, b"u:1001", event, 0, raw=encode(EMAIL_OUTBOUND, event))

    return build


@pytest.fixture
def fakes() -> Fakes:
    """A world at noon of the example's day in which nothing was sent yet."""
    return Fakes(FakeLedger(), FakeMailer(), FakeSuppressions(), FakeClock(NOON))
