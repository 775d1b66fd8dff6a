"""What is held of one of a household is exported whole and alone; once erased, no byte of it stays on the disk.

The real consumer and profile on a broker whose cleaner hurries; what later stages write is written as they do. After
the erasure the topics' times are set to seconds, which stands for the days that the receipt names.
"""

import asyncio
import json
import stat
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local import kafka as local
from deploy.local.ports import free_port
from schemas import topics as table
from schemas.retention import Of, holding_of
from schemas.topics import ALL
from services.cli.app import run
from services.console.holdings.shown import ShownHoldings
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from tests.brokers import SHORT_LIVED
from tests.system.conftest import ROOT, SECRET, Worker
from tests.system.forgotten_house import (
    ADDRESS,
    CANARY,
    HURRIED,
    PERSONS,
    SAYS,
    WITHIN_S,
    House,
    example,
    hurry,
    live,
    make_topics,
)

pytestmark = pytest.mark.system


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[local.Broker]:
    """A broker that looks for what is to go several times a second."""
    made = local.Broker(tmp_path / "broker", free_port(), free_port(), SHORT_LIVED, HURRIED)
    process: subprocess.Popen[bytes] = local.spawn(made)
    local.wait_ready(process, made)
    yield made
    local.end(process)


@pytest.fixture
async def house(broker: local.Broker, tmp_path: Path) -> AsyncIterator[House]:
    """The consumer and the profile at it."""
    kafka = Kafka(broker.address)
    await make_topics(kafka)
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
        await live(house, name)
    await house.until(lambda values: all(_is_whole(values, name) for name in CANARY))
    exported = await kindling("export", "u:ada")
    _is_all_of_ada(exported)
    mailbox = await kindling("export", ADDRESS)
    assert {*mailbox[0]["persons"]} >= {"u:ada", "u:ben", "a:browser-ada", "a:browser-ben"}
    homes = [each["value"] for each in mailbox if each.get("topic") == "profile.changelog" and "m:" in each["key"]]
    assert [{*each["persons"]} for each in homes] == [{"u:ada", "u:ben"}], "whom the mailbox's home knows"
    proof = await kindling("consents", "export", "u:ada")
    _is_proof_of_ada(proof)
    everybody = await kindling("consents", "export", "--all")
    assert {each.get("person") for each in everybody if each["line"] == "consent"} >= {"u:ada", "u:ben"}
    [receipt] = await kindling("erase", "u:ada", "--yes")
    _covers_ada(receipt)
    await house.put(table.CONVERSIONS_RAW, None, {
        "type": "track", "messageId": "late", "userId": "ada", "event": "Guide Downloaded",
    })  # fmt: skip
    await hurry(house)
    await house.put(table.DECISIONS, "u:cy|1", example("decisions/sent") | {"person": "u:cy"})
    await _gone(house)
    values = await house.values()
    assert {*values["u:ada"]} - {"v", "size", "events", "newest_ms"} == {"identity"}, (
        "the late one brought nothing back"
    )
    assert house.on_disk(CANARY["dee"]) >= {table.PROFILE_CHANGELOG.name, table.DECISIONS.name}
    after = await kindling("export", "u:ada")
    assert CANARY["ada"] not in json.dumps(after)
    shown = await ShownHoldings(Kafka(house.broker.address), SECRET.encode()).present("a:browser-ada")
    assert shown is not None
    assert (shown.person, [part.title for part in shown.parts]) == ("u:ada", ["Who they are"])
    [again] = await kindling("erase", "u:ada", "--yes")
    assert again["emptied"] == receipt["emptied"][:1], "who was erased before is not erased anew"
    [other] = await kindling("erase", "dee@example.com", "--yes")
    assert [each["person"] for each in other["emptied"]] == ["u:dee"]
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
    assert receipt["persons"] == sorted([*PERSONS, "a:browser-ben", "u:ben"])
    assert [each["person"] for each in receipt["emptied"]] == ["u:ada", "u:ben"]
    assert receipt["decisions_tombstoned"] >= 1
    places = {each["place"]: each for each in receipt["places"]}
    assert {topic.short for topic in ALL if holding_of(topic).of in {Of.PERSON, Of.MAILBOX}} <= places.keys()
    assert not [each for each in places.values() if each["is_assumed"]]
    assert [each["place"] for each in receipt["places"] if "nothing bounds" in each["ends_by"]] == []


async def _has_ends_of_its_own(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody to erase is 1; a stage that does not answer is 75, says which, and the request stands."""
    assert await asyncio.to_thread(run, ["erase", "u:nobody", "--yes"]) == 1
    assert await asyncio.to_thread(run, ["erase", "--finish"]) == 0
    assert "erased persons: 3;" in capsys.readouterr().out
    for each in house.workers:
        each.kill()
    assert await asyncio.to_thread(run, ["erase", "u:cy", "--yes", "--wait", "1"]) == 75
    assert "profile has emptied 0 of 1 values" in capsys.readouterr().err


async def _gone(house: House) -> None:
    """Until no file has the word; others go on meanwhile, so that segments are closed."""
    async with asyncio.timeout(WITHIN_S):
        number = 0
        while house.on_disk(CANARY["ada"]) | house.on_disk(CANARY["ben"]):
            number += 1
            await house.put(table.CONVERSIONS_RAW, None, {
                "type": "track", "messageId": f"cy-{number}", "userId": "cy", "event": "Guide Downloaded",
            })  # fmt: skip
            await house.put(table.DECISIONS, f"u:cy|{number}", example("decisions/sent") | {"person": "u:cy"})
