"""What a loop asks of the input partitions it owns, and of what goes with them."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from aiokafka import TopicPartition

from services.runtime.errors import Ended
from services.runtime.kafka_records import RawRecord


class Owned(Protocol):
    """An input partition of ours: what its records lead to, and its transactions."""

    committed: int
    position: int
    is_open: bool

    @property
    def in_flight(self) -> int:
        """Records taken and not yet committed."""
        ...

    async def fence(self, bootstrap: str) -> None:
        """Refuse the former owner from now on."""
        ...

    def open(self, committed: int) -> None:
        """Begin, or go on, at the committed offset."""
        ...

    def take(self, record: RawRecord) -> None:
        """Work on this record."""
        ...

    async def settle(self, within_s: float) -> None:
        """Publish what is finished, then nothing until opened again."""
        ...

    async def drain(self, within_s: float) -> None:
        """Finish what is at work, at most that long, and publish it."""
        ...

    async def close(self) -> None:
        """Stop; what is unfinished belongs to the next owner."""
        ...


Own: TypeAlias = Callable[[TopicPartition, Callable[[Ended], None]], Owned]
"""Makes the owner's part of a partition; it is given what ends the process."""


class Owning(Protocol):
    """What goes with an input partition beside its records: it is read before the first of them is handled."""

    async def owned(self, partition: int) -> None:
        """Read what a former owner left; it may take long, and is called off when the partition goes."""
        ...

    def lost(self, partition: int) -> None:
        """Forget it."""
        ...
