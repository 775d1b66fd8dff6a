"""What a partition's store promises: one suite for the fake and for RocksDB."""

from pathlib import Path

import pytest
from rocksdict import Options, Rdict

from services.profile.adapters.fake_store import FakeStore
from services.profile.adapters.rocks_store import RocksStore
from services.profile.ports import Store

OFFSET_KEY = b"__faust\0offset__"


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
