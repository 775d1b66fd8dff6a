"""What the composer asks the world for."""

from datetime import datetime
from typing import Protocol

from schemas.llm import Ask, Reply
from schemas.suppression import Seen
from services.composer.core.values import Letter, Rendered, Unrendered


class Model(Protocol):
    """The LLM; that it is away is an answer. Raises `Unavailable` only where a paid answer could not be kept."""

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The reply, within so many seconds; with too few of them nothing is asked, and the reply says so."""
        ...


class Suppressions(Protocol):
    """All suppressions, held in memory."""

    def refused_by(self, address_key: str) -> frozenset[str]:
        """The purposes this address refuses; `*` is every purpose."""
        ...

    async def up_to_date(self) -> Seen:
        """Read them up to the end as it is now. Raises `Unavailable` where that cannot be had in time."""
        ...


class Renderer(Protocol):
    """Turns a letter into the two parts of a mail, escaping every slot."""

    def render(self, letter: Letter) -> Rendered | Unrendered:
        """Both parts, or what was wrong; never an exception."""
        ...


class Clock(Protocol):
    """The time."""

    def __call__(self) -> datetime:
        """Aware UTC."""
        ...
