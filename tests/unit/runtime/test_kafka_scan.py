"""A scan reads what is there, a chunk at a time, and says how far it is; a tail gives what comes, once."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from schemas.topics import EVENTS_RAW
from services.runtime import kafka_scan
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import partition_of
from services.runtime.kafka_scan import Scanner
from services.runtime.kafka_tail import Tail
from services.runtime.outcome import Unavailable

COUNT = 4


class _Reader:
    """A topic of four partitions with so many records each; the last of each came after the ends were asked for."""

    def __init__(self, size: int) -> None:
        self.size, self.asked = size, list[int]()
        self.positions: dict[TopicPartition, int] = {}
        self.is_away = False

        async def numbers(_: str) -> set[int]:
            return set(range(COUNT))

        self._client = SimpleNamespace(_wait_on_metadata=numbers)

    async def start(self) -> None:
        if self.is_away:
            raise KafkaConnectionError("nobody is there")

    async def stop(self) -> None:
        self.positions.clear()

    def assign(self, places: Any) -> None:
        self.positions = dict.fromkeys(places, 0)

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.positions[place] = offset

    async def beginning_offsets(self, places: Any) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(places, 0)

    async def end_offsets(self, places: Any) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(places, self.size)

    async def position(self, place: TopicPartition) -> int:
        return self.positions[place]

    async def getmany(self, *places: TopicPartition, timeout_ms: int, max_records: int = 100) -> Any:
        if self.is_away:
            raise KafkaConnectionError("nobody is there any more")
        assert timeout_ms
        found: dict[TopicPartition, list[Any]] = {}
        for place in places or list(self.positions):
            first = self.positions[place]
            given = range(first, min(first + max_records, self.size + 1))
            found[place] = [SimpleNamespace(partition=place.partition, offset=each) for each in given]
            self.positions[place] = given.stop
            self.asked.append(len(given))
        return found


def _kafka(reader: _Reader) -> Kafka:
    return cast("Kafka", SimpleNamespace(reader=lambda **_: reader, bootstrap="a broker"))


async def test_every_record_that_is_there_is_given_once_and_progress_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than a chunk of a partition is asked for at once; what came meanwhile is not given."""
    monkeypatch.setattr(kafka_scan, "CHUNK", 7)
    monkeypatch.setattr(kafka_scan, "TOLD_EVERY", 30)
    reader, told = _Reader(25), list[str]()
    async with Scanner(_kafka(reader), told.append) as scanner:
        found = [(each.partition, each.offset) async for each in scanner.records(EVENTS_RAW)]
        assert scanner.looked_at >= len(found)
    assert sorted(found) == [(number, offset) for number in range(COUNT) for offset in range(25)]
    assert max(reader.asked) == 7
    assert len(told) == 3
    assert told[0] == f"30 records read, now {EVENTS_RAW.name}, 4 partitions of it"


async def test_where_the_keys_are_known_their_partitions_alone_are_read() -> None:
    """Of no key none; of one partition that one."""
    reader = _Reader(3)
    async with Scanner(_kafka(reader), lambda _: None) as scanner:
        one = {each.partition async for each in scanner.records(EVENTS_RAW, [b"u:1", b"u:1"])}
        assert one == {partition_of(b"u:1", COUNT)}
        assert [each async for each in scanner.records(EVENTS_RAW, [])] == []
        assert {each.partition async for each in scanner.of_partition(EVENTS_RAW, 2)} == {2}


@pytest.mark.parametrize("make", [lambda kafka: Scanner(kafka, lambda _: None), lambda kafka: Tail(kafka, EVENTS_RAW)])
async def test_broker_that_is_away_is_told(make: Any) -> None:
    """At the start, and in the middle."""
    reader = _Reader(3)
    reader.is_away = True
    with pytest.raises(Unavailable, match="nobody is there"):
        async with make(_kafka(reader)):
            pass
    reader.is_away = False
    async with make(_kafka(reader)) as made:
        reader.is_away = True
        come = made.records(EVENTS_RAW) if isinstance(made, Scanner) else made.until(2**60)
        with pytest.raises(Unavailable, match=r"nobody is there any more"):
            await anext(come)


async def test_a_tail_gives_what_comes_behind_the_ends_and_goes_on_where_it_was() -> None:
    """What came in one answer and was not taken yet is given to who asks next; after its time there is nothing."""
    reader = _Reader(3)
    async with Tail(_kafka(reader), EVENTS_RAW) as tail:
        async for first in tail.until(2**60):
            assert first.offset == 3
            break
        rest = [each.partition async for each in tail.until(0)]
    assert sorted([first.partition, *rest]) == list(range(COUNT))
