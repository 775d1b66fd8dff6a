"""Where a record came from, the keys it is read with, and what may follow from it."""

from dataclasses import dataclass
from typing import TypeAlias

from schemas.clean import CleanEvent, Coordinates
from schemas.email import Suppression
from schemas.identity import derived_key
from schemas.signing import Seal
from services.ingest.core.content import ContentNews
from services.ingest.core.policy import USUAL, Policy


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of ingest, each of one use; `unsubscribe` reads links of the older form, `seal` those of today.

    `suppression` signs lifts. With them goes the `policy` by which calls are heard.
    """

    address: bytes
    unsubscribe: bytes
    server: bytes
    suppression: bytes
    seal: Seal
    policy: Policy = USUAL


@dataclass(slots=True)  # one a record: see Call
class Source:
    """One record's place (the topic by its short name), receive time and trace; is it labelled as an envelope?"""

    topic: str
    partition: int
    offset: int
    received_ms: int
    trace: str | None
    is_envelope: bool = False

    def at(self, place: int) -> Coordinates:
        """The coordinates of the event at a place among those of this record."""
        return (self.topic, self.partition, self.offset, place)


Effects: TypeAlias = list[CleanEvent | Suppression | ContentNews]
SHARED = (Suppression, ContentNews)  # what is no event of one person


def keys_of(secret: bytes, seal: Seal, policy: Policy = USUAL) -> Keys:
    """The keys derived from the one secret, the seal made of it, and the policy."""
    address, unsubscribe, server, suppression = (
        derived_key(secret, use) for use in ("address", "unsubscribe", "server", "suppression")
    )
    return Keys(address, unsubscribe, server, suppression, seal, policy)
