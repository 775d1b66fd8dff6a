"""A ledger in memory, for tests: it forgets with its process."""

from datetime import datetime

from schemas.suppression import Seen
from services.connector.core.values import End, Open, Standing, Taken
from services.runtime.outcome import Unavailable


class FakeLedger:
    """`held` maps a claimed id to its end, or to None; `seen` to what its claim kept of suppressions.

    `is_away`: it cannot be written.
    """

    def __init__(self) -> None:
        self.is_away = False
        self._owed: set[str] = set()
        self.held: dict[str, End | None] = {}
        self.seen: dict[str, Seen] = {}

    async def known(self, message_id: str) -> Open | End | None:
        """What is known of the id; None where it is free."""
        self._come_to(message_id)
        return (self.held[message_id] or Open()) if message_id in self.held else None

    async def claim(self, message_id: str, at: datetime, seen: Seen) -> Standing:  # noqa: ARG002 the port's
        """Take the id, or say what is known of it."""
        self._come_to(message_id)
        if message_id not in self.held:
            self.held[message_id] = None
            self.seen[message_id] = seen
            return Taken()
        return self.held[message_id] or Open()

    async def end_unclaimed(self, message_id: str, end: End, seen: Seen) -> Open | End:
        """Record the end of a free id; else what is known of it."""
        self._come_to(message_id)
        if message_id not in self.held:
            self.held[message_id], self.seen[message_id] = end, seen
        return self.held[message_id] or Open()

    async def end(self, message_id: str, end: End) -> None:
        """Record the end; the first stands."""
        self.held[message_id] = self.held.get(message_id) or end

    async def release(self, message_id: str) -> None:
        """Give the claim back, now or before anything else is said of the id."""
        self._owed.add(message_id)
        self._come_to(message_id)

    def _come_to(self, message_id: str) -> None:
        if self.is_away:
            raise Unavailable("the ledger could not be written")
        if message_id in self._owed and self.held.get(message_id) is None:
            self.held.pop(message_id, None)
        self._owed.discard(message_id)
