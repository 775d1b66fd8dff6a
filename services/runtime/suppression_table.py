"""The suppressions of the whole topic in memory: fed record by record by a view, asked per mail."""

from schemas.suppression import NOTHING, refused_after
from services.runtime.metrics import SUPPRESSED_ADDRESSES
from services.runtime.outcome import Message


class SuppressionTable:
    """What each address refuses; `key` is the derived key of use `suppression`, which signs lifts."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._refused: dict[str, frozenset[str]] = {}

    def apply(self, message: Message) -> None:
        """Take one record; a tombstone is no lift and changes nothing."""
        if message.event is None:
            return
        address_key = message.event.address_key
        self._refused[address_key] = refused_after(self.refused_by(address_key), message.event, self._key)
        SUPPRESSED_ADDRESSES.set(len(self._refused))

    def refused_by(self, address_key: str) -> frozenset[str]:
        """The purposes this address refuses."""
        return self._refused.get(address_key, NOTHING)
