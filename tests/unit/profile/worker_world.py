"""A worker without a broker: its settings, a partition that keeps what is committed, and one over fakes."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from schemas.topics import EVENTS_CLEAN, PROFILE_CHANGELOG
from services.profile.adapters.fake_store import FakeStore
from services.profile.adapters.faust_partition import Partition, owner_of
from services.profile.adapters.faust_worker import FaustWorker
from services.profile.adapters.person_cache import PersonCache
from services.profile.core.person import Person
from services.profile.core.transition import Transition
from services.profile.core.waiting import Waiting
from services.profile.pipeline import compiled
from services.profile.settings import ProfileSettings
from services.runtime.clock import now_ms
from services.runtime.fake_transactor import FakeBroker, FakeTransactor
from services.runtime.kafka_access import kafka_of
from services.runtime.log_identity import Log
from services.runtime.process import Process
from services.runtime.program import read_program
from tests.profile_values import waiting

ACADEMY = Path(__file__).parents[3] / "examples" / "academy"
RULES = compiled(read_program(ACADEMY))
NO_PACKS = Log(EVENTS_CLEAN.name, 0, 0, 0)


def worker_of(tmp_path: Path, process: Process, **named: Any) -> FaustWorker:
    """A worker that has started nothing, with other settings by name."""
    secret = SecretStr("a secret of the unit tests")
    settings = ProfileSettings(secret=secret, profile_data=tmp_path, program=ACADEMY, **named)
    return FaustWorker(settings, kafka_of(settings), RULES, process, 3)


class Due:
    """A partition whose persons are due; what it commits is kept."""

    def __init__(self, persons: list[str]) -> None:
        self.number, self.checkpoint = 0, dict[str, Any]()
        self.persons, self.committed = persons, list[Any]()

    def due(self, now_ms: int, most: int) -> list[str]:
        """All of them, and one twice."""
        assert now_ms
        assert most >= len(self.persons)
        return [*self.persons, self.persons[0]]

    def read(self, person: str) -> Person | None:
        """The person, anew: whoever reads one owns it."""
        return waiting(1) if person in self.persons else None

    async def commit(self, steps: list[tuple[Transition, str]], now_ms: int) -> None:
        """Keep them."""
        assert now_ms
        self.committed.append(steps)

    async def settle(self, now_ms: int) -> None:
        """Nothing is owed."""


class Hung(Due):
    """A partition whose lock somebody holds: a transaction that the broker never ends."""

    def __init__(self) -> None:
        super().__init__(["u:ana"])
        self.lock, self.is_usable, self.packs = asyncio.Lock(), True, NO_PACKS
        self.passed_s, self.number = time.monotonic(), 0
        self.store, self.owed = FakeStore(), Waiting()
        self.checkpoint, self.applied_ms = {"offsets": {EVENTS_CLEAN.short: 9}}, now_ms()


@dataclass(frozen=True, slots=True)
class World:
    """A partition over fakes: what is committed, what is stored, and the partition between them."""

    partition: Partition
    store: FakeStore
    broker: FakeBroker
    transactor: FakeTransactor

    @property
    def changelog(self) -> dict[bytes, bytes | None]:
        """The last committed value of each key."""
        return {key: value for _, key, value in self.broker.values.get(f"{PROFILE_CHANGELOG.name}/0", [])}


async def world_of(values: Mapping[bytes, bytes] | None = None, cache_bytes: int = 1_000_000) -> World:
    """A partition that has begun over these values, and owns its place."""
    store, broker = FakeStore(values), FakeBroker()
    transactor = FakeTransactor(owner_of(0), broker)
    await transactor.fence()
    partition = Partition(0, store, transactor, PersonCache(cache_bytes))
    partition.begin(NO_PACKS)
    return World(partition, store, broker, transactor)
