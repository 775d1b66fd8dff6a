"""SIGKILL of the composer within a pause of mail: what it held is neither lost nor written twice."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import aiohttp
import orjson
import pytest
from aiokafka.protocol.group import LeaveGroupRequest

from deploy.local.ports import free_port
from schemas.codec import decode
from schemas.control import MAIL
from schemas.groups import COMPOSER
from schemas.recommendation import Recommendation
from schemas.topics import DECISIONS, EMAIL_OUTBOUND, RECOMMENDATIONS, Topic
from services.runtime.clock import now
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send
from services.runtime.switches import held, pause, resume
from tests.conftest import ReadAll
from tests.system.conftest import StartWorker

pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.timeout(180)]
EXAMPLE = Path(__file__).parents[2] / "schemas" / "examples" / "recommendations" / "course.json"
COUNT, LATE = 60, 10  # of them, those that come when the pause holds
OK = 200
WITHIN_S = 60


def _recommendation(number: int) -> Recommendation:
    """Its id and person by its number."""
    fields = orjson.loads(EXAMPLE.read_bytes())
    fields["request"] |= {
        "person": f"u:{number}", "decision_id": _id(number), "created_at": now(), "not_before": now(),
        "expires_at": now() + timedelta(hours=8),
    }  # fmt: skip
    fields["request"]["recipient"]["address"] = f"{number}@example.com"
    fields["course"]["url"] = "https://www.tidewell.example/courses/email-automation-foundations"
    return Recommendation.model_validate(fields)


def _id(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"held {number}"))


async def _published(kafka: Kafka, numbers: Iterable[int]) -> None:
    publisher = Publisher(kafka, "test")
    await publisher.start()
    await publisher.send([Send(RECOMMENDATIONS, _recommendation(each)) for each in numbers])
    await publisher.stop()


async def _is_ready(port: int) -> bool:
    """True where the composer owns its partitions."""
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/ready") as response:
            return response.status == OK
    except aiohttp.ClientConnectionError:
        return False


async def _dismissed(kafka: Kafka) -> None:
    """What the broker does by itself when the session of who was killed has ended, 10 s later: its members are gone."""
    admin = kafka.admin()
    await admin.start()
    try:
        (described,) = await admin.describe_consumer_groups([COMPOSER.name])
        coordinator = await admin.find_coordinator(COMPOSER.name)
        for member, *_ in described.groups[0][5]:
            await admin._send_request(LeaveGroupRequest(COMPOSER.name, member), coordinator)
    finally:
        await admin.close()


async def _ids(read_all: ReadAll, topic: Topic) -> Counter[str]:
    """How often each decision is written there."""
    return Counter(decode(topic, each.value).decision_id for each in await read_all(topic))


async def test_composer_killed_in_a_pause_loses_nothing_and_writes_nothing_twice(
    topics: str, read_all: ReadAll, worker: StartWorker
) -> None:
    """Mail is paused while it works; killed, it begins anew within the pause, and each goes once after it."""
    kafka, port = Kafka(topics), free_port()
    composer = worker("services.composer", "composer", HEALTH_PORT=str(port))
    every = {_id(each) for each in range(COUNT)}
    async with asyncio.timeout(WITHIN_S):
        while not await _is_ready(port):
            pass
        await asyncio.gather(_published(kafka, range(COUNT - LATE)), pause(kafka, MAIL, "a test"))
        await _published(kafka, range(COUNT - LATE, COUNT))
        composer.kill()
        await _dismissed(kafka)
        composer.start()
        while not await _is_ready(port):
            pass
        written = await _ids(read_all, EMAIL_OUTBOUND)
        assert {_id(each) for each in range(COUNT - LATE, COUNT)}.isdisjoint(written)
        await resume(kafka, MAIL, "a test")
        while (await held(kafka))[0].unread:
            pass
    assert await composer.end() == 0
    assert await _ids(read_all, EMAIL_OUTBOUND) == await _ids(read_all, DECISIONS) == Counter(every)
