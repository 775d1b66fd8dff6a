"""A loop that is held takes nothing up and loses nothing; what it had taken up is asked again at the end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from schemas import topics as table
from schemas.control import MAIL
from schemas.email import PrivacyRequest
from services.runtime.clock import now
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import AsidePolicy, LoopPolicy
from services.runtime.metrics import UNAVAILABLE
from services.runtime.outcome import Emit, Later, Message, Outcome, Paused
from services.runtime.process import Process
from services.runtime.switch import Switch
from services.runtime.watch import PATIENCE_S
from tests.fake_kafka import FakeKafka
from tests.processes import new_process
from tests.unit.runtime.test_switch import give, said

SOURCE = table.PRIVACY_REQUESTS
WHERE = TopicPartition(SOURCE.name, 0)
ASIDE = AsidePolicy(table.ASIDE_CONNECTOR, lambda _, __: Emit(()))


class Why(StrEnum):
    """Why it waits."""

    GREYLISTED = "greylisted"


def _request(offset: int, key: bytes | None = None) -> Any:
    event = PrivacyRequest(
        id=str(offset), action="export", person="u:1", occurred_at=datetime(2026, 1, 1, tzinfo=UTC), requested_by="test"
    )
    at_ms = int(now().timestamp() * 1000)
    return ConsumerRecord(SOURCE.name, 0, offset, at_ms, 0, key, event.model_dump_json().encode(), None, 0, 0, ())


class Stage:
    """A handler that pauses while the switch is on; `begun` is what it was asked for."""

    def __init__(self, switch: Switch) -> None:
        self.switch, self.begun = switch, list[int]()

    async def __call__(self, message: Message) -> Outcome:
        """Its outcome."""
        self.begun.append(message.offset)
        if self.switch.is_on:
            raise Paused("a test")
        return Emit(())


async def _until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not what():
            await asyncio.sleep(0)


async def _run(
    process: Process, kafka: FakeKafka, switch: Switch, handle: Callable[[Message], Awaitable[Outcome]],
    act: Callable[[], Awaitable[None]],
) -> None:  # fmt: skip
    """The loop while `act` goes on, then stopped."""
    policy = LoopPolicy("connector", "a group", (SOURCE,), in_flight=4, aside=ASIDE, hold=switch)

    async def both() -> None:
        loop = process.tasks.start("loop", run_loop(policy, kafka.kafka, handle, process))
        await _until(lambda: bool(kafka.consumers) and kafka.consumers[-1].listener is not None)
        await kafka.consumers[-1].listener.on_partitions_assigned([WHERE])
        await act()
        process.stop.set()
        await loop

    async with asyncio.timeout(5):  # a drain would take ten
        assert await process.tasks.run(both()) is None


async def test_nothing_is_taken_up_in_a_pause_and_all_of_it_afterwards() -> None:
    """Offsets stay; the process is ready all the time."""
    process, kafka = new_process(), FakeKafka([_request(0), _request(1)])
    switch = Switch(MAIL, process)
    stage = Stage(switch)
    give(switch, said(is_paused=True))

    async def act() -> None:
        assert not await switch.over(0.05)
        await _until(lambda: process.health.is_ready)
        assert (stage.begun, kafka.committed) == ([], {})
        give(switch, said(is_paused=False))
        await _until(lambda: kafka.committed == {WHERE: 2})
        assert process.health.is_ready

    await _run(process, kafka, switch, stage, act)
    assert stage.begun == [0, 1]


async def test_a_record_that_a_pause_catches_is_asked_again_at_its_end() -> None:
    """It waits for no store: the process is ready, lives, and nobody counts a try."""
    process, kafka = new_process(), FakeKafka([_request(0, b"k"), _request(1, b"k")])
    switch, before = Switch(MAIL, process), UNAVAILABLE.labels("connector")._value.get()
    stage = Stage(switch)

    async def caught(message: Message) -> Outcome:
        if not stage.begun:
            give(switch, said(is_paused=True))
        return await stage(message)

    async def act() -> None:
        await _until(lambda: stage.begun == [0])
        assert not await switch.over(0.05)
        progress = process.watch.parts["kafka"]
        process.watch.useful_s += PATIENCE_S + 1
        async with asyncio.timeout(20):
            while progress.is_stalled:
                await switch.over(0.05)
        assert (progress.held, process.health.is_ready, kafka.committed) == (2, True, {})
        give(switch, said(is_paused=False))
        await _until(lambda: kafka.committed == {WHERE: 2})

    await _run(process, kafka, switch, caught, act)
    assert stage.begun == [0, 0, 1]
    assert UNAVAILABLE.labels("connector")._value.get() == before


async def test_what_a_pause_holds_is_the_next_owners_when_the_process_stops() -> None:
    """At once, without a drain; neither it nor what stands behind it of its key is committed."""
    process, kafka = new_process(), FakeKafka([_request(0, b"k"), _request(1, b"k")])
    switch = Switch(MAIL, process)
    stage = Stage(switch)

    async def caught(message: Message) -> Outcome:
        give(switch, said(is_paused=True))
        return await stage(message)

    await _run(process, kafka, switch, caught, lambda: _until(lambda: stage.begun == [0]))
    assert (stage.begun, kafka.committed, kafka.sent) == ([0], {}, [])


async def test_what_was_set_aside_waits_for_the_end_of_the_pause() -> None:
    """Though its time has come."""
    process, kafka = new_process(), FakeKafka([_request(0)])
    switch = Switch(MAIL, process)
    seen: list[bool] = []

    async def aside(message: Message) -> Outcome:
        seen.append(bool(message.tries))
        if not message.tries:
            give(switch, said(is_paused=True))
            return Later(now() - timedelta(seconds=1), Why.GREYLISTED)
        return Emit(())

    async def act() -> None:
        await _until(lambda: kafka.committed == {WHERE: 1})
        assert not await switch.over(1)  # it is looked for every half second
        assert seen == [False]
        give(switch, said(is_paused=False))
        await _until(lambda: seen == [False, True])

    await _run(process, kafka, switch, aside, act)
