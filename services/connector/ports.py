"""What the connector asks the world for."""

from datetime import datetime
from typing import Protocol

from services.connector.core.values import Answer, End, Letter, Standing


class Ledger(Protocol):
    """Which message ids were taken, and how they ended. What it answers survives a kill; it raises `Unavailable`."""

    async def claim(self, message_id: str, at: datetime) -> Standing:
        """`Taken` to exactly one caller, until it is released; else what is known of the id."""
        ...

    async def end(self, message_id: str, end: End) -> None:
        """Record the end of a claimed id; the first end stands."""
        ...

    async def release(self, message_id: str) -> None:
        """Give a claim back that surely led to no mail; an ended id stays ended."""
        ...


class Mailer(Protocol):
    """Hands one letter to a mail server."""

    async def send(self, letter: Letter) -> Answer:
        """What the server made of it; every trouble is an answer, none is raised."""
        ...


class Suppressions(Protocol):
    """All suppressions, held in memory."""

    def refused_by(self, address_key: str) -> frozenset[str]:
        """The purposes this address refuses; `*` is every purpose."""
        ...


class Clock(Protocol):
    """The time, and waiting for it."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after about so many seconds."""
        ...
