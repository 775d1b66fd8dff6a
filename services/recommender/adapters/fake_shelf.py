"""A shelf of this process alone: for tests, and where vectors need not outlive it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.recommender.core.values import Stored, Vector


@dataclass(slots=True)
class FakeShelf:
    """A verified fake of the shelf."""

    held: dict[str, Stored] = field(default_factory=dict)

    def get(self, course_id: str, text_hash: str) -> Vector | None:
        """The vector of the course's text."""
        found = self.held.get(course_id)
        return found.vector if found is not None and found.text_hash == text_hash else None

    async def put(self, made: Sequence[Stored]) -> None:
        """Keep."""
        self.held |= {each.course_id: each for each in made}

    async def flush(self) -> None:
        """There are no others."""

    async def drop(self, course_ids: Sequence[str]) -> None:
        """Forget."""
        for each in course_ids:
            self.held.pop(each, None)
