"""What may hold a loop: while it is on, nothing is taken up, offsets stay, and nothing is lost."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

IsPaused: TypeAlias = Callable[[], bool]
"""Whether the operator has paused what the step is for, as far as is known; once it is up to date, as it is now."""


class Hold(Protocol):
    """A switch as a loop asks it."""

    @property
    def is_on(self) -> bool:
        """True while nothing may be taken up."""
        ...

    async def over(self, within_s: float | None = None) -> bool:
        """True as soon as it is off; False where the process is told to stop first, or after so many seconds."""
        ...


class Never:
    """Holds nothing: of a loop without a switch."""

    is_on = False

    async def over(self, within_s: float | None = None) -> bool:  # noqa: ARG002 the protocol's
        """Nobody waits for its end.

        Raises:
            RuntimeError: a handler was paused by what its loop does not know.
        """
        raise RuntimeError("a handler was paused, and its loop has no switch: give the loop's policy one")


def never() -> bool:
    """Nobody pauses: of a step without a switch."""
    return False


NEVER = Never()
