"""What ingest asks of the world: records to handle, and a log that keeps what it is given."""

from collections.abc import Sequence
from typing import Protocol

from services.ingest.core.esp_event import Read
from services.ingest.core.hook import Esp, HookCall
from services.ingest.core.records import Batch, Outgoing, Record
from services.runtime.outcome import Unavailable


class QueueFull(Unavailable):
    """The log answers, but more waits for it than may: the sender comes again a little later."""


class Log(Protocol):
    """Keeps records; what it says is kept survives."""

    async def append(self, records: Sequence[Outgoing]) -> None:
        """Keep the records, those of one partition in order; returns after every ack.

        Raises:
            Unavailable: at least one was not kept; the same again does no harm.
            QueueFull: none was given to it.
        """

    async def append_batch(self, batch: Batch) -> None:
        """Keep a batch: of each partition's packs none before the one in front of it is kept."""


class Records(Protocol):
    """Raw records, each partition's in order, from the first that was not done."""

    async def take(self) -> Sequence[Record]:
        """The next records; none where there are none just now."""

    async def done(self, records: Sequence[Record]) -> None:
        """The records need not come again."""


class EspReader(Protocol):
    """Reads the events of ESPs."""

    def read(self, esp: Esp, call: HookCall) -> Read:
        """The events of a call, each alone: what cannot be read of it is told by its place. Any bytes do one of these.

        Raises:
            Refused: the body is not of the form that this ESP writes.
        """


class Sns(Protocol):
    """Amazon's SNS, of which nothing is asked but addresses that `core.sns` has judged."""

    async def certificate(self, url: str) -> bytes:
        """The certificate at this address, in PEM.

        Raises:
            Unavailable: it cannot be had just now.
        """

    async def confirm(self, url: str) -> None:
        """Confirm a subscription.

        Raises:
            Unavailable: it cannot be confirmed just now.
        """
