"""`kindling` against a real broker: topics, doctor, and what cannot be read."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.raw import Call
from schemas.topics import ALL, EVENTS_RAW
from services.cli.app import run
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
    assert _doctor(said)["topics"]["verdict"] == "fail"
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
    assert _doctor(said)["clock"]["verdict"] == "ok"
    assert said("suppressions", "list") == (0, [])


async def _sent(bootstrap: str) -> None:
    publisher = Publisher(Kafka(bootstrap), "test")
    await publisher.start()
    await publisher.send([Send(EVENTS_RAW, Call(type="track", messageId="m", userId="1", event="Guide Downloaded"))])
    await publisher.stop()


def _doctor(said: Said) -> dict[str, Any]:
    status, [*rows, _] = said("doctor")
    assert status == 1  # settings are missing here
    return {each["check"]: each for each in rows}
