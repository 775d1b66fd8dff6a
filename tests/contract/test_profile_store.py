"""What a partition's store promises: one suite for the fake and for RocksDB; and what SIGKILL leaves of it."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from aiokafka.structs import ConsumerRecord, TopicPartition
from rocksdict import Options, Rdict

from schemas.topics import PROFILE_CHANGELOG
from services.profile.adapters.fake_store import FakeStore
from services.profile.adapters.faust_loader import Loader
from services.profile.adapters.rocks_store import RocksStore
from services.profile.ports import Store
from services.runtime.kafka_clients import Kafka

ROOT = Path(__file__).parents[2]
OFFSET_KEY = b"__faust\0offset__"
FLUSHED, WRITTEN = 40, 90
WRITER = f"""
import sys
from rocksdict import Options, Rdict
from services.profile.adapters.rocks_store import RocksStore
database = Rdict(sys.argv[1], Options(raw_mode=True))
store = RocksStore(database, {OFFSET_KEY!r})
for number in range({WRITTEN} + 1):
    store.write({{b"u:%d" % (number % 7): b"%d" % number, b"last": b"%d" % number}}, number)
    if number == {FLUSHED} and sys.argv[2] == "flush":
        store.flush()
if sys.argv[2] == "close":
    del store, database
elif sys.argv[2] == "faust":
    database.put({OFFSET_KEY!r}, b"{WRITTEN}")
print("written", flush=True)
sys.stdin.read()
"""


def _opened(folder: Path) -> RocksStore:
    return RocksStore(Rdict(str(folder), Options(raw_mode=True)), OFFSET_KEY)


@pytest.fixture(params=["fake", "rocks"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store that holds nothing yet."""
    return FakeStore() if request.param == "fake" else _opened(tmp_path / "store")


def test_new_store_holds_nothing(store: Store) -> None:
    """And stands nowhere."""
    assert (store.offset, store.get(b"u:ana"), list(store.items())) == (None, None, [])


def test_values_and_offset_are_written_together(store: Store) -> None:
    """None deletes, also what is not there; an empty write moves the offset."""
    store.write({b"u:ana": b"1", b"u:bo": b"2", b"\0applied": b"{}"}, 7)
    store.write({b"u:ana": b"3", b"u:bo": None, b"u:eve": None}, 9)
    assert (store.get(b"u:ana"), store.get(b"u:bo"), store.offset) == (b"3", None, 9)
    store.write({}, 11)
    assert store.offset == 11


def test_items_are_in_the_order_of_their_keys(store: Store) -> None:
    """Values of another kind first, then persons; the offset is none of them."""
    rows = [(b"\0applied", b"{}"), (b"\x01u:ana", b"a mailbox"), (b"a:1", b"1"), (b"u:ana", b"2"), (b"u:bo", b"\xff\0")]
    store.write(dict(reversed(rows)), 5)
    assert list(store.items()) == rows


def test_a_crash_of_the_fake_leaves_what_was_flushed() -> None:
    """As one of the real store leaves at least that, with its offset."""
    store = FakeStore()
    store.write({b"u:ana": b"1"}, 7)
    store.flush()
    store.write({b"u:ana": b"2", b"u:bo": b"3"}, 9)
    store.crash()
    assert (store.get(b"u:ana"), store.get(b"u:bo"), store.offset) == (b"1", None, 7)


def _killed(folder: Path, how: str) -> RocksStore:
    """What a process left that wrote 91 times and was killed: after a flush, or by then closed, or neither."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), how], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"written\n"
    writer.kill()
    writer.communicate()
    assert writer.returncode == -signal.SIGKILL
    return _opened(folder)


@pytest.mark.parametrize(("how", "offset"), [("flush", FLUSHED), ("none", None), ("close", WRITTEN), ("faust", None)])
def test_a_killed_process_comes_back_at_an_earlier_state_with_its_offset(
    how: str, offset: int | None, tmp_path: Path
) -> None:
    """No log of its own: values and offset go together, to what was flushed; a store that was closed has lost nothing.

    Nor does an offset that Faust itself puts outlive the values before it.
    """
    store = _killed(tmp_path / "store", how)
    assert store.offset == offset
    assert dict(store.items()) == ({} if offset is None else _written(offset))
    assert not [each for each in (tmp_path / "store").glob("*.log") if each.stat().st_size > 0]


def _written(offset: int) -> dict[bytes, bytes]:
    """What a store holds that stands at this offset."""
    rows = {b"u:%d" % (number % 7): b"%d" % number for number in range(offset + 1)}
    return {**rows, b"last": b"%d" % offset}


class Changelog:
    """A reader of the changelog that the killed process had written: two keys a record, one place each, no markers."""

    def __init__(self) -> None:
        self._at, self.read = 0, list[int]()

    def reader(self, **_: object) -> Any:
        """Itself."""
        return self

    def assign(self, places: list[TopicPartition]) -> None:
        """One partition."""
        (self._place,) = places

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Behind the last."""
        return dict.fromkeys(places, WRITTEN + 1)

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        """The first."""
        return dict.fromkeys(places, 0)

    def seek(self, _: TopicPartition, offset: int) -> None:
        """Stand there."""
        self._at = offset

    async def position(self, _: TopicPartition) -> int:
        """Where it stands."""
        return self._at

    async def getmany(self, *_: object, **__: object) -> Any:
        """The next record."""
        at, self._at = self._at, self._at + 1
        self.read.append(at)
        topic, key, value = PROFILE_CHANGELOG.name, b"u:%d" % (at % 7), b"%d" % at
        return {self._place: [ConsumerRecord(topic, 0, at, 0, 0, key, value, None, 0, 0, ())]}


@pytest.mark.parametrize(("how", "first"), [("flush", FLUSHED + 1), ("none", 0)])
async def test_the_loader_brings_what_a_crash_lost(how: str, first: int, tmp_path: Path) -> None:
    """From the offset the store came back with to the end, and nothing before it."""
    store, changelog = _killed(tmp_path / "store", how), Changelog()
    await Loader(cast("Kafka", changelog)).load({0: store})
    assert changelog.read == list(range(first, WRITTEN + 1))
    wanted = {key: value for key, value in _written(WRITTEN).items() if key != b"last"}
    assert {key: value for key, value in store.items() if key != b"last"} == wanted
    assert store.offset == WRITTEN
