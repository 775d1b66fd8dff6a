"""What comes from Kafka and what goes to it, as bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.dead_letter import Original
from schemas.topics import Topic


class Record(Original, Protocol):
    """One raw record as the Kafka client hands it out; `timestamp` in milliseconds, -1 where it has none.

    A protocol, so that the client's own object is read as it is: copying it would cost a tenth of the path.
    """

    @property
    def timestamp(self) -> int:
        """The record's own time, which is the receive time of what it holds."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Any headers, in any number, to be read more than once; Kafka knows null ones."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One finished record, with a key, a value or both; without `partition` the key decides, by murmur2."""

    topic: Topic
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch of raw records leads to.

    `packs` of one partition go out in their order, each after the one before it is written; `others` without waiting,
    those of one key in their order.
    """

    packs: tuple[Outgoing, ...]
    others: tuple[Outgoing, ...]
    tally: dict[str, int]
    reasons: dict[str, int]
