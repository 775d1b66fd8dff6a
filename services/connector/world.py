"""What one connector works with: its key, its ports, and what it has learnt of domains."""

from dataclasses import dataclass, field
from datetime import timedelta

from services.connector.core.pacing import AGAIN, Domains
from services.connector.ports import Clock, Ledger, Mailer, Suppressions
from services.runtime.hold import IsPaused, never


@dataclass(frozen=True, slots=True)
class World:
    """What one connector works with; `key` and `address_key` are derived, of use `outbound` and `address`.

    `again` is how long a recipient that was deferred once waits.
    """

    key: bytes
    address_key: bytes
    ledger: Ledger
    mailer: Mailer
    suppressions: Suppressions
    clock: Clock
    domains: Domains = field(default_factory=Domains)
    again: timedelta = AGAIN
    is_paused: IsPaused = never
