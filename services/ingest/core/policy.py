"""How calls are heard, beside the keys they are read with: what an installation may hold otherwise than another."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.ingest.core.bots import judge, nobody
from services.ingest.core.refused import ANALYTICS


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is no person by the user agent, and which categories of consent mean analytics, in small letters.

    `zones`: the names of time zones that are believed.
    """

    is_bot: Callable[[object], bool] = field(default_factory=lambda: judge(nobody))
    analytics: frozenset[str] = frozenset(ANALYTICS)
    zones: frozenset[str] = frozenset()


USUAL = Policy()
