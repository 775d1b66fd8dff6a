"""A broker's topics in memory, for tests."""

from collections.abc import Sequence

from schemas.topics import BY_NAME, Topic


class FakeTopics:
    """Topics that are made and dropped by name; `looks` counts how often it was asked."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[int, str]] = {}
        self.looks = 0

    async def make(self, name: str, count: int, cleanup: str) -> None:
        """Make it; one of that name is made anew."""
        self._made[name] = count, cleanup

    async def counts(self) -> dict[str, int]:
        """The number of partitions of each topic of ours."""
        self.looks += 1
        return {name: count for name, (count, _) in self._made.items() if name in BY_NAME}

    async def cleanups(self, topics: Sequence[Topic]) -> dict[str, str]:
        """The clean-up policy of those that exist."""
        return {each.name: self._made[each.name][1] for each in topics if each.name in self._made}
