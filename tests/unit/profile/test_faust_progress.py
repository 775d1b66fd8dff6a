"""Whether a worker gets on, and who says so."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest

from schemas.topics import EVENTS_CLEAN
from services.profile.adapters.faust_partition import Partition
from services.profile.adapters.faust_worker import FaustWorker
from services.profile.adapters.lag import is_behind
from services.runtime.clock import now_ms
from services.runtime.log_identity import Log
from services.runtime.process import Process
from tests.processes import new_process
from tests.unit.profile.worker_world import NO_PACKS, Hung, worker_of, world_of


def _lost(_: object) -> NoReturn:
    raise AssertionError("Partition is not assigned")  # aiokafka's own, in its thread, before Faust hears of it


def test_a_tick_over_a_partition_that_is_being_lost_fires_nothing() -> None:
    """The consumer's thread has let it go, the gate is still open: it counts as behind, and nothing fails."""
    lost = cast("Partition", SimpleNamespace(number=0, checkpoint={}, packs=NO_PACKS, applied_ms=0))
    assert is_behind(lost, SimpleNamespace(highwater=_lost), now_ms())


def _own(worker: FaustWorker, end: int, *partitions: Hung) -> None:
    consumer = SimpleNamespace(highwater=lambda _: end, handed_out=lambda _: None)
    worker._app = SimpleNamespace(consumer=consumer)
    worker._is_gate_open = True
    worker._partitions = {number: cast("Partition", each) for number, each in enumerate(partitions)}


def _pack() -> Any:
    where = {"topic": EVENTS_CLEAN.name, "partition": 0, "offset": 10, "timestamp": 1.0}
    return SimpleNamespace(message=SimpleNamespace(**where, key=None, value=b"", checksum=10))


async def _turns(process: Process, seconds: int) -> None:
    """So much useful time, in which whoever can get on does."""
    for _ in range(seconds):
        process.watch.turn()
        process.watch.tick(1)
        await asyncio.sleep(0)


@pytest.mark.parametrize(("act", "part"), [("a pack", "packs"), ("a tick", "timers")])
async def test_a_transaction_that_never_ends_is_not_alive(tmp_path: Path, act: str, part: str) -> None:
    """Traffic is steady, so nothing is behind when it begins; the next tick waited for its lock and held 0 for ever."""
    process = new_process("profile")
    worker, partition = worker_of(tmp_path, process), Hung()
    _own(worker, 50, partition)
    await partition.lock.acquire()
    waits = asyncio.create_task(
        worker._tick() if act == "a tick" else worker._apply(cast("Partition", partition), [_pack()])
    )
    await _turns(process, 119)
    assert process.watch.is_live
    await _turns(process, 5)
    assert part in process.watch.stalled
    partition.is_usable = False
    partition.lock.release()
    await waits
    assert process.watch.is_live


async def test_the_timers_of_others_do_not_speak_for_a_pack_that_never_ends(tmp_path: Path) -> None:
    """They go on, since a partition that is behind is passed over; the process is not alive all the same."""
    process = new_process("profile")
    worker, hung, well = worker_of(tmp_path, process), Hung(), Hung()
    hung.applied_ms, well.checkpoint = 0, {"offsets": {EVENTS_CLEAN.short: 10}}
    _own(worker, 11, hung, well)
    await hung.lock.acquire()
    waits = asyncio.create_task(worker._apply(cast("Partition", hung), [_pack()]))
    for _ in range(13):
        await _turns(process, 10)
        await worker._tick()
    assert len(well.committed) == 13
    assert "packs" in process.watch.stalled
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)


@pytest.mark.parametrize(
    ("checkpoint", "log", "waits"),
    [
        ({}, (0, 0), False),
        ({}, (0, 7), True),
        ({}, (7, 7), False),
        ({"offsets": {"events.clean": 6}}, (7, 7), False),
        ({"offsets": {"events.clean": 6}}, (5, 8), True),
    ],
)
async def test_a_partition_is_behind_packs_that_are_there(
    checkpoint: dict[str, Any], log: tuple[int, int], *, waits: bool
) -> None:
    """Not behind those of a log that aged out before anybody came: 503 and a restart, for ever."""
    partition = (await world_of()).partition
    partition.checkpoint, partition.packs = checkpoint, Log(EVENTS_CLEAN.name, 0, *log)
    assert is_behind(partition, SimpleNamespace(highwater=lambda _: None), now_ms()) is waits
