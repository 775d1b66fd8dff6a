"""A worker without a broker: its settings, a partition that keeps what is committed, a producer that takes all."""

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from pydantic import SecretStr

from schemas.topics import EVENTS_CLEAN
from services.profile.adapters.faust_partition import Partition
from services.profile.adapters.faust_worker import FaustWorker
from services.profile.adapters.rocks_store import Store
from services.profile.core.person import Person
from services.profile.core.step import Step
from services.profile.pipeline import compiled
from services.profile.settings import ProfileSettings
from services.runtime.clock import now_ms
from services.runtime.kafka_access import kafka_of
from services.runtime.log_identity import Log
from services.runtime.process import Process
from services.runtime.program import read_program
from tests.profile_values import waiting

ACADEMY = Path(__file__).parents[3] / "examples" / "academy"
RULES = compiled(read_program(ACADEMY))
NO_PACKS = Log(EVENTS_CLEAN.name, 0, 0, 0)


def worker_of(tmp_path: Path, process: Process) -> FaustWorker:
    """A worker that has started nothing."""
    settings = ProfileSettings(secret=SecretStr("a secret of the unit tests"), profile_data=tmp_path, program=ACADEMY)
    return FaustWorker(settings, kafka_of(settings), RULES, process, 3)


class Due:
    """A partition whose persons are due; what it commits is kept."""

    def __init__(self, persons: list[str]) -> None:
        self.number, self.position = 0, dict[str, Any]()
        self.persons, self.committed = persons, list[Any]()

    def due(self, now_ms: int, most: int) -> list[str]:
        """All of them, and one twice."""
        assert now_ms
        assert most >= len(self.persons)
        return [*self.persons, self.persons[0]]

    def read(self, person: str) -> Person | None:
        """The person, anew: whoever reads one owns it."""
        return waiting(1) if person in self.persons else None

    async def commit(self, steps: list[tuple[Step, str]], now_ms: int) -> None:
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
        self.passed_s = time.monotonic()
        self.position, self.applied_ms = {"offsets": {EVENTS_CLEAN.short: 9}}, now_ms()


class FakeBatch:
    """Takes any record."""

    count = 0

    def append(self, **_: object) -> object:
        """Take one."""
        self.count += 1
        return self.count

    def close(self) -> None:
        """Nothing more comes."""

    def record_count(self) -> int:
        """How many it took."""
        return self.count


class FakeProducer:
    """Commits whatever it is given."""

    async def stop(self) -> None:
        """Stop."""

    async def begin_transaction(self) -> None:
        """Begin."""

    async def commit_transaction(self) -> None:
        """Commit."""

    def create_batch(self) -> FakeBatch:
        """An empty one."""
        return FakeBatch()

    async def send_batch(self, *_: object, **__: object) -> "asyncio.Future[SimpleNamespace]":
        """Acked at once, at offset 0."""
        acked: asyncio.Future[SimpleNamespace] = asyncio.get_running_loop().create_future()
        acked.set_result(SimpleNamespace(offset=0))
        return acked


def stored_in(stored: dict[bytes, bytes]) -> Partition:
    """A partition over these values."""
    written = SimpleNamespace(get=stored.get, items=stored.items, write=lambda values, _: stored.update(values))
    partition = Partition(0, cast("Store", written), "group")
    partition._producer = FakeProducer()
    partition.begin(NO_PACKS)
    return partition
