"""The profile's worker at its edges, without a broker."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest
from aiokafka.errors import KafkaConnectionError

from schemas.topics import EVENTS_CLEAN, PROFILE_SELF
from services.profile.adapters.faust_consumer import CorrectedThread
from services.profile.adapters.faust_partition import Partition
from services.profile.adapters.faust_records import letters_of
from services.profile.core.reasons import Refusal
from services.profile.core.transition import Input, Rejected, Transition
from services.runtime.errors import Ended, Status
from tests.processes import new_process
from tests.unit.profile.worker_world import worker_of, world_of


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
    step = Transition({}, {}, (), (*rejects, Rejected(other, Refusal.UNDECODABLE, "no")), (), {})
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


class Stream:
    """Packs that Faust has queued; hands out the first, as its own stream does, while any is there."""

    def __init__(self, *numbers: int) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue()
        self.channel = SimpleNamespace(queue=self.queue)
        for offset, number in enumerate(numbers):
            self.queue.put_nowait(SimpleNamespace(message=SimpleNamespace(partition=number, offset=offset)))

    def noack(self) -> "Stream":
        """Itself."""
        return self

    async def events(self) -> AsyncIterator[Any]:
        """One after another."""
        while not self.queue.empty():
            yield self.queue.get_nowait()


@pytest.mark.parametrize(
    ("numbers", "taken"),
    [
        ((0, 1, 2) * 3, [(0, [0, 3, 6]), (1, [1, 4, 7]), (2, [2, 5, 8])]),
        ((0, 0, 0, 0, 1, 1), [(0, [0, 1, 2]), (0, [3]), (1, [4, 5])]),
        ((0,), [(0, [0])]),
        ((7, 0), [(0, [1])]),
    ],
    ids=["so many of each partition", "no more than so many of one", "never waiting for more", "none of another's"],
)
async def test_a_transaction_takes_the_queued_packs_of_its_partition(
    numbers: tuple[int, ...], taken: list[tuple[int, list[int]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to `profile_max_packs` of each, in their order; before, so many were shared by all partitions."""
    worker, applied = worker_of(tmp_path, new_process("profile"), profile_max_packs=3), list[Any]()
    worker._partitions = {each: cast("Partition", SimpleNamespace(number=each)) for each in range(3)}

    async def apply(partition: Partition, events: Sequence[Any]) -> None:
        applied.append((partition.number, [each.message.offset for each in events]))
        await asyncio.sleep(0)

    monkeypatch.setattr(worker, "_apply", apply)
    await worker._agent(Stream(*numbers))
    assert sorted(applied) == taken


async def test_packs_of_a_partition_that_was_taken_over_anew_are_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come again where its state stands: applied by the new owner they would look like a gap before them."""
    worker, former = worker_of(tmp_path, new_process("profile"), profile_max_packs=1), (await world_of()).partition
    monkeypatch.setattr("services.profile.adapters.faust_worker.apply", lambda *_: pytest.fail("applied"))
    other = (await world_of()).partition
    worker._partitions = {0: former, 1: other}
    await former.lock.acquire()
    agent = asyncio.create_task(worker._agent(Stream(0, 0)))
    for _ in range(5):
        await asyncio.sleep(0)
    worker._partitions = {0: (await world_of()).partition, 1: other}
    former.is_usable = False
    former.lock.release()
    async with asyncio.timeout(20):
        await agent
    assert worker._process.tasks.ended is None


async def test_what_a_step_raises_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no pack behind it is applied: Faust would ack the record and lose it."""
    process = new_process("profile")
    worker, tried = worker_of(tmp_path, process, profile_max_packs=1), list[int]()
    worker._partitions = {0: cast("Partition", SimpleNamespace(number=0))}

    async def broken(partition: Partition, _: Sequence[Any]) -> None:
        tried.append(partition.number)
        raise Ended(Status.GAP, "offsets are gone")

    monkeypatch.setattr(worker, "_apply", broken)
    agent = asyncio.create_task(worker._agent(Stream(0, 0, 0)))
    for _ in range(20):
        await asyncio.sleep(0)
    assert process.tasks.ended is not None
    assert process.tasks.ended.status is Status.GAP
    assert tried == [0]
    agent.cancel()
