"""Where a record came from, the keys it is read with, and what may follow from it."""

from dataclasses import dataclass
from typing import TypeAlias

from schemas.clean import CleanEvent, Coordinates
from schemas.email import Suppression
from schemas.identity import derived_key
from schemas.signing import Seal
from services.ingest.core.content import ContentNews


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of ingest, each of one use; `unsubscribe` reads links of the older form, `seal` those of today.

    `suppression` signs lifts.
    """

    address: bytes
    unsubscribe: bytes
    server: bytes
    suppression: bytes
    seal: Seal


@dataclass(slots=True)  # one a record: see Call
class Source:
    """One record's place (the topic by its short name), receive time and trace."""

    topic: str
    partition: int
    offset: int
    received_ms: int
    trace: str | None

    def at(self, place: int) -> Coordinates:
        """The coordinates of the event at a place among those of this record."""
        return (self.topic, self.partition, self.offset, place)


Effects: TypeAlias = list[CleanEvent | Suppression | ContentNews]


def keys_of(secret: bytes, seal: Seal) -> Keys:
    """The keys derived from the one secret, and the seal made of it."""
    address, unsubscribe, server, suppression = (
        derived_key(secret, use) for use in ("address", "unsubscribe", "server", "suppression")
    )
    return Keys(address, unsubscribe, server, suppression, seal)
