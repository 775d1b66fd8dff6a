"""A header name that is no UTF-8 ends nobody: what every client unpacks goes through here."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record import default_records
from aiokafka.record.default_records import DefaultRecordBatchBuilder, _DefaultRecordBatchPy
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_headers import AnyBatch

NAME, BROKEN, LEGIBLE = "a-name", b"a\xff\xfeame", "a\\xff\\xfeame"
PLAIN, GZIP = 0, 1
Header = tuple[str, bytes | None]


def batch(*records: list[Header], first: int = 0, packed: int = PLAIN) -> bytes:
    """A batch as a broker holds it; `NAME` becomes bytes that are no UTF-8."""
    held = DefaultRecordBatchBuilder(2, PLAIN, 0, -1, -1, -1, 1_000_000)
    for number, headers in enumerate(records):
        held.append(number, 1_000 + number, b"k", b"v" * 200, headers)
    raw = bytearray(bytes(held.build()).replace(NAME.encode(), BROKEN))
    if packed:
        codec = getattr(default_records, "gzip_encode")  # noqa: B009 no public name of the library's
        raw = raw[:61] + codec(bytes(raw[61:]))
        raw[8:12] = (len(raw) - 12).to_bytes(4, "big")
        raw[21:23] = packed.to_bytes(2, "big")
    raw[:8] = first.to_bytes(8, "big")
    raw[17:21] = calc_crc32c(bytes(raw[21:])).to_bytes(4, "big")
    return bytes(raw)


def unpacked(raw: bytes, at: int = 0) -> list[Any]:
    """What the library hands out of a fetch."""
    Kafka("127.0.0.1:1")  # whoever has a client has this
    records = fetcher.MemoryRecords(raw)
    where = TopicPartition("t", 0)
    return list(fetcher.PartitionRecords(where, records, [], at, None, None, True, fetcher.READ_COMMITTED))  # noqa: FBT003


@pytest.mark.parametrize("packed", [PLAIN, GZIP])
def test_a_name_that_is_no_utf_8_is_written_out(packed: int) -> None:
    """Its record comes, and so do those before and behind it, each once, with all that they held."""
    odd: list[Header] = [("ok", b"1"), (NAME, b"\xff"), ("null", None)]
    raw = batch([("ok", b"0")], odd, [], packed=packed) + batch([("last", b"")], first=3)
    found = unpacked(raw)
    assert [(each.offset, each.headers) for each in found] == [
        (0, (("ok", b"0"),)),
        (1, (("ok", b"1"), (LEGIBLE, b"\xff"), ("null", None))),
        (2, ()),
        (3, (("last", b""),)),
    ]
    assert {(each.key, each.value) for each in found} == {(b"k", b"v" * 200)}
    assert [each.timestamp for each in found] == [1_000, 1_001, 1_002, 1_000]


def test_a_fetch_begins_within_a_batch() -> None:
    """Brokers hand out whole batches: what was read already does not come again."""
    assert [each.offset for each in unpacked(batch([(NAME, b"")], [], [(NAME, b"")]), at=1)] == [1, 2]


def test_a_batch_cut_short_is_none() -> None:
    """A fetch may end in the middle of a batch, and may be empty."""
    whole = batch([(NAME, b"")])
    assert [each.offset for each in unpacked(whole + batch([], first=1)[:-1])] == [0]
    assert unpacked(b"") == []
    assert fetcher.MemoryRecords(whole).size_in_bytes() == len(whole)
    assert fetcher.MemoryRecords(b"").next_batch() is None


def test_older_formats_are_read() -> None:
    """They have no headers."""
    held = LegacyRecordBatchBuilder(1, PLAIN, 1_000_000)
    held.append(0, 1_000, b"k", b"v")
    assert [each.value for each in unpacked(bytes(held.build()))] == [b"v"]


def test_the_librarys_slower_reader_alone_does_the_same() -> None:
    """Where its C parts are missing; what is broken otherwise stays an error."""
    raw = batch([(NAME, b"1")])
    [found] = AnyBatch(_DefaultRecordBatchPy(raw), memoryview(raw))
    assert found.headers == [(LEGIBLE, b"1")]
    torn = bytearray(raw)
    torn[raw.index(BROKEN) - 2] = 1  # of headers, in zigzag: minus one; more records than there are it reads unbounded
    with pytest.raises(CorruptRecordException, match="number of record headers -1"):
        list(AnyBatch(_DefaultRecordBatchPy(torn), memoryview(torn)))
