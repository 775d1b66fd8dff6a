"""Three persons at a hurried broker, two of one household: what they do, what stages write of it, and time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.local import kafka as local
from schemas import topics as table
from schemas.identity import address_key, derived_key, message_id_of, person_tag
from schemas.retention import AGE, LAG, SEGMENT, TOMBSTONES, Of, holding_of, settings_of
from schemas.topics import ALL, Topic
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_records import partition_of
from services.runtime.kafka_scan import Scanner
from services.runtime.kafka_topics import TopicsAdmin
from tests.system.conftest import ROOT, SECRET, Worker

PARTITIONS = 1  # so that whoever comes next closes the segment of who went
HURRIED = (
    "log.cleaner.backoff.ms=100", "log.retention.check.interval.ms=300", "log.initial.task.delay.ms=200",
    "log.segment.delete.delay.ms=100",
)  # fmt: skip
SOON = {SEGMENT: "1000", AGE: "1000", LAG: "1000", TOMBSTONES: "500"}
ADDRESS = "home@example.com"
KEY = address_key(derived_key(SECRET.encode(), "address"), ADDRESS)
PERSONS = ["a:browser-ada", f"e:{KEY}", "u:ada"]  # a server gave the address: who came first has its key too
EXAMPLES = ROOT / "schemas" / "examples"
CANARY = {"ada": "Adacanaryword", "ben": "Bencanaryword", "dee": "Deecanaryword"}
DECISION = {
    "ada": "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f",
    "ben": "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e01",
    "dee": "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e02",
}
WITHIN_S = 30
SAYS = {"given", "stands", "relied_on"}


@dataclass
class House:
    """The broker, who runs at it, and what the test knows of it."""

    broker: local.Broker
    folder: Path
    publisher: Publisher
    workers: list[Worker] = field(default_factory=list)

    async def put(self, topic: Topic, key: str | None, value: Any, partition: int | None = None) -> None:
        """One record, an object as JSON."""
        raw = value if isinstance(value, bytes) else orjson.dumps(value)
        await self.publisher.send_raw(topic, None if key is None else key.encode(), raw, partition)

    async def values(self) -> dict[str, Any]:
        """The profile's last value of each person."""
        found: dict[str, Any] = {}
        async with Scanner(Kafka(self.broker.address), lambda _: None) as scanner:
            async for record in scanner.records(table.PROFILE_CHANGELOG):
                if (record.key or b"\0") >= b" " and record.value:
                    found[(record.key or b"").decode()] = orjson.loads(record.value)
        return found

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The profile's values, once this holds of them."""
        async with asyncio.timeout(WITHIN_S):
            while not holds(found := await self.values()):
                pass
        return found

    def on_disk(self, word: str) -> set[str]:
        """The topics in whose files the word stands; looked at anew where the broker renamed one meanwhile."""
        while True:
            try:
                files = [each for each in (self.broker.folder / "data").rglob("*") if each.is_file()]
                return {each.parent.name.rpartition("-")[0] for each in files if word.encode() in each.read_bytes()}
            except FileNotFoundError:
                continue


async def make_topics(kafka: Kafka) -> None:
    """All of them; one stands already, as a version of before made it, and is bounded by the same act."""
    maker, admin = kafka.admin(), TopicsAdmin(kafka)
    await maker.start()
    before = {"cleanup.policy": table.DECISIONS.cleanup, AGE: str(table.DECISIONS.retention_ms)}
    await maker.create_topics([NewTopic(table.DECISIONS.name, PARTITIONS, 1, topic_configs=before)])
    await maker.close()
    await admin.start()
    while not (plan := await admin.plan(PARTITIONS)).standing:
        pass  # it is acked before the broker hears of it
    assert plan.unbounded == (table.DECISIONS,)
    await admin.apply(plan, 1)
    found = (await admin.settings([table.DECISIONS]))[table.DECISIONS.name]
    assert settings_of(table.DECISIONS).items() <= found.items()
    assert found[AGE] == before[AGE]
    await admin.stop()


async def live(house: House, name: str) -> None:
    """Somebody visits, becomes known, converts; later stages write what they write."""
    word, person, mail_id = CANARY[name], f"u:{name}", message_id_of(DECISION[name])
    address = ADDRESS if name != "dee" else "dee@example.com"
    key = address_key(derived_key(SECRET.encode(), "address"), address)
    await house.put(table.EVENTS_RAW, None, {
        "type": "page", "messageId": f"p-{name}", "anonymousId": f"browser-{name}", "name": word,
        "properties": {"title": word, "path": "/x"},
    })  # fmt: skip
    await house.put(table.EVENTS_RAW, None, {
        "type": "identify", "messageId": f"i-{name}", "anonymousId": f"browser-{name}", "userId": name,
    })  # fmt: skip
    await house.put(table.CONVERSIONS_RAW, None, {
        "type": "track", "messageId": f"c-{name}", "userId": name, "event": "Guide Downloaded",
        "properties": {"title": word}, "context": {"traits": {
            "email": address, "firstName": word, "consent": {"marketing": True, "text_version": "2026-01"},
        }},
    })  # fmt: skip
    await house.put(table.EVENTS_RAW, None, f'{{"userId": "{name}", "cut": "{word}'.encode())
    request = example("recommendation.requests/conversion") | {"person": person, "decision_id": DECISION[name]}
    request["recipient"] = {"address": address, "address_key": key, "name": word}
    await house.put(table.RECOMMENDATION_REQUESTS, person, request)
    recommendation = example("recommendations/course") | {"request": request}
    await house.put(table.RECOMMENDATIONS, person, recommendation)
    decision = example("decisions/sent") | {"person": person, "decision_id": DECISION[name], "message_id": mail_id}
    decision["reason"] = word
    decision["consent"] = {
        "basis": "consent",
        "purpose": "marketing",
        "proof": word,
        "captured_at": "2026-11-03T09:00:00Z",
    }
    await house.put(table.DECISIONS, f"{person}|{DECISION[name]}", decision)
    mail = example("email.outbound/course") | {
        "person": person, "decision_id": DECISION[name], "message_id": mail_id, "person_tag": person_tag(person),
        "address_key": key, "to": {"address": address, "name": word},
    }  # fmt: skip
    await house.put(table.EMAIL_OUTBOUND, person, mail)
    await house.put(table.LLM_REPLIES, "a" * 64, example("llm.replies/answer") | {"person": person, "text": word},
                    partition_of(person.encode(), PARTITIONS))  # fmt: skip
    await house.put(table.EMAIL_FEEDBACK, None, example("email.feedback/delivered") | {
        "id": f"f-{name}", "person_tag": person_tag(person), "message_id": mail_id, "source": word,
    })  # fmt: skip


def example(name: str) -> dict[str, Any]:
    """A published example of a topic's record."""
    read: dict[str, Any] = orjson.loads((EXAMPLES / f"{name}.json").read_bytes())
    return read


async def hurry(house: House) -> None:
    """Set the times of each topic that holds somebody to seconds: what the table sets to days."""
    client = Kafka(house.broker.address).admin()
    await client.start()
    for topic in ALL:
        wanted = {name: value for name, value in SOON.items() if name != AGE or topic.cleanup == "delete"}
        of_topic = {"cleanup.policy": topic.cleanup, **wanted}
        if topic.retention_ms is not None and topic.cleanup != "delete":
            of_topic[AGE] = str(topic.retention_ms)
        if holding_of(topic).of in {Of.PERSON, Of.MAILBOX}:
            await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, of_topic)])
    await client.close()
