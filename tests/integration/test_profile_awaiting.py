"""The profile's worker after a backlog: a trigger that is due waits for the state that a link sends, on the broker.

It waits for nothing else: each step that makes the next due wakes the worker, whose timer is at its slowest here.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from schemas.codec import decode
from schemas.recommendation import RecommendationRequest
from schemas.topics import EVENTS_CLEAN, PROFILE_CHANGELOG, RECOMMENDATION_REQUESTS, Topic
from services.profile.core.person import Person
from services.profile.core.person import decode as stored_person
from services.runtime.kafka_records import partition_of
from tests.conftest import PARTITIONS
from tests.integration.test_profile_logs import Profile

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]
ReadAll = Callable[[Topic], Awaitable[list[Any]]]
BACKLOG_MS = 7_200_000
WITHIN_S = 60
TICK_S = 10  # the longest; by the timer alone the three looks of a mail would be as far from each other
AT_ONCE_S = 3
LOOKS = ["link_awaited", "reserving", "asked"]
KEY = "9f86d081884c7d659a2feaa0c55ad015"
FORM = {
    "kind": "conversion", "name": "Trial Started", "trusted": True,
    "address": {"value": "ana@example.com", "key": KEY},
    "consent": [{"purpose": "marketing", "given": True, "source": "form:trial", "address_key": KEY}],
}  # fmt: skip


def _home(person: str) -> int:
    return partition_of(person.encode(), PARTITIONS)


KNOWN = "u:ana"
BROWSER = next(each for each in map("a:{}".format, range(99)) if _home(each) != _home(KNOWN))


async def _feed(address: str, person: str, *events: dict[str, Any]) -> None:
    """One pack of the person's events, of two hours ago; the coordinates are the partition's own."""
    then_ms = int(time.time() * 1000) - BACKLOG_MS
    made = [
        {"id": f"{person}-{place}", "person": person, "time_ms": then_ms, "received_ms": then_ms, "trusted": False,
         "at": ["events.raw", _home(person), 0, place], **event}
        for place, event in enumerate(events)
    ]  # fmt: skip
    producer = AIOKafkaProducer(bootstrap_servers=address)
    await producer.start()
    try:
        await producer.send_and_wait(EVENTS_CLEAN.name, orjson.dumps({"v": 1, "events": made}), partition=_home(person))
    finally:
        await producer.stop()


def _looks(log: Path) -> Iterator[tuple[str, float]]:
    """What the known person's partition came to at each look, and how long after the batch before it, in seconds."""
    applied_at = datetime.max.replace(tzinfo=UTC)
    for line in map(orjson.loads, filter(lambda each: each.startswith("{"), log.read_text().splitlines())):
        at = datetime.fromisoformat(line["timestamp"])
        if line["action"] in {"applied", "fired"} and line["partition"] == _home(KNOWN):
            if line["action"] == "fired":
                yield next(each for each in LOOKS if each in line), (at - applied_at).total_seconds()
            applied_at = at


async def test_a_due_trigger_waits_for_a_state_from_another_partition(
    topics: str, tmp_path: Path, read_all: ReadAll
) -> None:
    """The known person's partition is level first; alone it has too little evidence to ask for a mail."""

    async def known() -> Person:
        stored = {each.key: each.value for each in await read_all(PROFILE_CHANGELOG)}.get(KNOWN.encode())
        return Person() if stored is None else stored_person(stored)

    async def held_ms() -> int | None:
        trigger = (await known()).triggers.by_purpose.get("trial-start")
        return None if trigger is None else trigger.held_ms

    profile = Profile(topics, tmp_path, read_all)
    await profile.start(PROFILE_TICK_S=str(TICK_S))
    try:
        async with asyncio.timeout(WITHIN_S):
            await _feed(topics, KNOWN, {**FORM, "links": [BROWSER]})
            while (held_from_ms := await held_ms()) is None:
                pass
            assert await read_all(RECOMMENDATION_REQUESTS) == []
            page = {"kind": "page", "name": "Page", "path": "/blog/seo/x"}
            link = {"kind": "linked", "name": "identity.linked", "link": KNOWN}
            await _feed(topics, BROWSER, page, page, link)
            while not (found := await read_all(RECOMMENDATION_REQUESTS)):
                pass
        await profile.stop()
    finally:
        profile.kill()
    [request] = [decode(RECOMMENDATION_REQUESTS, each.value) for each in found]
    assert isinstance(request, RecommendationRequest)
    assert "topic:seo" in {each.key for each in request.snapshot.interests}
    assert request.created_at.timestamp() * 1000 < held_from_ms + 60_000
    assert (await known()).identity.awaited == {}
    looks = list(_looks(tmp_path / "log"))
    assert [name for name, _ in looks] == LOOKS
    assert max(waited_s for _, waited_s in looks) < AT_ONCE_S, looks
