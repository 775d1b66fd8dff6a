"""What a loop asks of the input partitions it owns, and of what goes with them; and the room they share."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from aiokafka import TopicPartition

from services.runtime.hold import NEVER, Hold
from services.runtime.kafka_aside import Shelf
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import RawRecord
from services.runtime.tasks import Tasks
from services.runtime.watch import Progress


class Room:
    """How many more records a process may take: `most` at once over all its partitions."""

    def __init__(self, most: int, progress: Progress) -> None:
        self._most, self._progress = most, progress
        self._freed = asyncio.Event()

    @property
    def held(self) -> int:
        """Records taken and not yet committed."""
        return self._progress.held

    @property
    def left(self) -> int:
        """Records that may be taken, 0 or more."""
        return max(0, self._most - self.held)

    def take(self) -> None:
        """A record was taken."""
        self._progress.take()

    def give(self, count: int) -> None:
        """Records were committed, or given up."""
        self._progress.give(count)
        self._freed.set()

    def rest(self) -> None:
        """Nothing is asked of who holds records in a pause: it counts as getting on."""
        self._progress.move()

    async def wait(self, within_s: float) -> None:
        """Return when a record has ended, or after so many seconds."""
        self._freed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._freed.wait(), within_s)


@dataclass(frozen=True, slots=True)
class Share:
    """What a partition has of its process: who owns its tasks, the room of all partitions, what was set aside.

    While `hold` is on nothing of the latter is taken up.
    """

    tasks: Tasks
    room: Room
    shelf: Shelf | None = None
    hold: Hold = NEVER


class Owned(Protocol):
    """An input partition of ours: what its records lead to, and its transactions."""

    committed: int
    position: int
    is_open: bool

    @property
    def is_whole(self) -> bool:
        """True unless a transaction was called off: then it cannot be gone on with."""
        ...

    @property
    def in_flight(self) -> int:
        """Records taken and not yet committed."""
        ...

    @property
    def aside_since(self) -> datetime | None:
        """When what waits longest was set aside; None where nothing waits."""
        ...

    async def fence(self, kafka: Kafka) -> None:
        """Refuse the former owner from now on."""
        ...

    async def read(self) -> None:
        """Read what a former owner left beside the offset, where that is to be known before the first record.

        Raises:
            Unavailable: Kafka is away.
        """
        ...

    def open(self, committed: int) -> None:
        """Begin, or go on, at the committed offset."""
        ...

    def take(self, record: RawRecord) -> None:
        """Work on this record."""
        ...

    def pass_to(self, position: int) -> None:
        """Commit this position in time, though no record stands before it: a transaction's marker does."""
        ...

    async def settle(self, within_s: float) -> None:
        """Publish what is finished, then nothing until opened again."""
        ...

    async def drain(self, within_s: float) -> None:
        """Finish what is at work, at most that long, and publish it; `settle` comes after."""
        ...

    async def close(self) -> None:
        """Stop; what is unfinished belongs to the next owner."""
        ...


Own: TypeAlias = Callable[[TopicPartition, Share], Owned]
"""Makes the owner's part of a partition."""


class Owning(Protocol):
    """What goes with an input partition beside its records: it is read before the first of them is handled."""

    async def owned(self, partition: int) -> None:
        """Read what a former owner left; it may take long, and is called off when the partition goes."""
        ...

    def lost(self, partition: int) -> None:
        """Forget it."""
        ...
