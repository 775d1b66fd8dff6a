"""A log in memory that keeps what the real one keeps: verified by the same suite."""

from collections.abc import Sequence

from services.ingest.core.records import Batch, Outgoing
from services.runtime.outcome import Unavailable


class FakeLog:
    """Keeps records in the order they came; `is_away` makes it refuse, as Kafka does when no broker answers."""

    def __init__(self) -> None:
        self.kept: list[Outgoing] = []
        self.is_away = False

    async def append(self, records: Sequence[Outgoing]) -> None:
        """Keep all or none."""
        if self.is_away:
            raise Unavailable("the log is away")
        self.kept.extend(records)

    async def append_batch(self, batch: Batch) -> None:
        """Keep the packs, then the others."""
        await self.append((*batch.packs, *batch.others))

    def of(self, short: str) -> list[Outgoing]:
        """What was kept on the topic."""
        return [each for each in self.kept if each.topic.short == short]
