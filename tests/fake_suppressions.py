"""Suppressions in memory, as the view feeds them; reading them up to date is what the test says."""

from datetime import UTC, datetime

from schemas.suppression import Seen
from services.runtime.outcome import Message, Unavailable
from services.runtime.suppression_table import SuppressionTable

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class FakeSuppressions(SuppressionTable):
    """`unread` is applied when somebody asks to be up to date; `is_away`: they cannot be read to their end."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key)
        self.unread: list[Message] = []
        self.is_away = False
        self.asked, self.asked_at = 0, NOW

    async def up_to_date(self) -> Seen:
        """Read what is unread."""
        self.asked += 1
        if self.is_away:
            raise Unavailable("the view could not be read to its end")
        while self.unread:
            self.apply(self.unread.pop(0))
        return Seen({"suppressions/0": self.asked}, self.asked_at)
