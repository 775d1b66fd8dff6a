"""Both commands of ingest on the real broker."""

import asyncio
import base64
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.conn import AIOKafkaConnection

from schemas import topics as table
from schemas.topics import ADAPTERS, Topic
from services.ingest.__main__ import collector, consumer
from services.ingest.settings import IngestSettings
from tests.processes import new_process, run

pytestmark = pytest.mark.kafka
BASIC = {"Authorization": "Basic " + base64.b64encode(b"demo:").decode()}
ReadAll = Callable[[Topic], Awaitable[list[Any]]]


def settings(bootstrap: str, port: int = 0) -> IngestSettings:
    """Both commands' settings, one write key."""
    return IngestSettings.model_validate(
        {
            "kafka_bootstrap_servers": bootstrap,
            "secret": "a secret of a test",
            "ingest_write_keys": "demo",
            "ingest_port": port,
        }
    )


async def events_of(read_all: ReadAll, count: int) -> list[dict[str, Any]]:
    """The events of all packs, once there are so many."""
    while True:
        found = [each for record in await read_all(table.EVENTS_CLEAN) for each in orjson.loads(record.value)["events"]]
        if len(found) >= count:
            return found


async def test_a_call_becomes_a_pack_and_poison_a_dead_letter(
    topics: str, read_all: ReadAll, unused_tcp_port: int
) -> None:
    """Through HTTP, the raw topic and the consumer; bytes that are no call pass by; a restart repeats nothing.

    What has ended has closed every connection.
    """
    here, there = new_process("collector"), new_process("consumer")
    running = [
        asyncio.create_task(run(here, collector(settings(topics, unused_tcp_port), here))),
        asyncio.create_task(run(there, consumer(settings(topics), there))),
    ]
    producer = AIOKafkaProducer(bootstrap_servers=topics)
    await producer.start()
    for key, poison in ((None, b"\xff\xfe"), (b"k", None), (None, b"{}")):
        await producer.send_and_wait(table.EVENTS_RAW.name, poison, key=key, headers=[("a", b"\xff"), ("a", b"")])
    while not (here.health.is_ready and there.health.is_ready):
        await asyncio.sleep(0)
    call = {"type": "track", "event": "purchase", "userId": "7", "messageId": "m-1"}
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{unused_tcp_port}/v1/track"
        async with session.post(url, json=call, headers=BASIC) as response:
            assert response.status == 200
    [event] = await events_of(read_all, 1)
    assert (event["person"], event["name"]) == ("u:7", "Order Completed")
    there.stop.set()
    await running.pop()
    again = new_process("consumer")
    running.append(asyncio.create_task(run(again, consumer(settings(topics), again))))
    await producer.send_and_wait(table.CONVERSIONS_RAW.name, orjson.dumps({**call, "messageId": "m-2"}))
    assert [each["id"] for each in await events_of(read_all, 2)] == ["m-1", "m-2"]
    assert len(await read_all(table.dead_letters("ingest"))) == 3
    for record in await read_all(table.EVENTS_CLEAN):
        ADAPTERS["events.clean"].validate_json(record.value)
    for each in (here, again):
        each.stop.set()
    await asyncio.gather(*running, producer.stop())
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, AIOKafkaConnection) and each.connected()]
