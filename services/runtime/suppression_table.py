"""The suppressions of the whole topic in memory: fed record by record by a view, asked per mail."""

from schemas.errors import DecodeError
from schemas.suppression import EVERY_PURPOSE, Standing, standing_after
from services.runtime.kafka_records import RawRecord
from services.runtime.metrics import SUPPRESSED_ADDRESSES
from services.runtime.outcome import Message
from services.runtime.suppression_doubts import Doubts


class SuppressionTable:
    """What each address refuses; `key` is the derived key of use `suppression`, which signs lifts."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._standing: dict[str, Standing] = {}
        self._doubts = Doubts()

    def apply(self, message: Message) -> None:
        """Take one record; a tombstone is no lift: it ends the doubt about its key, and changes nothing else."""
        self._doubts.apply(message)
        if message.event is None:
            return
        address_key = message.event.address_key
        known = self._standing.get(address_key, Standing())
        self._standing[address_key] = standing_after(known, message.event, message.raw, self._key)
        SUPPRESSED_ADDRESSES.set(len(self._standing))

    def undecodable(self, record: RawRecord, error: DecodeError) -> None:
        """Refuse every mail of the address in the record's key, since nobody here can read what it refuses."""
        self._doubts.undecodable(record, error)

    def refused_by(self, address_key: str) -> frozenset[str]:
        """The purposes this address refuses; every one while a record of it cannot be read."""
        refused = self._standing.get(address_key, Standing()).purposes
        return refused | {EVERY_PURPOSE} if self._doubts.refuses(address_key) else refused
