"""What a later version wrote of a person: kept, and gone with them; nobody here knows what it means."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from schemas.signing import canonical
from services.profile.core.facet import Arrival, Change, Look


@dataclass(slots=True)
class Later:
    """The parts of a stored value that no other facet took."""

    HEARS_USUAL: ClassVar[bool] = False

    parts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def decode(cls, stored: dict[str, Any]) -> Self:
        """Of all that is left."""
        rest = dict(stored)
        stored.clear()
        return cls(rest)

    def encode(self, stored: dict[str, Any]) -> None:
        """As they came."""
        stored.update(self.parts)

    def apply(self, change: Change) -> None:
        """Nothing an event says is of it."""

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Of two of one name one, whichever came first."""
        del arrival
        for part, value in other.parts.items():
            self.parts[part] = max(self.parts.get(part, value), value, key=canonical)

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Nobody knows what of it may go."""

    def show(self, look: Look) -> dict[str, Any]:
        """Nothing."""
        del look
        return {}
