"""Suppressions whose latest record nobody here can read: each refuses every mail of its address until that ends."""

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TypeAlias

from schemas.errors import DecodeError
from schemas.suppression import address_in
from services.runtime.kafka_records import RawRecord
from services.runtime.metrics import UNREADABLE_SUPPRESSIONS
from services.runtime.outcome import Message

log = logging.getLogger(__name__)

Place: TypeAlias = tuple[int, bytes | None, int]


@dataclass(frozen=True, slots=True)
class Doubt:
    """One such record; `address_key` is None where its key names no address: it refuses nobody's mail."""

    partition: int
    offset: int
    key: bytes | None
    address_key: str | None
    reason: str


class Doubts:
    """The doubts that stand, by partition and key, as compaction keeps records: a later one of the key ends them."""

    def __init__(self) -> None:
        self._standing: dict[Place, Doubt] = {}
        self._of: Counter[str | None] = Counter()
        self._show()

    @property
    def standing(self) -> tuple[Doubt, ...]:
        """Every doubt, in the order of partitions and offsets."""
        return tuple(sorted(self._standing.values(), key=lambda each: (each.partition, each.offset)))

    def undecodable(self, record: RawRecord, error: DecodeError) -> None:
        """Note a record that cannot be read, and say so loudly."""
        doubt = Doubt(record.partition, record.offset, record.key, address_in(record.key), str(error))
        place = _place(record.partition, record.key, record.offset)
        self._of[doubt.address_key] += place not in self._standing
        self._standing[place] = doubt
        self._show()
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        effect = "key_names_no_address" if doubt.address_key is None else "address_refuses_every_mail"
        log.error("suppression_unreadable", extra={**where, "reason": str(error), "effect": effect})

    def apply(self, message: Message) -> None:
        """Let a later record of the same key end its doubt: a tombstone, or a readable one of the same address."""
        place = _place(message.partition, message.key, message.offset)
        doubt = self._standing.get(place)
        if doubt is None:
            return
        if message.event is None or doubt.address_key in (None, message.event.address_key):
            del self._standing[place]
            self._of[doubt.address_key] -= 1
            self._show()

    def refuses(self, address_key: str) -> bool:
        """True while a record of this address cannot be read."""
        return self._of[address_key] > 0

    def _show(self) -> None:
        nobody = self._of[None]
        UNREADABLE_SUPPRESSIONS.labels("nobody").set(nobody)
        UNREADABLE_SUPPRESSIONS.labels("address").set(len(self._standing) - nobody)


def _place(partition: int, key: bytes | None, offset: int) -> Place:
    """What a doubt is known by; records without a key replace nothing, so that each is its own."""
    return (partition, key, offset if key is None else 0)
