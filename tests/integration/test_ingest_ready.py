"""Ingest's consumer is ready when it takes records, and no part of it says so before."""

import asyncio

import pytest

from services.ingest.__main__ import consumer
from services.ingest.settings import IngestSettings
from services.runtime.health import Health
from tests.processes import new_process, run

pytestmark = pytest.mark.kafka


def _noted(health: Health) -> dict[str, list[bool]]:
    """Every word that a part says from now on, without repeats."""
    said: dict[str, list[bool]] = {}
    tell = health.set_ready

    def note(name: str, is_ready: bool) -> None:  # noqa: FBT001 a fact, as in the product
        tell(name, is_ready)
        words = said.setdefault(name, [])
        if words[-1:] != [is_ready]:
            words.append(is_ready)

    health.set_ready = note  # type: ignore[method-assign]
    return said


async def test_no_part_of_the_consumer_is_ready_for_an_instant(topics: str) -> None:
    """Each is not ready until it is for good, and taking is the last."""
    process = new_process("consumer")
    said = _noted(process.health)
    settings = IngestSettings.model_validate({"kafka_bootstrap_servers": topics, "secret": "a secret of a test"})
    running = asyncio.create_task(run(process, consumer(settings, process)))
    async with asyncio.timeout(60):
        while not process.health.is_ready:
            await asyncio.sleep(0)
    assert (said.get("kafka"), said.get("batches")) == ([False, True], [False, True])
    process.stop.set()
    await running
