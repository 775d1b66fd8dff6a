"""Both commands of ingest on the real broker."""

import asyncio
import base64
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import orjson
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.conn import AIOKafkaConnection
from aiokafka.record.util import calc_crc32c

from schemas import topics as table
from schemas.topics import ADAPTERS, Topic
from services.ingest.__main__ import _keys, collector, consumer
from services.ingest.adapters import kafka_batches
from services.ingest.adapters.kafka_batches import KafkaBatches, Reading
from services.ingest.settings import IngestSettings
from services.runtime.kafka_clients import Kafka
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


ACTED = [("choice", "u:7"), ("privacy", "e:k"), ("privacy", "u:7")]


async def act_by_link(bootstrap: str, port: int) -> None:
    """Pause, and be forgotten, on the page behind a mail's link."""
    page = f"http://127.0.0.1:{port}/u/" + _keys(settings(bootstrap)).seal.seal(("mail", "u:7", "k", "news", "en"))
    async with aiohttp.ClientSession() as session:
        for act in ("pause", "forget"):
            async with session.post(f"{page}/{act}", data={"sure": "yes"}) as response:
                assert response.status == 200


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

    So does what a person does on the page behind a mail's link. What has ended has closed every connection.
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
    where = {"timezone": "Europe/Madrid", "location": {"country": "ES"}}
    call = {"type": "track", "event": "purchase", "userId": "7", "messageId": "m-1", "context": where}
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{unused_tcp_port}/v1/track"
        async with session.post(url, json=call, headers=BASIC) as response:
            assert response.status == 200
    [event] = await events_of(read_all, 1)
    assert (event["person"], event["name"]) == ("u:7", "Order Completed")
    assert (event["timezone"], event["country"]) == ("Europe/Madrid", "ES")
    there.stop.set()
    await running.pop()
    again = new_process("consumer")
    running.append(asyncio.create_task(run(again, consumer(settings(topics), again))))
    await producer.send_and_wait(table.CONVERSIONS_RAW.name, orjson.dumps({**call, "messageId": "m-2"}))
    assert [each["id"] for each in await events_of(read_all, 2)] == ["m-1", "m-2"]
    await act_by_link(topics, unused_tcp_port)
    came = await events_of(read_all, 5)
    chosen = [(each["kind"], each["person"]) for each in came if each["speaker"] == "signed_link"]
    assert sorted(chosen) == ACTED
    refused = [orjson.loads(record.value)["reason"] for record in await read_all(table.EMAIL_SUPPRESSIONS)]
    assert set(refused) == {"erased"}
    assert len(await read_all(table.dead_letters("ingest"))) == 3
    for record in await read_all(table.EVENTS_CLEAN):
        ADAPTERS["events.clean"].validate_json(record.value)
    for each in (here, again):
        each.stop.set()
    await asyncio.gather(*running, producer.stop())
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, AIOKafkaConnection) and each.connected()]


async def test_headers_that_no_client_of_ours_writes_pass_by(topics: str, read_all: ReadAll) -> None:
    """A null one, and a name that is no UTF-8: a call is packed, poison is a dead letter, the next record arrives."""
    producer = AIOKafkaProducer(bootstrap_servers=topics)
    await producer.start()
    call = {"type": "track", "event": "purchase", "userId": "7"}
    values = [orjson.dumps({**call, "messageId": "m-1"}), orjson.dumps({**call, "messageId": "m-2"}), b"{", b"]"]
    names = ["traceparent", "odd-name", "odd-name", "traceparent"]
    for value, name in zip(values, names, strict=True):
        await _send_odd(producer, value, name)
    process = new_process("consumer")
    running = asyncio.create_task(run(process, consumer(settings(topics), process)))
    await producer.send_and_wait(table.EVENTS_RAW.name, orjson.dumps({**call, "messageId": "m-3"}), partition=0)
    assert [each["id"] for each in await events_of(read_all, 3)] == ["m-1", "m-2", "m-3"]
    letters = [dict(each.headers) for each in await read_all(table.dead_letters("ingest"))]
    assert {each["kindling_offset"]: each for each in letters}[b"2"]["\\xffdd-name"] == b""
    assert {each["kindling_offset"] for each in letters} == {b"2", b"3"}
    process.stop.set()
    await asyncio.gather(running, producer.stop())


async def test_an_offset_follows_markers_beside_a_busy_partition(topics: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that was taken back is all that a partition holds; each take has a record of another one."""
    monkeypatch.setattr(kafka_batches, "MARKERS_S", 0.0)
    quiet, kafka = TopicPartition(table.EMAIL_FEEDBACK.name, 0), Kafka(topics)
    torn, busy = kafka.producer(transactional_id="torn"), kafka.producer()
    member, batches = (
        kafka.member("a group"),
        KafkaBatches(kafka, Reading("a group", (table.EVENTS_RAW, table.EMAIL_FEEDBACK))),
    )
    await asyncio.gather(torn.start(), busy.start(), member.start(), batches.start())
    member.assign([quiet])
    await torn.begin_transaction()
    await torn.send_and_wait(quiet.topic, b"{}", partition=quiet.partition)
    await torn.abort_transaction()
    async with asyncio.timeout(60):
        while await member.committed(quiet) != 2:
            await busy.send_and_wait(table.EVENTS_RAW.name, b"{}", partition=0)
            while not (taken := await batches.take()):
                pass
            await batches.done(taken)
    await asyncio.gather(torn.stop(), busy.stop(), member.stop(), batches.stop(), return_exceptions=True)


async def _send_odd(producer: AIOKafkaProducer, value: bytes, name: str) -> None:
    """A record with a null header; of an odd name the first letter becomes a byte that begins no UTF-8."""
    made = producer.create_batch()
    made.append(key=None, value=value, timestamp=None, headers=[(name, None)])
    raw = made._build()
    if name == "odd-name":
        raw[:] = raw.replace(b"odd-name", b"\xffdd-name")
        raw[17:21] = calc_crc32c(bytes(raw[21:])).to_bytes(4, "big")
    await (await producer.send_batch(made, table.EVENTS_RAW.name, partition=0))
