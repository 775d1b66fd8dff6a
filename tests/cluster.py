"""Three brokers on this machine, each its own controller: every record thrice, and two of three have to ack."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError

from deploy.local import kafka as local
from deploy.local.ports import free_port
from schemas.topics import EVENTS_CLEAN, PROFILE_CHANGELOG, Topic
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_topics import TopicsAdmin
from tests.brokers import SHORT_LIVED, SOON_BACK, Node

BROKERS = 3
REPLICATED = (
    f"offsets.topic.replication.factor={BROKERS}", f"transaction.state.log.replication.factor={BROKERS}",
    "transaction.state.log.min.isr=2", "min.insync.replicas=2", f"default.replication.factor={BROKERS}",
)  # fmt: skip
SMALL = ("-Xmx320m",)
WITHIN_S = 120.0
AGAIN_S = 0.3
TRANSACTIONS = 1  # the coordinator's kind, in the protocol's number
LEADERS: dict[str, Topic | tuple[str, int]] = {
    "events.clean": EVENTS_CLEAN,
    "profile.changelog": PROFILE_CHANGELOG,
    "the profile's group": ("profile", 0),
    "the recommender's group": ("kindling.recommender", 0),
    "the profile's transactions": ("profile-0", TRANSACTIONS),
}
"""Who leads what: a topic's first partition, or coordinates a group or transactions by this key."""


@dataclass(slots=True)
class Cluster:
    """The nodes by their ids, 1 to 3."""

    nodes: dict[int, Node]

    @property
    def address(self) -> str:
        """What clients dial: all three."""
        return ",".join(node.at.address for node in self.nodes.values())

    async def make_topics(self, partitions: int) -> None:
        """Every topic of the table, thrice."""
        admin = TopicsAdmin(Kafka(self.address))
        await admin.start()
        await admin.apply(await admin.plan(partitions), BROKERS)
        await admin.stop()
        await self.until_whole()

    async def leader(self, of: str) -> int:
        """The id of the node that leads, or coordinates, this one of `LEADERS`; waited for where there is none now."""
        async with asyncio.timeout(WITHIN_S):
            while (found := await self._leader(LEADERS[of])) not in self.nodes:
                await _soon()
        return found

    async def _leader(self, what: Topic | tuple[str, int]) -> int:
        with contextlib.suppress(KafkaError):
            async with self._admin() as admin:
                if not isinstance(what, Topic):
                    return int(await admin.find_coordinator(*what))
                (described,) = await admin.describe_topics([what.name])
                return int({each["partition"]: each["leader"] for each in described["partitions"]}.get(0, -1))
        return -1

    async def until_led_without(self, away: int) -> None:
        """Return when every partition of every topic is led by another."""
        await self._until(lambda each: each["leader"] not in {away, -1}, f"led without broker {away}")

    async def until_whole(self) -> None:
        """Return when every replica of every partition is in sync: before that no other may go."""
        await self._until(lambda each: len(each["isr"]) == BROKERS and each["leader"] != -1, "all in sync")

    async def _until(self, is_so: Any, what: str) -> None:
        began_s = time.monotonic()
        while not all(is_so(each) for each in await self._partitions()):
            assert time.monotonic() - began_s < WITHIN_S, f"not within {WITHIN_S:.0f} s: {what}"
            await _soon()

    async def _partitions(self) -> list[dict[str, Any]]:
        """All that there are; one that says no is none yet."""
        try:
            async with self._admin() as admin:
                topics = await admin.describe_topics()
        except KafkaError:
            return [{"leader": -1, "isr": []}]
        return [each for topic in topics for each in topic["partitions"]]

    @contextlib.asynccontextmanager
    async def _admin(self) -> AsyncIterator[Any]:
        admin = Kafka(self.address).admin()
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()


async def _soon() -> None:
    await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=AGAIN_S)


def running(folder: Path) -> Iterator[Cluster]:
    """Start three, wait until each answers, and end them."""
    ports = [(free_port(), free_port()) for _ in range(BROKERS)]
    voters = ",".join(f"{number}@127.0.0.1:{controller}" for number, (_, controller) in enumerate(ports, 1))
    cluster = uuid.uuid4().hex[:22]
    nodes: dict[int, Node] = {}
    try:
        for number, (port, controller) in enumerate(ports, 1):
            lines = (*SOON_BACK, *REPLICATED, f"node.id={number}", f"controller.quorum.voters={voters}")
            at = local.Broker(
                folder / f"kafka-{number}", port, controller, (*SHORT_LIVED, *SMALL), lines, cluster=cluster
            )
            nodes[number] = Node(at, local.spawn(at))
        for node in nodes.values():
            local.wait_ready(node.process, node.at)
        yield Cluster(nodes)
    finally:
        for node in nodes.values():
            node.process.kill()  # an orderly end waits for the others to take over
            node.process.wait()
