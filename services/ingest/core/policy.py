"""How calls are heard, beside the keys they are read with: what an installation may hold otherwise than another."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.ingest.core.bots import judge, nobody


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is no person by the user agent."""

    is_bot: Callable[[object], bool] = field(default_factory=lambda: judge(nobody))


USUAL = Policy()
