"""How a process comes in: who was never let in is told so at once, who was restarted waits."""

import asyncio

import pytest

from schemas.topics import EMAIL_OUTBOUND
from services.runtime import kafka_clients, kafka_pulse
from services.runtime.errors import Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_entry import entered
from services.runtime.kafka_pulse import BROKER, Group, Pulse
from services.runtime.process import Process
from tests.processes import new_process
from tests.wire_broker import wire_broker

GROUP = Group("a group", (EMAIL_OUTBOUND,), "kafka")
SENTENCE = "speaks TLS only"


@pytest.fixture(autouse=True)
def nobody_was_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port of an earlier test may come again."""
    monkeypatch.setattr(kafka_clients, "let_in", set())


async def _enter(kafka: Kafka, process: Process) -> None:
    await entered(kafka, "connector", process)


async def test_a_restarted_process_takes_a_refusal_for_a_broker_that_is_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It was let in before: the broker may have been restarted too, and not know its users yet."""
    async with wire_broker([], committed=0) as broker, asyncio.timeout(20):
        broker.is_refusing = True
        process = new_process()
        process.restarts = 1

        async def act() -> None:
            entering = process.tasks.start("enter", _enter(Kafka(broker.address), process))
            while not any(SENTENCE in str(each.__dict__.get("reason")) for each in caplog.records):
                await asyncio.sleep(0)
            process.stop.set()
            await entering

        assert await process.tasks.run(act()) is None


async def test_a_refusal_that_lasts_ends_a_restarted_process_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pulse counts them: half a minute, then it is the operator's matter."""
    monkeypatch.setattr(kafka_pulse, "BEAT_S", 0.0)
    async with wire_broker([], committed=0) as broker, asyncio.timeout(20):
        broker.is_refusing = True
        process = new_process()
        process.restarts = 1
        end = await process.tasks.run(_enter(Kafka(broker.address), process))
    assert end is not None
    assert (end.status, SENTENCE in str(end)) == (Status.MISCONFIGURED, True)


async def test_a_first_start_that_is_refused_ends_at_once() -> None:
    """A wrong setting is said while its operator looks."""
    async with wire_broker([], committed=0) as broker, asyncio.timeout(20):
        broker.is_refusing = True
        process = new_process()
        end = await process.tasks.run(_enter(Kafka(broker.address), process))
    assert end is not None
    assert (end.status, SENTENCE in str(end)) == (Status.MISCONFIGURED, True)


async def test_what_a_process_will_do_is_not_ready_from_the_first_moment(unused_tcp_port: int) -> None:
    """Its loop begins much later: what was there until then said that it works."""
    process = new_process()

    async def act() -> None:
        entering = process.tasks.start("enter", _entered_with_a_group(Kafka(f"127.0.0.1:{unused_tcp_port}"), process))
        while len(process.health.parts) < 3:
            await asyncio.sleep(0)
        assert process.health.parts == {BROKER: False, GROUP.part: False, "kafka": False}
        process.stop.set()
        await entering

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None


async def test_a_broker_that_is_away_is_told_before_one_asks_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """The question takes 5 s for each broker that hangs, in which the process said that it was ready."""
    process, asked, told = new_process(), asyncio.Event(), asyncio.Event()

    async def ask(_: Kafka) -> None:
        asked.set()
        await told.wait()

    monkeypatch.setattr(kafka_pulse, "refuse_wrong_access", ask)
    monkeypatch.setattr(kafka_pulse, "WITHIN_S", 0)
    process.health.set_ready(BROKER, is_ready=True)

    async def act() -> None:
        pulse = Pulse(Kafka("127.0.0.1:1"), process, ())
        beating = process.tasks.start("pulse", pulse.beat_for_ever())
        await asked.wait()
        is_ready = process.health.parts[BROKER]
        told.set()
        await process.tasks.stop(beating)
        assert not is_ready

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None


async def _entered_with_a_group(kafka: Kafka, process: Process) -> None:
    await entered(kafka, "connector", process, GROUP)
