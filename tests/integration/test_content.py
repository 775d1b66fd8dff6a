"""Content by topic on the real broker: published by a server or a file, read by the profile beside its fold."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.kafka import Broker
from schemas import topics as table
from schemas.codec import decode
from schemas.recommendation import SignalFact
from schemas.topics import CATALOG_CONTENT, Topic
from services.ingest.__main__ import consumer
from services.profile import commands
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_topics import TopicsAdmin
from tests.conftest import PARTITIONS
from tests.integration.test_ingest import settings
from tests.integration.test_profile_logs import ROOT, Profile
from tests.processes import new_process, run

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
ReadAll = Callable[[Topic], Awaitable[list[Any]]]
WITHIN_S = 60
PIECE = {"id": "maps", "title": "Maps for small shops", "topics": ["seo"], "language": "en"}
PUBLISHED = {"type": "track", "event": "Content Published", "properties": PIECE}
PAGE = {"type": "page", "userId": "ana", "properties": {"path": "/blog/seo/maps", "title": "MAPS for small shops!"}}
TRIAL = {
    "type": "track", "event": "Trial Started", "userId": "ana",
    "properties": {"email": "ana@example.com", "topic": "seo"}, "traits": {"consent": {"marketing": True}},
}  # fmt: skip


async def _make_topics(address: str, *without: Topic) -> None:
    admin = TopicsAdmin(Kafka(address))
    await admin.start()
    plan = await admin.plan(PARTITIONS)
    missing = tuple((topic, count) for topic, count in plan.missing if topic not in without)
    await admin.apply(replace(plan, missing=missing), 1)
    await admin.stop()


async def _until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not await is_so():
            await asyncio.sleep(0)


async def _send(address: str, topic: Topic, *calls: dict[str, Any]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address)
    await producer.start()
    for call in calls:
        value = orjson.dumps({**call, "messageId": f"{call['type']}-{call.get('event')}"})
        await producer.send_and_wait(topic.name, value, key=b"maps")
    await producer.stop()


async def _import(path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    monkeypatch.setenv("KINDLING_KAFKA_BOOTSTRAP_SERVERS", address)
    monkeypatch.setenv("KINDLING_PROGRAM", str(ROOT / "examples" / "academy"))
    done = await commands._import([path], is_dry_run=False, replaces=True)
    return done.published, done.unchanged, done.withdrawn


async def _import_thrice(address: str, read_all: ReadAll, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second import writes nothing; what the file has no more is a tombstone."""
    path = folder / "a.jsonl"
    rows = [{**PIECE, "id": f"p{number}", "title": f"Title {number}"} for number in range(3)]
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    assert await _import(path, address, monkeypatch) == (3, 0, 0)
    assert await _import(path, address, monkeypatch) == (0, 3, 0)
    path.write_bytes(orjson.dumps(rows[0]))
    assert await _import(path, address, monkeypatch) == (0, 1, 2)
    written = [(each.key, each.value is None) for each in await read_all(CATALOG_CONTENT)]
    assert sorted(written) == [
        (b"p0", False), (b"p1", False), (b"p1", True), (b"p2", False), (b"p2", True),
    ]  # fmt: skip


async def test_content_reaches_a_profile_that_began_without_its_topic(
    broker: Broker, read_all: ReadAll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cluster is from before the topic; once it is made, the request has the title that a server published.

    A file is imported meanwhile: its second import writes nothing, and what it has no more is withdrawn.
    """
    address, process = broker.address, new_process("consumer")
    await _make_topics(address, CATALOG_CONTENT)
    profile = Profile(address, tmp_path, read_all)
    await profile.start(PROFILE_QUIET_PERIOD_S="0")
    try:
        await _until(lambda: _has_said(read_all, tmp_path, '"owned"', '"without_topic"'))
        await _make_topics(address)
        await _import_thrice(address, read_all, tmp_path, monkeypatch)
        ingest = asyncio.create_task(run(process, consumer(settings(address), process)))
        await _send(address, table.CONVERSIONS_RAW, PUBLISHED)
        await _until(lambda: _has_said(read_all, tmp_path, '"topic_made"'))
        await _until(lambda: _is_there(read_all, CATALOG_CONTENT, b"maps"))
        await _send(address, table.EVENTS_RAW, PAGE)
        await _send(address, table.CONVERSIONS_RAW, TRIAL)
        await _until(lambda: _is_there(read_all, table.RECOMMENDATION_REQUESTS, b"u:ana"))
        [record] = await read_all(table.RECOMMENDATION_REQUESTS)
        signals: tuple[SignalFact, ...] = decode(table.RECOMMENDATION_REQUESTS, record.value).snapshot.signals
        assert [(each.title, each.content) for each in signals if each.kind == "read"] == [(PIECE["title"], "maps")]
        await profile.stop()
        process.stop.set()
        await ingest
    finally:
        profile.kill()


async def _has_said(read_all: ReadAll, folder: Path, *words: str) -> bool:
    await read_all(table.EVENTS_CLEAN)  # some milliseconds that are the profile's
    said = (folder / "log").read_text()
    return all(word in said for word in words)


async def _is_there(read_all: ReadAll, topic: Topic, key: bytes) -> bool:
    return key in {each.key for each in await read_all(topic)}
