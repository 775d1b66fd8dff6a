"""The profile's worker at its edges, without a broker."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from aiokafka.errors import KafkaConnectionError

from schemas.topics import EVENTS_CLEAN, PROFILE_SELF
from services.profile.adapters.faust_consumer import CorrectedThread
from services.profile.adapters.faust_records import letters_of
from services.profile.core.reasons import Refusal
from services.profile.core.step import Input, Rejected, Step
from services.runtime.errors import Status
from tests.processes import new_process
from tests.unit.profile.worker_world import worker_of


async def test_a_start_that_raises_ends_the_process(tmp_path: Path) -> None:
    """The broker went away while Faust started: 75, where the process would hang for ever, alive."""
    process = new_process("profile")
    worker = worker_of(tmp_path, process)

    async def start() -> None:
        raise KafkaConnectionError("the broker is gone")

    worker._app = SimpleNamespace(finalize=lambda: None, start=start)
    async with asyncio.timeout(20):
        end = await process.tasks.run(worker.run())
    assert end is not None
    assert end.status is Status.FENCED
    assert "the broker is gone" in str(end)


async def test_a_crash_of_a_takeover_that_finds_the_stores_closed_is_a_stop_in_order(tmp_path: Path) -> None:
    """SIGTERM in the middle of a rebalance: Faust opens what our own takeover still holds, and crashes; 0, and not 70.

    The gate is shut by then, and what was not applied is the next owner's.
    """
    process = new_process("profile")
    worker, crashed = worker_of(tmp_path, process), asyncio.Event()

    async def start() -> None:
        process.stop.set()

    async def stop() -> None:
        crashed.set()
        await asyncio.sleep(0)

    worker._app = SimpleNamespace(
        finalize=lambda: None, start=start, stop=stop, _crashed=crashed, _crash_reason="No locks available"
    )
    async with asyncio.timeout(20):
        assert await process.tasks.run(worker.run()) is None


async def test_a_takeover_that_a_stop_cuts_off_takes_nothing_and_ends_nothing(tmp_path: Path) -> None:
    """SIGTERM in the middle of it: Faust closes the stores at once; nothing is owned then, so nothing is applied."""
    process = new_process("profile")
    worker = worker_of(tmp_path, process)

    def open_store(_: int) -> NoReturn:
        process.stop.set()
        raise OSError("No locks available")

    worker._app = SimpleNamespace(consumer_generation_id=1)
    worker._table = SimpleNamespace(data=SimpleNamespace(_db_for_partition=open_store, offset_key=b"offset"))
    async with asyncio.timeout(20):
        await worker.own({0})
    assert process.tasks.ended is None
    assert worker._partitions == {}


async def test_a_pack_of_broken_events_is_one_dead_letter() -> None:
    """However many of its events are broken: each letter holds the whole record; headers go with it."""
    message = SimpleNamespace(topic=EVENTS_CLEAN.name, offset=7, headers=[("ce_id", b"1")])
    events = [SimpleNamespace(message=message)]
    read = Input(EVENTS_CLEAN.short, 0, 7, 1, None, b"a pack")
    other = Input(PROFILE_SELF.short, 0, 7, 1, b"u:1", b"no record")
    rejects = [Rejected(read, Refusal.BROKEN_EVENT, f"rule {number}") for number in range(200)]
    step = Step({}, {}, (), (*rejects, Rejected(other, Refusal.UNDECODABLE, "no")), (), {})
    first, second = letters_of(step, events)
    assert (first.value, second.value) == (b"a pack", b"no record")
    assert dict(first.headers)["kindling_detail"] == b"rule 0"
    assert dict(first.headers)["ce_id"] == b"1"


async def test_a_crash_in_faust_s_thread_is_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """And not a traceback between the lines."""
    thread = CorrectedThread.__new__(CorrectedThread)
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        thread.on_crash("{0!r} crashed: {1!r}", "a thread", "by zero")
    (line,) = caplog.records
    assert line.exc_info is not None
    assert "by zero" in line.__dict__["reason"]
