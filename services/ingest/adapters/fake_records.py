"""Raw records in memory, with offsets that stay until `done` moves them."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.core.records import Record


@dataclass(frozen=True, slots=True)
class FakeRecord:
    """One raw record."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    timestamp: int = 1_793_696_400_000
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()


class FakeRecords:
    """Hands out each partition's records from the first that is not done; `restart` forgets what was only taken."""

    def __init__(self, records: Sequence[Record], most: int = 100) -> None:
        self.records = list(records)
        self.most = most
        self.committed: dict[tuple[str, int], int] = {}
        self._positions: dict[tuple[str, int], int] = {}

    async def take(self) -> Sequence[Record]:
        """The next records."""
        taken = [each for each in self.records if each.offset >= self._positions.get((each.topic, each.partition), 0)][
            : self.most
        ]
        for each in taken:
            self._positions[each.topic, each.partition] = each.offset + 1
        return taken

    async def done(self, records: Sequence[Record]) -> None:
        """Commit."""
        for each in records:
            self.committed[each.topic, each.partition] = each.offset + 1

    def restart(self) -> None:
        """Begin again where the commits are."""
        self._positions = dict(self.committed)
