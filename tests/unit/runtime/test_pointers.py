"""A pointer leads to the record it was made of, or to none."""

import asyncio
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest
from aiokafka import TopicPartition

from schemas import topics as table
from schemas.aside import Aside
from schemas.codec import decode, encode
from services.runtime.kafka_aside import Shelf, set_aside
from services.runtime.kafka_records import LAST_MS
from services.runtime.outcome import Later
from tests.fake_kafka import BEGUN_MS, FakeKafka, record

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE, ASIDE = table.EMAIL_OUTBOUND.name, table.ASIDE_CONNECTOR
WHERE = TopicPartition(SOURCE, 0)


class Why(StrEnum):
    """Why it waits."""

    GREYLISTED = "greylisted"


@pytest.mark.parametrize("length", [0, 1, 5])
async def test_pointer_into_a_log_made_anew_finds_nothing(length: int) -> None:
    """The new log is too short, or another record stands at the offset; nobody waits for it to grow."""
    pointer = set_aside(record(SOURCE, 3, b"", at_ms=BEGUN_MS), None, Later(NOW, Why.GREYLISTED), NOW)
    assert pointer is not None
    kafka = FakeKafka([record(SOURCE, offset, b"", at_ms=BEGUN_MS + 1) for offset in range(length + 1)])
    if not length:
        kafka.logs[WHERE].clear()
    async with asyncio.timeout(5):
        assert await Shelf(kafka.kafka, ASIDE).record(pointer) is None


@pytest.mark.parametrize("is_older", [True, False])
async def test_pointer_finds_the_record_it_was_made_of(*, is_older: bool) -> None:
    """By its place, and by its time, which a pointer of an older version does not tell."""
    kafka = FakeKafka([record(SOURCE, offset, b"", at_ms=BEGUN_MS + offset) for offset in range(5)])
    pointer = set_aside(kafka.logs[WHERE][3], None, Later(NOW, Why.GREYLISTED), NOW)
    assert pointer is not None
    if is_older:
        pointer = Aside.model_validate_json(pointer.model_dump_json(exclude={"timestamp_ms"}))
    assert await Shelf(kafka.kafka, ASIDE).record(pointer) == kafka.logs[WHERE][3]


@pytest.mark.parametrize("at_ms", [2**63 - 1, 2**53, LAST_MS, LAST_MS - 1])
def test_a_record_that_no_date_holds_may_be_set_aside(at_ms: int) -> None:
    """A client may stamp a record with any number: it waits like others, and no restart meets it again."""
    later = Later(NOW + timedelta(hours=1), Why.GREYLISTED)
    pointer = set_aside(record(SOURCE, 3, b"", at_ms=at_ms), None, later, NOW)
    assert pointer is not None
    assert (pointer.due, pointer.timestamp_ms) == (later.at, at_ms)
    assert decode(ASIDE, encode(ASIDE, pointer)) == pointer


@pytest.mark.parametrize("at_ms", [-(2**63), -1, 0])
def test_a_record_from_before_all_dates_can_wait_no_longer(at_ms: int) -> None:
    """Its topic may forget it at any moment."""
    assert set_aside(record(SOURCE, 3, b"", at_ms=at_ms), None, Later(NOW, Why.GREYLISTED), NOW) is None
