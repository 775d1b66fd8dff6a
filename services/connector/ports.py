"""What the connector asks the world for."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeAlias

from schemas.suppression import Seen
from services.connector.core.values import Answer, Away, Barred, End, Letter, Open, Standing

MayBegin: TypeAlias = Callable[[], Awaitable[bool]]
"""Whether the content of a letter may begin now."""


class Ledger(Protocol):
    """Which message ids were taken, and how they ended. What it answers survives a kill; it raises `Unavailable`."""

    async def known(self, message_id: str) -> Open | End | None:
        """What is known of the id; None where it is free."""
        ...

    async def claim(self, message_id: str, at: datetime, seen: Seen) -> Standing:
        """`Taken` to exactly one caller, until it is released; else what is known of the id.

        The claim keeps up to where suppressions had been read. Who is called off meanwhile has taken nothing.
        """
        ...

    async def end_unclaimed(self, message_id: str, end: End, seen: Seen) -> Open | End:
        """Record the end of a free id whose mail is not to go, and give it; else what is known of the id."""
        ...

    async def end(self, message_id: str, end: End) -> None:
        """Record the end of a claimed id; the first end stands."""
        ...

    async def release(self, message_id: str) -> None:
        """Give a claim back that surely led to no mail; an ended id stays ended.

        Where that cannot be written the id is free all the same for this process: it is made up for before anything
        else is said of the id.
        """
        ...


class Mailer(Protocol):
    """Hands one letter to a mail server."""

    async def probe(self) -> Away | Barred | None:
        """Whether the server lets us in, without a mail; None where it does."""
        ...

    async def send(self, letter: Letter, may_begin: MayBegin) -> Answer:
        """What the server made of it; every trouble is an answer, none is raised.

        `may_begin` is asked once the server has taken the recipient, at most once: before it says yes nothing of the
        content leaves, and where it says no the answer is `Held`.
        """
        ...


class Suppressions(Protocol):
    """All suppressions, held in memory."""

    def refused_by(self, address_key: str) -> frozenset[str]:
        """The purposes this address refuses; `*` is every purpose."""
        ...

    async def up_to_date(self) -> Seen:
        """Read them up to the end as it is now. Raises `Unavailable` where that cannot be had in time."""
        ...


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...
