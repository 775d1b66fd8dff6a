"""`kindling` against a real broker: topics, doctor, and what cannot be read."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from schemas.dead_letter import dead_letter
from schemas.raw import Call
from schemas.topics import ALL, EMAIL_OUTBOUND, EVENTS_RAW
from services.cli.app import run
from services.ingest.adapters.fake_records import FakeRecord
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send

pytestmark = pytest.mark.kafka
Said = Callable[..., tuple[int, list[Any]]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Said:
    """The status of a call, and its lines of JSON."""
    for name in [each for each in os.environ if each.startswith(("KINDLING_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, list[Any]]:
        status = run([*words, "--json"])
        heard = capfd.readouterr()
        assert heard.err == ""
        return status, [json.loads(each) for each in heard.out.splitlines()]

    return call


def test_topics_are_made_and_then_nothing_differs(broker: Any, monkeypatch: pytest.MonkeyPatch, said: Said) -> None:
    """Plan names what is missing, apply makes it, doctor and plan find it as the table says; nothing is unreadable.

    The rights are the broker's own word, without an authorizer all of them; its clock shows by the newest record.
    """
    monkeypatch.setenv("KINDLING_KAFKA_BOOTSTRAP_SERVERS", broker.address)
    status, [planned] = said("topics", "plan")
    assert (status, len(planned["missing"]), planned["stand"]) == (0, len(ALL), 0)
    bare = asyncio.run(_stands(broker.address))
    assert _doctor(said)["topics"]["verdict"] == "fail"
    assert asyncio.run(_stands(broker.address)) == bare
    status, [applied] = said("topics", "apply", "--partitions", "4")
    assert (status, applied["is_applied"], len(applied["missing"])) == (0, True, len(ALL))
    status, [planned] = said("topics", "plan", "--partitions", "4")
    assert (status, planned["missing"], planned["undated"], planned["stand"]) == (0, [], [], len(ALL))
    found = _doctor(said)
    assert {each: found[each]["verdict"] for each in ("broker", "topics", "retention", "rights")} == {
        "broker": "ok", "topics": "ok", "retention": "ok", "rights": "ok",
    }  # fmt: skip
    assert found["topics"]["seen"] == f"{len(ALL)} stand as the table says, P = 4"
    assert found["consumer groups"]["verdict"] == "warn"
    assert "no record" in found["clock"]["seen"]
    asyncio.run(_sent(broker.address))
    filled = asyncio.run(_stands(broker.address))
    assert _doctor(said)["clock"]["verdict"] == "ok"
    assert asyncio.run(_stands(broker.address)) == filled
    assert (filled.groups, any(filled.ends.values())) == ({"a group": 1}, True)
    assert said("suppressions", "list") == (0, [])
    _mail_is_held_and_let_go(said)
    asyncio.run(_refused(broker.address))
    _letters_go_back_once(said)


@dataclass(frozen=True, slots=True)
class Stands:
    """All that a broker holds: where each partition of each topic ends, and the committed offsets of each group."""

    ends: Mapping[TopicPartition, int]
    groups: Mapping[str, int]


async def _stands(address: str) -> Stands:
    """What the broker holds now, its own topics among it."""
    kafka = Kafka(address)
    admin, reader = kafka.admin(), kafka.reader()
    await admin.start()
    await reader.start()
    try:
        described = await admin.describe_topics()
        every = [TopicPartition(each["topic"], part["partition"]) for each in described for part in each["partitions"]]
        groups = {}
        for name, _ in await admin.list_consumer_groups():
            offsets = await admin.list_consumer_group_offsets(name)
            groups[name] = sum(each.offset for each in offsets.values())
        return Stands(await reader.end_offsets(every) if every else {}, groups)
    finally:
        await reader.stop()
        await admin.close()


def _mail_is_held_and_let_go(said: Said) -> None:
    """A pause tells who and why, is told by `status` with 1, and is not set twice."""
    assert said("pause", "status")[0] == 0
    status, [paused] = said("pause", "mail", "--by", "an operator", "--why", "a wrong price")
    assert (status, paused["is_new"], paused["is_paused"], paused["by"]) == (0, True, True, "an operator")
    assert said("pause", "mail", "--by", "another")[1][0]["is_new"] is False
    status, [told] = said("pause", "status")
    assert (status, told["is_paused"], told["said"]["why"]) == (1, True, "a wrong price")
    assert [each["stage"] for each in told["held"]] == ["composer", "connector"]
    assert said("resume", "mail")[1][0]["is_paused"] is False
    assert said("pause", "status")[0] == 0


def _letters_go_back_once(said: Said) -> None:
    """Listed, shown, tried dry, sent; a second run says why nothing is sent."""
    status, [letter, total] = said("dlq", "list", "--stage", "connector")
    assert (status, letter["reason"], letter["bar"], total["sum"][0]["letters"]) == (0, "undecodable", None, 1)
    assert said("dlq", "list", "--until", "2020-01-01")[1] == [{"sum": []}]
    status, [shown] = said("dlq", "show", "connector", letter["at"])
    assert (status, shown["value"], shown["reads"][:15]) == (0, "broken", "does not decode")
    status, [*_, total] = said("dlq", "redrive", "--all", "--dry-run")
    assert (status, total["sum"]) == (0, {"sent": 1, "barred": {}, "is_dry_run": True})
    status, [*_, total] = said("dlq", "redrive", "--stage", "connector", "--at", letter["at"])
    assert (status, total["sum"]["sent"]) == (0, 1)
    status, [again, total] = said("dlq", "redrive", "--all")
    assert (status, again["bar"], total["sum"]["barred"]) == (1, "already_redriven", {"already_redriven": 1})


async def _sent(bootstrap: str) -> None:
    publisher = Publisher(Kafka(bootstrap), "test")
    await publisher.start()
    await publisher.send([Send(EVENTS_RAW, Call(type="track", messageId="m", userId="1", event="Guide Downloaded"))])
    await publisher.stop()
    member = Kafka(bootstrap).member("a group")
    place = TopicPartition(EVENTS_RAW.name, 0)
    await member.start()
    member.assign([place])
    await member.commit({place: 1})
    await member.stop()


async def _refused(bootstrap: str) -> None:
    """A dead letter, as a connector makes it of a record that nobody can read."""
    letter = dead_letter("connector", FakeRecord(EMAIL_OUTBOUND.name, 1, 0, b"broken"), "undecodable", "no JSON")
    producer = Kafka(bootstrap).producer()
    await producer.start()
    await producer.send_and_wait(letter.topic.name, letter.value, letter.key, headers=[*letter.headers])
    await producer.stop()


def _doctor(said: Said) -> dict[str, Any]:
    status, [*rows, _] = said("doctor")
    assert status == 1  # settings are missing here
    return {each["check"]: each for each in rows}
