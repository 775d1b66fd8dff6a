"""A process says within seconds whether the broker answers and its partitions are owned; an outage restarts nobody."""

import asyncio
from collections.abc import Callable

import pytest

from schemas import topics as table
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.kafka_pulse import Group, Pulse
from services.runtime.outcome import Emit, Message, Outcome
from tests.brokers import Node
from tests.processes import new_process

pytestmark = pytest.mark.kafka
POLICY = LoopPolicy("composer", "pulse-test", (table.PRIVACY_REQUESTS,))
GROUP = Group(POLICY.group, POLICY.topics)


async def _until(is_true: Callable[[], bool], within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        while not is_true():
            await asyncio.sleep(0)


async def test_ready_follows_the_broker_and_the_group(node: Node, topics: str) -> None:
    """Not ready before the group owns its partitions, nor while the broker is gone; alive all the while."""
    kafka, process = Kafka(topics), new_process()
    health = process.health

    async def handle(_: Message) -> Outcome:
        return Emit(())

    async def act() -> None:
        process.tasks.start("pulse", Pulse(kafka, process, (GROUP,)).beat_for_ever())
        await _until(lambda: health.parts == {"broker": True, GROUP.part: False})
        loop = process.tasks.start("loop", run_loop(POLICY, kafka, handle, process))
        await _until(lambda: health.is_ready)
        node.kill()
        await _until(lambda: not health.is_ready, 15)
        assert not health.parts["broker"]
        held = process.watch.useful_s
        process.watch.tick(1)
        assert process.watch.useful_s == held
        await asyncio.to_thread(node.restart)
        await _until(lambda: health.is_ready, 30)
        process.stop.set()
        await loop

    assert await process.tasks.run(act()) is None
