"""The profile's worker at its edges, without a broker."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest
from aiokafka.errors import KafkaConnectionError
from pydantic import SecretStr

from schemas.topics import EVENTS_CLEAN, PROFILE_SELF
from services.profile.adapters.faust_consumer import CorrectedThread
from services.profile.adapters.faust_gap import within
from services.profile.adapters.faust_partition import POSITION_KEY, Partition
from services.profile.adapters.faust_records import letters_of
from services.profile.adapters.faust_worker import FaustWorker, _timers
from services.profile.adapters.rocks_store import RocksStore, Store
from services.profile.core.reasons import Refusal
from services.profile.core.state import empty
from services.profile.core.state import stored as stored_of
from services.profile.core.step import Input, Rejected, Step
from services.profile.core.waiting import by_age
from services.profile.pipeline import compiled, encode
from services.profile.settings import ProfileSettings
from services.runtime.clock import now_ms
from services.runtime.errors import Ended, Status
from services.runtime.process import Process
from services.runtime.program import read_program
from tests.processes import new_process

ACADEMY = Path(__file__).parents[3] / "examples" / "academy"
RULES = compiled(read_program(ACADEMY))


def _worker(tmp_path: Path, process: Process) -> FaustWorker:
    settings = ProfileSettings(secret=SecretStr("a secret of the unit tests"), profile_data=tmp_path, program=ACADEMY)
    return FaustWorker(settings, RULES, process, 3)


def _lost(_: object) -> NoReturn:
    raise AssertionError("Partition is not assigned")  # aiokafka's own, in its thread, before Faust hears of it


async def test_a_tick_over_a_partition_that_is_being_lost_fires_nothing(tmp_path: Path) -> None:
    """The consumer's thread has let it go, the gate is still open: it counts as behind, and nothing fails."""
    worker = _worker(tmp_path, new_process("profile"))
    worker._app = SimpleNamespace(consumer=SimpleNamespace(highwater=_lost))
    lost = cast("Partition", SimpleNamespace(number=0, position={}, end_offset=0, applied_ms=0))
    assert worker._is_behind(lost)


async def test_a_start_that_raises_ends_the_process(tmp_path: Path) -> None:
    """The broker went away while Faust started: 75, where the process would hang for ever, alive."""
    process = new_process("profile")
    worker = _worker(tmp_path, process)

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
    worker, crashed = _worker(tmp_path, process), asyncio.Event()

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
    worker = _worker(tmp_path, process)

    def open_store(_: int) -> NoReturn:
        process.stop.set()
        raise OSError("No locks available")

    worker._app = SimpleNamespace(consumer_generation_id=1)
    worker._table = SimpleNamespace(data=SimpleNamespace(_db_for_partition=open_store, offset_key=b"offset"))
    async with asyncio.timeout(20):
        await worker.own({0})
    assert process.tasks.ended is None
    assert worker._partitions == {}


class Due:
    """A partition whose persons are due; what it commits is kept."""

    def __init__(self, persons: list[str]) -> None:
        self.number, self.position = 0, dict[str, Any]()
        self.persons, self.committed = persons, list[Any]()
        self.states = {person: _waiting(person) for person in persons}

    def due(self, now_ms: int, most: int) -> list[str]:
        """All of them, and one twice."""
        assert now_ms
        assert most >= len(self.persons)
        return [*self.persons, self.persons[0]]

    def read(self, person: str) -> dict[str, Any] | None:
        """Its state."""
        return self.states[person]

    async def commit(self, steps: list[tuple[Step, str]], now_ms: int) -> None:
        """Keep them."""
        assert now_ms
        self.committed.append(steps)


def _waiting(person: str) -> dict[str, Any]:
    entry = {
        "purpose": "next-course", "playbook": "gone", "event": f"event of {person}", "name": "Form Submitted",
        "item": None, "title": None, "time": 1, "opened": 1, "due": 1, "tries": 0,
    }  # fmt: skip
    return stored_of({**empty(), "pend": {"next-course": entry}})


async def test_whoever_is_due_in_a_tick_is_one_transaction(tmp_path: Path) -> None:
    """200 due triggers were 200 transactions, and the partition was locked for a second; nobody is fired twice."""
    worker, partition = _worker(tmp_path, new_process("profile")), Due([f"u:{number}" for number in range(200)])
    await worker._fire(cast("Partition", partition))
    (steps,) = partition.committed
    assert [person for step, _ in steps for person in step.values] == partition.persons
    assert len({cause for _, cause in steps}) == 200
    assert steps[-1][0].position["spent"]["decisions"] == 0


class Hung(Due):
    """A partition whose lock somebody holds: a transaction that the broker never ends."""

    def __init__(self) -> None:
        super().__init__(["u:ana"])
        self.lock, self.is_usable, self.end_offset = asyncio.Lock(), True, 10
        self.position, self.applied_ms = {"offsets": {EVENTS_CLEAN.short: 9}}, now_ms()


def _own(worker: FaustWorker, end: int, *partitions: Hung) -> None:
    worker._app = SimpleNamespace(consumer=SimpleNamespace(highwater=lambda _: end))
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
    worker, partition = _worker(tmp_path, process), Hung()
    _own(worker, 50, partition)
    await partition.lock.acquire()
    waits = asyncio.create_task(worker._tick() if act == "a tick" else worker._apply(0, [_pack()]))
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
    worker, hung, well = _worker(tmp_path, process), Hung(), Hung()
    hung.applied_ms, well.position = 0, {"offsets": {EVENTS_CLEAN.short: 10}}
    _own(worker, 11, hung, well)
    await hung.lock.acquire()
    waits = asyncio.create_task(worker._apply(0, [_pack()]))
    for _ in range(13):
        await _turns(process, 10)
        await worker._tick()
    assert len(well.committed) == 13
    assert "packs" in process.watch.stalled
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)


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
        await partition.commit([(Step({"u:ana": {"n": 1, "pend": pend}}, {}, (), (), (), {}), "cause")], 0)
        assert by_age([partition.waiting], 0)["0-1h"] == waiting


@pytest.mark.parametrize(
    ("offsets", "kept", "is_beyond"),
    [({"events.clean": 6}, {"events.clean": 6}, False), ({"events.clean": 7}, {}, True), ({}, {}, False)],
)
def test_a_position_beyond_the_end_is_of_another_log(
    offsets: dict[str, int], kept: dict[str, int], *, is_beyond: bool
) -> None:
    """Its records would be repeats without a word: 76 and what to do; accepted, it is read from its beginning."""
    position, ends = {"offsets": {**offsets, "profile.self": 2}, "spent": {}}, {"events.clean": 7, "profile.self": 3}
    if is_beyond:
        with pytest.raises(Ended, match=r"events\.clean/1 ends at 7, 7 was applied.*ACCEPT_GAP") as ended:
            within(position, ends, 1, is_accepted=False)
        assert ended.value.status is Status.GAP
    found = within(position, ends, 1, is_accepted=True)
    assert found == {"offsets": {**kept, "profile.self": 2}, "spent": {}}
