"""What the profile asks the world for. Its transactions are the runtime's (`kafka_transaction.Transactions`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Size:
    """About how many keys a store holds, and bytes with them."""

    keys: int
    held_bytes: int


class Store(Protocol):
    """One partition's values by key, and the changelog offset they stand at.

    Law: what a crash loses it loses with its offset, so that the changelog behind the offset brings it again.
    """

    @property
    def offset(self) -> int | None:
        """The changelog offset of the last write; None of a store that is new."""
        ...

    @property
    def size(self) -> Size:
        """About how much there is: an estimate that costs nothing."""
        ...

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        ...

    def write(self, values: Mapping[bytes, bytes | None], offset: int) -> None:
        """Put values (None deletes) and the offset, atomically."""
        ...

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Every key and value, in the order of the keys' bytes."""
        ...

    def flush(self) -> None:
        """Let what was written outlive the process, however it ends."""
        ...
