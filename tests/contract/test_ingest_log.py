"""The log keeps what it is given: one suite for the fake and for Kafka."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import pytest

from schemas import topics
from schemas.topics import Topic
from services.ingest.adapters.fake_log import FakeLog
from services.ingest.adapters.guarded_log import GuardedLog
from services.ingest.adapters.kafka_log import KafkaLog
from services.ingest.core.records import Batch, Outgoing
from services.ingest.ports import Log
from services.runtime.kafka_clients import Kafka

Kept: TypeAlias = list[tuple[bytes | None, bytes | None]]
Bench: TypeAlias = tuple[Log, Callable[[Topic], Awaitable[Kept]]]


@pytest.fixture(params=["fake", "guarded", pytest.param("kafka", marks=pytest.mark.kafka)])
def kind(request: pytest.FixtureRequest) -> str:
    """The fake, the fake behind a guard, or the broker."""
    return str(request.param)


@pytest.fixture
def real(request: pytest.FixtureRequest, kind: str) -> tuple[str, Any] | None:
    """The broker's address and what reads a topic of it, or None for the fake."""
    if kind != "kafka":
        return None
    return request.getfixturevalue("topics"), request.getfixturevalue("read_all")


@pytest.fixture
async def bench(real: tuple[str, Any] | None, kind: str) -> AsyncIterator[Bench]:
    """A log, and what is on a topic of it in order."""
    if real is None:
        fake = FakeLog()

        async def fake_kept(topic: Topic) -> Kept:
            return [(each.key, each.value) for each in fake.of(topic.short)]

        yield fake if kind == "fake" else GuardedLog(fake, 1_000_000, lambda: 0.0), fake_kept
        return
    address, read_all = real
    log = KafkaLog(Kafka(address), "a test", ack_s=10)
    await log.start()

    async def kept(topic: Topic) -> Kept:
        return [(each.key, each.value) for each in await read_all(topic)]

    yield log, kept
    await log.stop()


def packs(*names: bytes) -> tuple[Outgoing, ...]:
    """Packs of one partition."""
    return tuple(Outgoing(topics.EVENTS_CLEAN, None, name, partition=1) for name in names)


async def test_what_is_appended_is_kept_untouched(bench: Bench) -> None:
    """Key and bytes come back as they were, JSON or not."""
    log, kept = bench
    await log.append([Outgoing(topics.EVENTS_RAW, b"k", b"\xff\x00", (("traceparent", b"t"),))])
    assert await kept(topics.EVENTS_RAW) == [(b"k", b"\xff\x00")]


async def test_the_order_of_a_partition_is_kept(bench: Bench) -> None:
    """Packs of one partition come in the order they were given."""
    log, kept = bench
    names = tuple(str(number).encode() for number in range(50))
    await log.append_batch(Batch(packs(*names), (), {}, {}))
    assert await kept(topics.EVENTS_CLEAN) == [(None, name) for name in names]


async def test_the_others_of_a_batch_are_kept(bench: Bench) -> None:
    """Dead letters, suppressions and content go along; a tombstone has no value, and those of one key their order."""
    log, kept = bench
    dead, content = topics.dead_letters("ingest"), topics.CATALOG_CONTENT
    news = [None if number % 3 == 2 else b"%d" % number for number in range(30)]
    others = Outgoing(dead, b"k", None), *(Outgoing(content, b"guide-1", each) for each in news)
    await log.append_batch(Batch(packs(b"1"), others, {}, {}))
    assert await kept(dead) == [(b"k", None)]
    assert await kept(content) == [(b"guide-1", each) for each in news]


async def test_nothing_is_kept_without_complaint(bench: Bench) -> None:
    """An empty batch is no mistake."""
    log, kept = bench
    await log.append([])
    await log.append_batch(Batch((), (), {}, {}))
    assert await kept(topics.EVENTS_CLEAN) == []
