"""`reconcile` over the topics of a real broker."""

import asyncio
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.aside import Aside
from schemas.codec import decode, encode
from schemas.decision import Decision
from schemas.email import OutboundEmail
from schemas.raw import Call
from schemas.topics import ASIDE_CONNECTOR, CONVERSIONS_RAW, DECISIONS, EMAIL_OUTBOUND, EVENTS_CLEAN
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.batch import batch_of
from services.ingest.core.source import keys_of
from services.ingest.core.window import Windows
from services.runtime.fake_seal import FakeSeal
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "schemas" / "examples"


def _call(message: str) -> Call:
    return Call(type="track", messageId=message, userId="10432", event="Guide Downloaded")


async def test_reconcile_finds_what_has_no_end(topics: str) -> None:
    """Of two conversions the one without a decision, and the mail nobody spoke of; one set aside is no failing."""
    decision = Decision.model_validate_json((EXAMPLES / "decisions" / "pinned.json").read_bytes())
    mail = OutboundEmail.model_validate_json((EXAMPLES / "email.outbound" / "course.json").read_bytes())
    trigger = decision.trigger.model_copy(update={"event_id": "ended", "playbook": "guide"})
    now = int(time.time() * 1000)
    record = FakeRecord(CONVERSIONS_RAW.name, 0, 0, encode(CONVERSIONS_RAW, _call("lost")), timestamp=now)
    [pack] = batch_of([record], keys_of(b"a secret of a test", FakeSeal()), Windows(10), lambda _: 0).packs
    publisher = Publisher(Kafka(topics), "test")
    await publisher.start()
    await publisher.send([Send(CONVERSIONS_RAW, _call(each)) for each in ("ended", "lost")])
    await publisher.send([Send(DECISIONS, decision.model_copy(update={"trigger": trigger}))])
    await publisher.send([Send(EVENTS_CLEAN, decode(EVENTS_CLEAN, pack.value), 0)])
    await publisher.send([Send(EMAIL_OUTBOUND, mail)])
    await publisher.stop()

    environment = {
        "KINDLING_KAFKA_BOOTSTRAP_SERVERS": topics, "KINDLING_PROGRAM": str(ROOT / "examples" / "academy"),
    }  # fmt: skip

    def reconcile(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "services.console", "reconcile", *words], cwd=ROOT, capture_output=True, text=True,
            env=environment, timeout=120, check=False,
        )  # fmt: skip

    found = await asyncio.to_thread(reconcile, "--older-than", "0s", "--mails-older-than", "0s", "--json")
    assert found.returncode == 1, found.stderr
    listed = [json.loads(line) for line in found.stdout.splitlines()]
    assert [(each["what"], each["state"], each["id"]) for each in listed] == [
        ("conversion", "open", "lost"), ("mail", "silent", mail.message_id),
    ]  # fmt: skip
    assert mail.to.address not in found.stdout
    partition, offset = map(int, listed[1]["at"].split("/")[1:])
    pointer = Aside(
        topic=EMAIL_OUTBOUND.name, partition=partition, offset=offset, due=datetime.now(UTC) + timedelta(hours=1),
        tries=1, reason="greylisted", since=datetime.now(UTC),
    )  # fmt: skip
    publisher = Publisher(Kafka(topics), "test")
    await publisher.start()
    await publisher.send([Send(ASIDE_CONNECTOR, pointer, partition)])
    await publisher.stop()
    waiting = await asyncio.to_thread(reconcile, "--mails-older-than", "0s", "--json")
    assert waiting.returncode == 0, waiting.stderr
    assert [json.loads(line)["state"] for line in waiting.stdout.splitlines()] == ["aside"]
    young = await asyncio.to_thread(reconcile)
    assert (young.returncode, young.stdout) == (0, ""), young.stderr
    await _measures_better_hours(topics, environment)


async def _measures_better_hours(topics: str, environment: dict[str, str]) -> None:
    """A decision whose hour was looked for is told of with its group."""
    nothing = await asyncio.to_thread(_measured, environment)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    control = Decision.model_validate_json((EXAMPLES / "decisions" / "send_time.json").read_bytes())
    publisher = Publisher(Kafka(topics), "test")
    await publisher.start()
    await publisher.send([Send(DECISIONS, control.model_copy(update={"ending": "sent"}))])
    await publisher.stop()
    some = await asyncio.to_thread(_measured, environment)
    assert some.returncode == 0, some.stderr
    [line] = map(json.loads, some.stdout.splitlines())
    assert (line["experiment"], line["group"], line["triggers"], line["mails"]) == ("reading-hours", "control", 1, 1)


def _measured(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "services.console", "decision", "send-time", "--json"], cwd=ROOT, capture_output=True,
        text=True, env=environment, timeout=120, check=False,
    )  # fmt: skip
