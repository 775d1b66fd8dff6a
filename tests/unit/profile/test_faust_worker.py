"""The timers of the profile's worker around a rebalance, without a broker."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn, cast

from pydantic import SecretStr

from services.profile.adapters.faust_partition import POSITION_KEY, Partition
from services.profile.adapters.faust_worker import FaustWorker, _timers
from services.profile.adapters.rocks_store import RocksStore, Store
from services.profile.core.step import Step
from services.profile.core.waiting import by_age
from services.profile.pipeline import compiled, encode
from services.profile.settings import ProfileSettings
from services.runtime.health import Health
from services.runtime.process import Process
from services.runtime.program import read_program

ACADEMY = Path(__file__).parents[3] / "examples" / "academy"


def _lost(_: object) -> NoReturn:
    raise AssertionError("Partition is not assigned")  # aiokafka's own, in its thread, before Faust hears of it


async def test_a_tick_over_a_partition_that_is_being_lost_fires_nothing(tmp_path: Path) -> None:
    """The consumer's thread has let it go, the gate is still open: it counts as behind, and nothing fails."""
    settings = ProfileSettings(secret=SecretStr("a secret of the unit tests"), profile_data=tmp_path)
    process = Process("profile", asyncio.Event(), Health("profile"))
    worker = FaustWorker(settings, compiled(read_program(ACADEMY)), process, 3)
    worker._app = SimpleNamespace(consumer=SimpleNamespace(highwater=_lost))
    lost = cast("Partition", SimpleNamespace(number=0, position={}, end_offset=0, applied_ms=0))
    assert worker._is_behind(lost)


def test_what_waits_in_the_store_is_known_at_takeover() -> None:
    """The one walk over the values that finds the timers finds the waiting triggers too."""
    held = {b"u:ana": encode({"pend": {"p": {"opened": 0, "due": 5}}}), b"u:bo": encode({"n": 1}), POSITION_KEY: b"{}"}
    store = RocksStore(held, b"offset")
    partition = Partition(0, store, "group")
    partition.begin(_timers(store, partition.waiting))
    assert partition.timers == [(5, "u:ana")]
    assert by_age([partition.waiting], 0)["0-1h"] == 1


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


async def test_what_waits_follows_each_commit() -> None:
    """A step that opens a trigger adds it, one that ends it takes it away."""
    stored: dict[bytes, bytes] = {}
    written = SimpleNamespace(get=stored.get, items=stored.items, write=lambda values, _: stored.update(values))
    partition = Partition(0, cast("Store", written), "group")
    partition._producer = FakeProducer()
    partition.begin([])
    for pend, waiting in (({"p": {"opened": 0, "due": 5}}, 1), ({}, 0)):
        await partition.commit(Step({"u:ana": {"n": 1, "pend": pend}}, {}, (), (), (), {}), "cause", 0)
        assert by_age([partition.waiting], 0)["0-1h"] == waiting
