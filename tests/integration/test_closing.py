"""Stopping a consumer raises nothing and leaves no task, whatever it is about when it is told to stop."""

import asyncio
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from schemas import topics as table
from services.runtime.kafka_clients import Kafka
from tests.brokers import Node

pytestmark = pytest.mark.kafka
PAUSE_MS = 3_000  # after a fetch that failed: the consumer is stopped within it
TOPIC = table.PRIVACY_REQUESTS.name


def _is_pausing(fetch: "asyncio.Task[bool]") -> bool:
    """True if it sleeps; what waits for an answer has no such frame."""
    return any(frame.f_code.co_name == "sleep" for frame in _frames(fetch.get_coro()))


def _frames(coroutine: Any) -> Iterator[FrameType]:
    while coroutine is not None and getattr(coroutine, "cr_frame", None) is not None:
        yield coroutine.cr_frame
        coroutine = coroutine.cr_await


@pytest.mark.parametrize("group", ["a group", None])
async def test_a_consumer_that_pauses_since_the_broker_has_gone_stops(
    node: Node, topics: str, group: str | None
) -> None:
    """Its fetch was refused by a closed connection, and waits for its next try."""
    before = asyncio.all_tasks()
    kafka = Kafka(topics)
    consumer = kafka.reader(TOPIC, group_id=group, retry_backoff_ms=PAUSE_MS)
    await consumer.start()
    fetches = consumer._fetcher._pending_tasks
    async with asyncio.timeout(20):
        while not any("_proc_fetch_request" in repr(each) for each in fetches):
            await asyncio.sleep(0)
        node.kill()
        while not any(_is_pausing(each) for each in fetches):
            await asyncio.sleep(0)
    await consumer.stop()
    assert asyncio.all_tasks() == before


async def test_a_reader_stops_as_soon_as_it_has_started(topics: str) -> None:
    """None of its routines has had a turn."""
    before = asyncio.all_tasks()
    reader = Kafka(topics).reader()
    await reader.start()
    await reader.stop()
    assert asyncio.all_tasks() == before
