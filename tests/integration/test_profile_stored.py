"""A changelog that the version before wrote: it is shown, gone on with, and written in today's shape."""

import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest
import yaml
from aiokafka import AIOKafkaProducer

from schemas.changelog_keys import home_key
from schemas.program import SendTime
from schemas.topics import EVENTS_CLEAN, PROFILE_CHANGELOG
from services.profile.core.mailbox import Mailbox, encode
from services.profile.pipeline import decode
from services.runtime.kafka_records import partition_of
from tests.conftest import PARTITIONS
from tests.integration.test_profile_logs import CHECKPOINT_KEY, ROOT, Profile, ReadAll

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
BEFORE = Path("tests/data/profile_values_v1.jsonl").read_bytes().splitlines()
LINKED, KNOWN = "u:3", "e:9f86d081884c7d659a2feaa0c55ad015"
HOME = "m:9f86d081884c7d659a2feaa0c55ad015"
SHOWN = f"""\
mailbox: {HOME}
refusals:
  complained: 2028-04-22 07:06:40 UTC
used by:
  u:0: 2028-04-22 07:06:40 UTC
"""
PERSONS = [*(f"u:{number}" for number in range(len(BEFORE) - 1)), KNOWN]
NOW = 1_840_000_000_000


async def _write(address: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, transactional_id="profile-of-before", acks="all")
    await producer.start()
    async with producer.transaction():
        for person, value in zip(PERSONS, BEFORE, strict=True):
            number = partition_of(person.encode(), PARTITIONS)
            await producer.send(PROFILE_CHANGELOG.name, value, key=person.encode(), partition=number)
    async with producer.transaction():
        value = encode(Mailbox(persons={"u:0": NOW}, refusals={"complained": NOW}))
        number = partition_of(HOME.encode(), PARTITIONS)
        await producer.send(PROFILE_CHANGELOG.name, value, key=home_key(HOME), partition=number)
        for number in range(PARTITIONS):
            await producer.send(PROFILE_CHANGELOG.name, b'{"offsets":{}}', key=CHECKPOINT_KEY, partition=number)
    for offset, person in enumerate(PERSONS):
        event = {
            "id": f"m-{offset}", "person": person, "kind": "page", "name": "Page", "path": "/blog/seo/x",
            "time_ms": NOW, "received_ms": NOW, "at": ["events.raw", 0, offset, 0], "trusted": False,
            "timezone": "Asia/Kolkata",
        }  # fmt: skip
        number = partition_of(person.encode(), PARTITIONS)
        async with producer.transaction():
            await producer.send(EVENTS_CLEAN.name, orjson.dumps({"v": 1, "events": [event]}), partition=number)
    await producer.stop()


async def _said(address: str, *words: str) -> tuple[int | None, str, str]:
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": address,
        "PROGRAM": str(ROOT / "examples" / "academy"),
        "SECRET": "a secret of the integration tests",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.profile", *words, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **{f"KINDLING_{name}": word for name, word in settings.items()}},
    )  # fmt: skip
    out, told = await process.communicate()
    return process.returncode, out.decode(), told.decode()


async def _show(address: str, *words: str) -> tuple[int | None, str, str]:
    return await _said(address, "show", *words)


async def test_changelog_of_the_version_before(topics: str, read_all: ReadAll, tmp_path: Path) -> None:
    """Shown beside no worker at all; then each person goes on where they stood, and is shown again."""
    await _write(topics)
    (status, shown, _), (_, raw, _), (nobody, _, told) = await asyncio.gather(
        _show(topics, PERSONS[0]), _show(topics, PERSONS[0], "--json"), _show(topics, "u:nobody")
    )
    assert await _said(topics, "hours") == (1, "", "of 0 persons whose hours and time zone are known\n")
    assert (status, shown.splitlines()[0]) == (0, f"person: {PERSONS[0]}")
    assert raw.encode().strip() == BEFORE[0]
    _, linked, where = await _show(topics, LINKED)
    assert (linked.splitlines()[0], where.strip()) == (f"person: {KNOWN}", f"{LINKED} was linked to {KNOWN}")
    (status, home, _), (no_home, _, _) = await asyncio.gather(_show(topics, HOME), _show(topics, f"{HOME[:-1]}0"))
    assert (status, home) == (0, SHOWN)
    assert no_home == nobody == 1
    assert "expected a person with a stored value" in told
    profile = Profile(topics, tmp_path, read_all)
    await profile.start()
    try:
        async with asyncio.timeout(60):
            while not _is_through(values := {each.key: each.value for each in await read_all(PROFILE_CHANGELOG)}):
                pass
        for person, before in zip(PERSONS, BEFORE, strict=True):
            now = values[person.encode()]
            assert orjson.loads(now)["v"] == 2
            is_here = "fwd" not in (of_before := orjson.loads(before)) and "gone" not in of_before
            assert decode(now).events == of_before["n"] + is_here
        _, again, _ = await _show(topics, PERSONS[0])
        assert f"events: {orjson.loads(BEFORE[0])['n'] + 1}" in again
        await _tells_the_hours(topics)
        await profile.stop()
    finally:
        profile.kill()


def _is_through(values: dict[bytes, bytes]) -> bool:
    """True once each person was touched, since an event is one of each."""
    return all(orjson.loads(values[person.encode()])["v"] == 2 for person in PERSONS)


async def _tells_the_hours(address: str) -> None:
    """Every hour of a week is a number of the line, which a playbook may hold as it stands."""
    status, line, _ = await _said(address, "hours")
    hours = SendTime.model_validate({"within_hours": 24, **yaml.safe_load(line)}).usual_hours
    assert (status, len(hours)) == (0, 168)
    event_hour = datetime.fromtimestamp(NOW / 1000, ZoneInfo("Asia/Kolkata"))
    assert hours[24 * event_hour.weekday() + event_hour.hour] > 1
