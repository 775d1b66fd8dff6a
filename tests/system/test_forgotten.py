"""What is held of one of a household is exported whole and alone; once erased, no byte of it stays on the disk.

The real consumer and profile on a broker whose cleaner hurries; what later stages write is written as they do. After
the erasure the topics' times are set to seconds, which stands for the days that the receipt names.
"""

import asyncio
import json
import stat
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.local import kafka as local
from schemas import topics as table
from schemas.identity import address_key, derived_key, message_id_of, person_tag
from schemas.retention import AGE, LAG, SEGMENT, TOMBSTONES, Of, holding_of, settings_of
from schemas.topics import ALL, Topic
from services.cli.app import run
from services.console.holdings.shown import ShownHoldings
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_records import partition_of
from services.runtime.kafka_scan import Scanner
from services.runtime.kafka_topics import TopicsAdmin
from tests.brokers import SHORT_LIVED
from tests.system.conftest import ROOT, SECRET, Worker

pytestmark = pytest.mark.system
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
CANARY = {"ada": "Adacanaryword", "ben": "Bencanaryword"}
DECISION = {"ada": "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f", "ben": "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e01"}
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
        """The topics in whose files the word stands."""
        files = (self.broker.folder / "data").rglob("*")
        return {each.parent.name.rpartition("-")[0] for each in files if _holds(each, word.encode())}


def _holds(path: Path, word: bytes) -> bool:
    try:
        return path.is_file() and word in path.read_bytes()
    except FileNotFoundError:  # the broker has just taken it away
        return False


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[local.Broker]:
    """A broker that looks for what is to go several times a second."""
    made = local.Broker(tmp_path / "broker", local.free_port(), local.free_port(), SHORT_LIVED, HURRIED)
    process: subprocess.Popen[bytes] = local.spawn(made)
    local.wait_ready(process, made)
    yield made
    local.end(process)


@pytest.fixture
async def house(broker: local.Broker, tmp_path: Path) -> AsyncIterator[House]:
    """The consumer and the profile at it."""
    kafka = Kafka(broker.address)
    await _make_topics(kafka)
    made = House(broker, tmp_path, Publisher(kafka, "test"))
    await made.publisher.start()
    environment = {
        "KINDLING_KAFKA_BOOTSTRAP_SERVERS": broker.address, "KINDLING_SECRET": SECRET,
        "KINDLING_PROGRAM": str(ROOT / "examples" / "academy"), "KINDLING_PROFILE_DATA": str(tmp_path / "profile"),
    }  # fmt: skip
    for name, module in (("consumer", "services.ingest consumer"), ("profile", "services.profile")):
        made.workers.append(Worker(module, environment, tmp_path / f"{name}.log"))
        made.workers[-1].start()
    yield made
    await made.publisher.stop()
    for each in made.workers:
        if each.process is not None:
            each.kill()


async def _make_topics(kafka: Kafka) -> None:
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


async def _live(house: House, name: str) -> None:
    """Somebody of the household visits, becomes known, converts; later stages write what they write."""
    word, person, mail_id = CANARY[name], f"u:{name}", message_id_of(DECISION[name])
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
            "email": ADDRESS, "firstName": word, "consent": {"marketing": True, "text_version": "2026-01"},
        }},
    })  # fmt: skip
    await house.put(table.EVENTS_RAW, None, f'{{"userId": "{name}", "cut": "{word}'.encode())
    request = _example("recommendation.requests/conversion") | {"person": person, "decision_id": DECISION[name]}
    request["recipient"] = {"address": ADDRESS, "address_key": KEY, "name": word}
    await house.put(table.RECOMMENDATION_REQUESTS, person, request)
    recommendation = _example("recommendations/course") | {"request": request}
    await house.put(table.RECOMMENDATIONS, person, recommendation)
    decision = _example("decisions/sent") | {"person": person, "decision_id": DECISION[name], "message_id": mail_id}
    decision["reason"] = word
    decision["consent"] = {
        "basis": "consent",
        "purpose": "marketing",
        "proof": word,
        "captured_at": "2026-11-03T09:00:00Z",
    }
    await house.put(table.DECISIONS, f"{person}|{DECISION[name]}", decision)
    mail = _example("email.outbound/course") | {
        "person": person, "decision_id": DECISION[name], "message_id": mail_id, "person_tag": person_tag(person),
        "address_key": KEY, "to": {"address": ADDRESS, "name": word},
    }  # fmt: skip
    await house.put(table.EMAIL_OUTBOUND, person, mail)
    await house.put(table.LLM_REPLIES, "a" * 64, _example("llm.replies/answer") | {"person": person, "text": word},
                    partition_of(person.encode(), PARTITIONS))  # fmt: skip
    await house.put(table.EMAIL_FEEDBACK, None, _example("email.feedback/delivered") | {
        "id": f"f-{name}", "person_tag": person_tag(person), "message_id": mail_id, "source": word,
    })  # fmt: skip


def _example(name: str) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads((EXAMPLES / f"{name}.json").read_bytes())
    return read


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


Kindling = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def kindling(house: House, monkeypatch: pytest.MonkeyPatch) -> Kindling:
    """Runs a verb as it is typed; the lines of the file that it writes."""
    monkeypatch.setenv("KINDLING_KAFKA_BOOTSTRAP_SERVERS", house.broker.address)
    monkeypatch.setenv("KINDLING_SECRET", SECRET)

    async def typed(*words: str) -> list[dict[str, Any]]:
        path = house.folder / "out.jsonl"
        assert await asyncio.to_thread(run, [*words, "--out", str(path)]) == 0
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        return [json.loads(path.read_text())] if words[0] == "erase" else _lines(path)

    return typed


async def test_what_is_held_is_exported_and_ended(
    house: House, kindling: Kindling, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of a household is exported without the other, erased, not revived, and gone from every file."""
    for name in CANARY:
        await _live(house, name)
    await house.until(lambda values: all(_is_whole(values, name) for name in CANARY))
    exported = await kindling("export", "u:ada")
    _is_all_of_ada(exported)
    mailbox = await kindling("export", ADDRESS)
    assert {*mailbox[0]["persons"]} >= {"u:ada", "u:ben", "a:browser-ada", "a:browser-ben"}
    proof = await kindling("consents", "export", "u:ada")
    _is_proof_of_ada(proof)
    everybody = await kindling("consents", "export", "--all")
    assert {each.get("person") for each in everybody if each["line"] == "consent"} >= {"u:ada", "u:ben"}
    [receipt] = await kindling("erase", "u:ada", "--yes")
    _covers_ada(receipt)
    await house.put(table.CONVERSIONS_RAW, None, {
        "type": "track", "messageId": "late", "userId": "ada", "event": "Guide Downloaded",
    })  # fmt: skip
    await _hurry(house)
    await house.put(table.DECISIONS, "u:cy|1", _example("decisions/sent") | {"person": "u:cy"})
    await _gone(house)
    values = await house.values()
    assert {*values["u:ada"]} - {"v", "size", "events", "newest_ms"} == {"identity"}, (
        "the late one brought nothing back"
    )
    assert house.on_disk(CANARY["ben"]) >= {table.PROFILE_CHANGELOG.name, table.DECISIONS.name}
    after = await kindling("export", "u:ada")
    assert CANARY["ada"] not in json.dumps(after)
    shown = await ShownHoldings(Kafka(house.broker.address), SECRET.encode()).present("a:browser-ada")
    assert shown is not None
    assert (shown.person, [part.title for part in shown.parts]) == ("u:ada", ["Who they are"])
    [again] = await kindling("erase", "u:ada", "--yes")
    assert again["emptied"] == receipt["emptied"]
    await _has_ends_of_its_own(house, capsys)


def _is_whole(values: dict[str, Any], name: str) -> bool:
    """The browser's state has come to the person, and so has the name."""
    return CANARY[name] in json.dumps(values.get(f"u:{name}", {}).get("traits")) and (
        values.get(f"a:browser-{name}", {}).get("identity", {}).get("forward") == f"u:{name}"
    )


def _is_all_of_ada(lines: list[dict[str, Any]]) -> None:
    """Every topic that holds something of a person is there, with the person's own word, and nobody else's."""
    head, *records, end = lines
    assert (head["persons"], head["addresses"]) == (PERSONS, [ADDRESS])
    with_word = {each["topic"] for each in records if CANARY["ada"] in json.dumps(each["value"])}
    held = {topic.short for topic in ALL if holding_of(topic).of is Of.PERSON}
    never = {f"dlq.{stage}" for stage in ("profile", "recommender", "composer", "connector")}  # no letter was written
    assert held - never - {"privacy.requests"} - with_word <= {"profile.self"}  # which the word reaches by a link alone
    assert CANARY["ben"] not in json.dumps(records)
    assert '"u:ben"' not in json.dumps(lines)
    assert end["records"] == len(records) == sum(end["by_topic"].values())


def _is_proof_of_ada(lines: list[dict[str, Any]]) -> None:
    """The grant as it was heard, by whom and where, and as it stands."""
    given = [each for each in lines if each.get("says") in SAYS]
    assert {each["says"] for each in given} == SAYS
    assert {each["person"] for each in given} == {"u:ada"}
    heard = next(each for each in given if each["says"] == "given")
    assert (heard["speaker"], heard["event_id"], heard["came_at"]["topic"]) == ("server", "c-ada", "conversions.raw")


def _covers_ada(receipt: dict[str, Any]) -> None:
    assert receipt["persons"] == PERSONS
    assert [each["person"] for each in receipt["emptied"]] == ["u:ada"]
    assert receipt["decisions_tombstoned"] >= 1
    places = {each["place"]: each for each in receipt["places"]}
    assert {topic.short for topic in ALL if holding_of(topic).of in {Of.PERSON, Of.MAILBOX}} <= places.keys()
    assert not [each for each in places.values() if each["is_assumed"]]
    assert [each["place"] for each in receipt["places"] if "nothing bounds" in each["ends_by"]] == []


async def _has_ends_of_its_own(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody to erase is 1; a stage that does not answer is 75, says which, and the request stands."""
    assert await asyncio.to_thread(run, ["erase", "u:nobody", "--yes"]) == 1
    assert await asyncio.to_thread(run, ["erase", "--finish"]) == 0
    assert "erased persons: 1;" in capsys.readouterr().out
    for each in house.workers:
        each.kill()
    assert await asyncio.to_thread(run, ["erase", "u:ben", "--yes", "--wait", "1"]) == 75
    assert "profile has emptied 0 of 1 values" in capsys.readouterr().err


async def _hurry(house: House) -> None:
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


async def _gone(house: House) -> None:
    """Until no file has the word; others go on meanwhile, so that segments are closed."""
    async with asyncio.timeout(WITHIN_S):
        number = 0
        while house.on_disk(CANARY["ada"]):
            number += 1
            await house.put(table.CONVERSIONS_RAW, None, {
                "type": "track", "messageId": f"cy-{number}", "userId": "cy", "event": "Guide Downloaded",
            })  # fmt: skip
            await house.put(table.DECISIONS, f"u:cy|{number}", _example("decisions/sent") | {"person": "u:cy"})
