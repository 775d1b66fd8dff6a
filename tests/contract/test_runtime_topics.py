"""What a broker says of its topics: one suite for the fake and for Kafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.kafka import Broker
from schemas.retention import settings_of
from schemas.topics import CATALOG_STANDING, DECISIONS, EVENTS_RAW, PROFILE_CHANGELOG, STAMPED
from services.runtime.fake_topics import FakeTopics
from services.runtime.kafka_card import Admin, check
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_topics import TopicsAdmin, stamped_by_broker

Make: TypeAlias = Callable[[str, int, str], Awaitable[None]]
Bench: TypeAlias = tuple[Admin, Make]


@pytest.fixture(params=["fake", pytest.param("kafka", marks=pytest.mark.kafka)])
def real(request: pytest.FixtureRequest) -> Broker | None:
    """A broker without topics, or None for the fake."""
    if request.param == "fake":
        return None
    broker: Broker = request.getfixturevalue("broker")
    return broker


@pytest.fixture
async def bench(real: Broker | None) -> AsyncIterator[Bench]:
    """What is asked, and what makes a topic."""
    if real is None:
        fake = FakeTopics()
        yield fake, fake.make
        return
    admin, maker = TopicsAdmin(Kafka(real.address)), AIOKafkaAdminClient(bootstrap_servers=real.address)
    await admin.start()
    await maker.start()

    async def make(name: str, count: int, cleanup: str) -> None:
        await maker.create_topics([NewTopic(name, count, 1, topic_configs={"cleanup.policy": cleanup})])
        async with asyncio.timeout(60):
            while name not in await maker.list_topics():  # it is acked before the broker hears of it
                await asyncio.sleep(0)

    yield admin, make
    await maker.close()
    await admin.stop()


async def test_a_broker_without_topics_has_none(bench: Bench) -> None:
    """Nothing is made by asking."""
    admin, _ = bench
    assert await admin.counts() == {}
    assert await admin.cleanups([EVENTS_RAW, DECISIONS]) == {}
    assert await admin.cleanups([]) == {}
    assert await admin.counts() == {}


async def test_topics_are_told_as_they_were_made(bench: Bench) -> None:
    """Ours only, with number and policy; of those that are missing there is nothing."""
    admin, make = bench
    await make(DECISIONS.name, 4, "compact,delete")
    await make(PROFILE_CHANGELOG.name, 2, "delete")
    await make("somebody.elses", 1, "delete")
    assert await admin.counts() == {DECISIONS.name: 4, PROFILE_CHANGELOG.name: 2}
    found = await admin.cleanups([DECISIONS, EVENTS_RAW, PROFILE_CHANGELOG])
    assert found == {DECISIONS.name: "compact,delete", PROFILE_CHANGELOG.name: "delete"}


async def test_what_is_told_can_be_judged(bench: Bench) -> None:
    """A missing topic, and wrong ones by number and by policy."""
    admin, make = bench
    await make(DECISIONS.name, 4, DECISIONS.cleanup)
    await make(PROFILE_CHANGELOG.name, 2, "delete")
    found = await check(admin, [DECISIONS, PROFILE_CHANGELOG, CATALOG_STANDING])
    assert (found.partitions, found.missing) == (4, (CATALOG_STANDING.name,))
    assert "has 2 partitions, expected 4" in found.wrong
    assert "cleanup.policy=delete, expected compact" in found.wrong


@pytest.mark.kafka
async def test_what_comes_from_outside_is_dated_by_the_broker(broker: Broker) -> None:
    """Topics are made so; one that stands is set so, and its own other settings stay."""
    kafka = Kafka(broker.address)
    admin, maker = TopicsAdmin(kafka), AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    await maker.start()
    own = {"retention.ms": "1234567"}
    await maker.create_topics([NewTopic(EVENTS_RAW.name, 4, 1, topic_configs=own)])
    async with asyncio.timeout(60):
        while EVENTS_RAW.name not in await maker.list_topics():
            await asyncio.sleep(0)
    assert await stamped_by_broker(kafka, [EVENTS_RAW]) == frozenset()
    plan = await admin.plan(3)
    assert plan.unstamped == (EVENTS_RAW,)
    await admin.apply(plan, 1)
    async with asyncio.timeout(60):
        while await stamped_by_broker(kafka, STAMPED) != {topic.short for topic in STAMPED}:
            await asyncio.sleep(0)
    said = await admin._entries([EVENTS_RAW])
    assert {each[0]: each[1] for each in said[EVENTS_RAW.name]}["retention.ms"] == own["retention.ms"]
    assert (await admin.plan(3)).unstamped == ()
    await maker.close()
    await admin.stop()


@pytest.mark.kafka
async def test_all_that_is_set_of_a_topic_is_set_though_the_broker_tells_of_it_late(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker under load tells what was: both what dates the records and what bounds them stand in the end."""
    kafka = Kafka(broker.address)
    admin, maker = TopicsAdmin(kafka), AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    await maker.start()
    await maker.create_topics([NewTopic(EVENTS_RAW.name, 3, 1)])
    async with asyncio.timeout(60):
        while EVENTS_RAW.name not in await maker.list_topics():
            await asyncio.sleep(0)
    plan = await admin.plan(3)
    assert EVENTS_RAW in plan.unstamped
    assert EVENTS_RAW in plan.unbounded
    before = await admin._entries([EVENTS_RAW])

    async def late(_: object) -> dict[str, list[Any]]:
        return before

    with monkeypatch.context() as told:
        told.setattr(admin, "_entries", late)
        await admin.apply(plan, 1)
    wanted = {"message.timestamp.type": "LogAppendTime", **settings_of(EVENTS_RAW)}
    async with asyncio.timeout(60):
        while not wanted.items() <= (await admin.settings([EVENTS_RAW]))[EVENTS_RAW.name].items():
            await asyncio.sleep(0)
    await maker.close()
    await admin.stop()
