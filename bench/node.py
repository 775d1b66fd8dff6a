"""A broker of the run's own, on free ports, in a folder that goes away; with every topic of the table."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import kafka
from deploy.local.ports import free_port
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_topics import TopicsAdmin


@dataclass(frozen=True, slots=True)
class Place:
    """Where the broker is, and a folder beside its own."""

    address: str
    folder: Path


@asynccontextmanager
async def fresh(partitions: int) -> AsyncIterator[Place]:
    """A started broker with empty topics; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kindling-bench-") as name:
        folder = Path(name)
        broker = kafka.Broker(folder / "kafka", free_port(), free_port())
        process = kafka.spawn(broker)
        try:
            kafka.wait_ready(process, broker)
            admin = TopicsAdmin(Kafka(broker.address))
            await admin.start()
            try:
                await admin.apply(await admin.plan(partitions), 1)
            finally:
                await admin.stop()
            yield Place(broker.address, folder)
        finally:
            kafka.end(process)
