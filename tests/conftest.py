"""The real broker, a fresh one for each test, on a free port; fresh topics; and what a reader of a topic sees."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from aiohttp import web
from aiokafka import AIOKafkaConsumer
from hypothesis import settings

from deploy.local import kafka as local
from schemas.topics import Topic
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_topics import TopicsAdmin
from tests.brokers import Node, Stable
from tests.llm_server import Answers, Serve, Server, running

# Imported now, while there is no garbage: pytest rewrites what plugins import, and this one would be parsed at the end
# of the session, where a finaliser may break the parser of CPython 3.11.7 (`tests/source_trees.py`).
import schemathesis.reporting.html.writer  # noqa: F401 isort:skip

PARTITIONS = 3
settings.register_profile("untimed", deadline=None)  # a machine that has other work breaks no law
settings.load_profile("untimed")
RecordList = list[Any]
ReadAll = Callable[[Topic], Awaitable[RecordList]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the whole kill plan is, how much is asked of the collector, and which: `--timeout` has to be as long."""
    parser.addoption("--blows", type=int, default=14, help="of the whole kill plan; 14 are one round of all")
    parser.addoption("--conversions", type=int, default=150, help="of the whole kill plan's crowd")
    parser.addoption(
        "--brokers", type=int, default=1, help="of the whole kill plan: 3 asks for the one on three brokers"
    )
    parser.addoption("--cases", type=int, default=1_000, help="of schemathesis; ten times of each fuzz of ingest")
    parser.addoption("--households", type=int, default=250, help="of the mailboxes' oracle")
    parser.addoption("--seed", type=int, default=1, help="of the whole kill plan's crowd and blows, and of the cases")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs a broker or a service runs in one worker, one test after the other, unless its file says which."""
    for each in items:
        is_real = each.get_closest_marker("kafka") or each.get_closest_marker("system")
        if is_real and not each.get_closest_marker("xdist_group"):
            each.add_marker(pytest.mark.xdist_group("broker"))


@pytest.fixture(scope="session")
def stable(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stable]:
    """All brokers of this run, as many as its tests ask for."""
    wanted = sum("node" in getattr(each, "fixturenames", ()) for each in request.session.items)
    made = Stable(tmp_path_factory.mktemp("kafka"), wanted)
    yield made
    made.close()


@pytest.fixture
def node(stable: Stable) -> Iterator[Node]:
    """A broker of this test's own: a topic that is deleted and made again under load is no clean start."""
    made = stable.take()
    yield made
    stable.leave(made)


@pytest.fixture
def broker(node: Node) -> local.Broker:
    """Where the test's broker is."""
    return node.at


@pytest.fixture
async def topics(broker: local.Broker) -> str:
    """Every topic of the table, empty; the broker's address."""
    admin = TopicsAdmin(Kafka(broker.address))
    await admin.start()
    await admin.apply(await admin.plan(PARTITIONS), 1)
    await admin.stop()
    return broker.address


@pytest.fixture
def read_all(broker: local.Broker) -> ReadAll:
    """Reads a topic whole, as a `read_committed` reader sees it."""

    async def read(topic: Topic) -> RecordList:
        consumer = AIOKafkaConsumer(
            topic.name,
            bootstrap_servers=broker.address,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            ends = await _high_watermarks(topic, broker.address)
            found: RecordList = []
            while any([await consumer.position(each) < end for each, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += records
            return found
        finally:
            await asyncio.gather(consumer.stop(), return_exceptions=True)

    return read


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts an LLM endpoint that answers so; its clients are closed at the end."""
    runners: list[web.AppRunner] = []
    servers: list[Server] = []

    async def start(answers: Answers) -> Server:
        servers.append(await running(answers, runners))
        return servers[-1]

    yield start
    for client in [client for server in servers for client in server.clients]:
        await client.stop()
    for runner in runners:
        await runner.cleanup()


async def _high_watermarks(topic: Topic, address: str) -> dict[Any, int]:
    """The ends as an uncommitted reader sees them: a commit is acked before its markers are written."""
    consumer = AIOKafkaConsumer(topic.name, bootstrap_servers=address, enable_auto_commit=False)
    await consumer.start()
    try:
        ends: dict[Any, int] = await consumer.end_offsets(consumer.assignment())
        return ends
    finally:
        await asyncio.gather(consumer.stop(), return_exceptions=True)
