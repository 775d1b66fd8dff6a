"""The profile's worker on inputs that are not what they were: deleted unread, aged out, made anew."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from schemas.topics import EVENTS_CLEAN, PROFILE_CHANGELOG, PROFILE_SELF, Topic
from services.profile.pipeline import decode
from services.runtime.errors import Status
from services.runtime.kafka_records import partition_of
from tests.conftest import PARTITIONS

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]
ROOT = Path(__file__).parents[2]
ReadAll = Callable[[Topic], Awaitable[list[Any]]]
NOW = 1_795_500_000_000
CHECKPOINT_KEY = b"\0applied"
ENDS_WITHIN_S = 60
KNOWN = next(each for each in map("u:{}".format, range(99)) if partition_of(each.encode(), PARTITIONS) == 0)


class Profile:
    """The service as a process, on one folder and one broker."""

    def __init__(self, address: str, folder: Path, read_all: ReadAll) -> None:
        self._address, self._folder, self._read_all = address, folder, read_all
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, **settings: str) -> None:
        """Start it; what it says goes to a file."""
        words = {
            "KAFKA_BOOTSTRAP_SERVERS": self._address, "PROFILE_DATA": str(self._folder / "data"),
            "PROGRAM": str(ROOT / "examples" / "academy"), "SECRET": "a secret of the integration tests", **settings,
        }  # fmt: skip
        with (self._folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "services.profile", cwd=ROOT, stdout=log, stderr=log,
                env={**os.environ, **{f"KINDLING_{name}": word for name, word in words.items()}},
            )  # fmt: skip

    async def status(self) -> int:
        """How it ends."""
        assert self._process is not None
        async with asyncio.timeout(ENDS_WITHIN_S):
            return await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM; it ends in order."""
        assert self._process is not None
        self._process.terminate()
        assert await self.status() == 0, self.said

    async def until(self, is_there: Callable[[dict[str, Any], int], bool]) -> None:
        """Run until the last checkpoint of partition 0, and how many events were folded there, are so."""
        assert self._process is not None
        async with asyncio.timeout(ENDS_WITHIN_S):
            while True:
                records = await self._read_all(PROFILE_CHANGELOG)
                values = {each.key: each.value for each in records if each.partition == 0}
                checkpoint = orjson.loads(values.pop(CHECKPOINT_KEY, b"{}"))
                if is_there(checkpoint, sum(decode(each).events for each in values.values())):
                    return
                assert self._process.returncode is None, self.said

    def kill(self) -> None:
        """Leave nothing behind."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    @property
    def said(self) -> str:
        """The end of its log."""
        return (self._folder / "log").read_text()[-3_000:]


@pytest.fixture
async def profile(topics: str, tmp_path: Path, read_all: ReadAll) -> AsyncIterator[Profile]:
    """Not started yet."""
    made = Profile(topics, tmp_path, read_all)
    yield made
    made.kill()


@pytest.fixture
async def admin(topics: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Deletes records and topics."""
    client = AIOKafkaAdminClient(bootstrap_servers=topics)
    await client.start()
    yield client
    await client.close()


async def _feed(address: str, first: int, count: int, **over: Any) -> None:
    """Packs of one event each, all in partition 0; the coordinates count on."""
    producer = AIOKafkaProducer(bootstrap_servers=address)
    await producer.start()
    try:
        for number in range(first, first + count):
            event = {
                "id": f"m-{number}", "person": "a:ana", "kind": "page", "name": "Page", "time_ms": NOW,
                "received_ms": NOW, "at": ["events.raw", 0, number, 0], "trusted": False, **over,
            }  # fmt: skip
            pack = orjson.dumps({"v": 1, "events": [event]})
            await producer.send_and_wait(EVENTS_CLEAN.name, pack, partition=0)
    finally:
        await producer.stop()


def _done(topic: Topic, offset: int) -> Callable[[dict[str, Any], int], bool]:
    return lambda checkpoint, _: checkpoint.get("offsets", {}).get(topic.short, -1) >= offset


async def _delete_all(admin: AIOKafkaAdminClient, *topics: Topic) -> None:
    await admin.delete_records(
        {TopicPartition(each.name, number): RecordsToDelete(-1) for each in topics for number in range(PARTITIONS)}
    )


async def test_inputs_that_were_read_and_aged_out_are_no_gap(
    profile: Profile, topics: str, admin: AIOKafkaAdminClient
) -> None:
    """The marker behind the last record of `profile.self` is gone too; the next start goes on, and is not behind."""
    await profile.start()
    await _feed(topics, 0, 1)
    await _feed(topics, 1, 1, kind="linked", name="identity.linked", link=KNOWN)
    await profile.until(_done(PROFILE_SELF, 0))
    await profile.stop()
    await _delete_all(admin, EVENTS_CLEAN, PROFILE_SELF)
    await profile.start()
    await _feed(topics, 2, 1)
    await profile.until(_done(EVENTS_CLEAN, 2))
    await profile.stop()


async def test_packs_deleted_before_they_were_read_stop_the_worker(
    profile: Profile, topics: str, admin: AIOKafkaAdminClient
) -> None:
    """Nothing is left to read, so that no record could tell: 76 at takeover; accepted once, it goes on."""
    await profile.start()
    await _feed(topics, 0, 2)
    await profile.until(_done(EVENTS_CLEAN, 1))
    await profile.stop()
    await _feed(topics, 2, 3)
    await _delete_all(admin, EVENTS_CLEAN)
    await profile.start()
    assert await profile.status() == Status.GAP
    assert "offsets 2 to 4 are gone unread" in profile.said
    await profile.start(PROFILE_ACCEPT_GAP="true")
    await profile.until(lambda checkpoint, _: EVENTS_CLEAN.short not in checkpoint["offsets"])
    await profile.stop()
    await profile.start()
    await _feed(topics, 5, 1)
    await profile.until(_done(EVENTS_CLEAN, 5))
    await profile.stop()


async def _make_anew(admin: AIOKafkaAdminClient, topic: Topic) -> None:
    """The topic deleted, and made again as soon as the broker lets it be."""
    await admin.delete_topics([topic.name])
    async with asyncio.timeout(60):
        while topic.name in await admin.list_topics():
            await asyncio.sleep(0)
        while True:
            answer = await admin.create_topics([NewTopic(topic.name, PARTITIONS, 1)])
            if answer.topic_errors[0][1] == 0:
                return


async def test_a_topic_made_anew_that_grew_past_the_position_stops_the_worker(
    profile: Profile, topics: str, admin: AIOKafkaAdminClient
) -> None:
    """Its first packs would never be read: 76 at takeover; accepted once, it is read from its beginning."""
    await profile.start()
    await _feed(topics, 0, 2)
    await profile.until(_done(EVENTS_CLEAN, 1))
    await profile.stop()
    await _make_anew(admin, EVENTS_CLEAN)
    await _feed(topics, 2, 5)
    await profile.start()
    assert await profile.status() == Status.GAP
    assert "another record than the applied one stands at offset 1" in profile.said
    await profile.start(ACCEPT_GAP="true")
    await profile.until(lambda _, folded: folded == 7)
    await profile.stop()
