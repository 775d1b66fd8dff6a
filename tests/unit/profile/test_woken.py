"""Whom a step wakes, so that a mail does not wait for the timer; and that nothing due keeps the worker awake."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest

from schemas.topics import EVENTS_CLEAN, PROFILE_SELF, RECOMMENDATION_REQUESTS
from services.profile.adapters import faust_worker
from services.profile.adapters.faust_partition import Partition
from services.profile.adapters.faust_worker import FaustWorker
from services.profile.adapters.lag import is_behind
from services.profile.adapters.woken import Woken
from services.profile.core.person import Person
from services.runtime.clock import now_ms
from tests.processes import new_process
from tests.unit.profile.conftest import CONSENT, World, WorldOf
from tests.unit.profile.mailboxes import DAY, HOUR, MINUTE, answer, asking, guide, question
from tests.unit.profile.worker_world import worker_of, world_of

TURNS = 200  # of the loop; a mail takes some twenty
LONGEST_TICK_S = 10


def test_a_conversion_that_waits_for_its_quiet_period_wakes_nobody(world: World) -> None:
    """Its time comes by itself: the timer's."""
    assert not world.take(guide(world)).is_due
    assert not world.take(world.event()).is_due


def test_a_conversion_that_is_due_where_it_comes_wakes(world_of: WorldOf) -> None:
    """Without a quiet period, or late."""
    world = world_of(quiet_period_s=0)
    assert world.take(guide(world)).is_due
    assert not world.take(world.event(received_ms=world.now - 1)).is_due


def test_an_answer_that_reserves_wakes(world: World) -> None:
    """The mail may be asked for at once; the question itself wakes nobody, and so does the decision."""
    world.take(guide(world))
    world.now += 30 * MINUTE
    fired = world.fired()
    assert not fired.is_due
    first = asking(World(world.rules))
    other = World(world.rules)
    assert asking(other).id == first.id
    assert other.keep(other.own(answer(first))).is_due
    assert not other.fired().is_due


def test_an_answer_that_refuses_wakes_nobody(world: World) -> None:
    """Nothing is left to look at."""
    assert not world.own(answer(asking(world), "refused", reason="suppressed")).is_due


@pytest.mark.parametrize("early_ms", [0, MINUTE])
def test_an_answer_that_names_a_time_wakes_nobody_even_if_it_has_come(world: World, early_ms: int) -> None:
    """The home's clock is behind: else both would write to each other, without a pause, until it is level."""
    first = asking(world)
    step = world.keep(world.own(answer(first, "not_before", reason="cap_reached", not_before_ms=world.now - early_ms)))
    assert step.timers == ((world.now - early_ms, "u:ana"),)
    assert not step.is_due
    assert world.keep(world.own(answer(question(world)))).is_due


def test_a_state_that_was_waited_for_wakes(world: World) -> None:
    """The trigger was due, and waited for it alone."""
    world.take(guide(world, links=["a:b"], received_ms=world.now - 2 * HOUR))
    assert world.tick() == []
    assert not world.take(world.event(received_ms=world.now - 2 * HOUR)).is_due
    assert world.absorb(Person(events=1, newest_ms=world.now)).is_due


def test_what_needs_no_mail_wakes_nobody(world: World) -> None:
    """A mail that had its time is told at the timer's pace: nobody waits for it."""
    world.take(guide(world))
    [request] = world.tick(30 * MINUTE)
    world.now += DAY
    step = world.take(world.feedback("clicked", request.decision_id, time_ms=world.now - HOUR))
    assert not step.is_due


async def test_whoever_is_woken_is_looked_at_once() -> None:
    """However often, and though nobody waited when it was."""
    woken, loop = Woken(), asyncio.get_running_loop()
    for number in (1, 0, 1):
        woken.wake(number)
    assert await woken.is_before(loop.time() + LONGEST_TICK_S)
    assert woken.take() == {0, 1}
    assert woken.take() == set()
    assert not await woken.is_before(loop.time() + 0.01)


async def test_the_timer_is_not_put_off_by_whoever_is_woken_for_ever() -> None:
    """Its time has come, so all are looked at."""
    woken, loop = Woken(), asyncio.get_running_loop()
    woken.wake(0)
    assert not await woken.is_before(loop.time())


class Stand:
    """A worker with two partitions over fakes, whose timer's next look is far, and the numbers it looked at."""

    def __init__(self, worker: FaustWorker, partition: Partition, other: Partition) -> None:
        self.worker, self.partition, self.other = worker, partition, other
        other.number = 1
        self.end, self.looks, self.rounds = 0, list[int](), 0
        self.acked = list[int]()
        worker._app = SimpleNamespace(consumer=SimpleNamespace(highwater=lambda _: self.end, handed_out=lambda _: None))
        worker._partitions, worker._is_gate_open = {0: partition, 1: other}, True

    async def apply(self, topic: str, *values: bytes) -> None:
        """Apply these records of a topic as one batch."""
        first = self.partition.checkpoint.get("offsets", {}).get(topic, -1) + 1
        name = EVENTS_CLEAN.name if topic == EVENTS_CLEAN.short else PROFILE_SELF.name
        events = [
            SimpleNamespace(
                message=SimpleNamespace(
                    topic=name, partition=0, offset=offset, timestamp=now_ms() / 1000, headers=[], key=None,
                    value=value, checksum=None,
                ),
                ack=lambda offset=offset: self.acked.append(offset),
            )
            for offset, value in enumerate(values, first)
        ]  # fmt: skip
        await self.worker._apply(self.partition, cast("Any", events))


@pytest.fixture
async def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """One whose timer runs; what is looked for is counted, by whoever looks."""
    worker = worker_of(tmp_path, new_process("profile"), profile_tick_s=LONGEST_TICK_S)
    made = Stand(worker, (await world_of()).partition, (await world_of()).partition)

    def looked(partition: Partition, *words: Any) -> bool:
        made.looks.append(partition.number)
        return is_behind(partition, *words)

    async def look_at(partitions: Any) -> None:
        made.rounds += 1
        await look(partitions)

    look = worker._look_at
    monkeypatch.setattr(faust_worker, "is_behind", looked)
    monkeypatch.setattr(worker, "_look_at", look_at)
    ticking = asyncio.create_task(made.worker._tick_for_ever())
    yield made
    assert not ticking.done()
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)


async def _turns(until: Callable[[], bool] = lambda: False) -> bool:
    """Let the loop turn until something is so; false where it never is."""
    for _ in range(TURNS):
        if until():
            return True
        await asyncio.sleep(0)
    return False


def _late() -> bytes:
    """A conversion of two hours ago, with enough behind it to be worth a mail."""
    then = now_ms() - 2 * HOUR
    form = {
        "kind": "conversion", "name": "Trial Started", "trusted": True,
        "address": {"value": "ana@example.com", "key": CONSENT[0]["address_key"]}, "consent": CONSENT,
    }  # fmt: skip
    page = {"kind": "page", "name": "Page", "path": "/blog/seo/x", "trusted": False}
    events = [
        {"id": f"m-{place}", "person": "u:ana", "time_ms": then, "received_ms": then,
         "at": ["events.raw", 0, 0, place], **event}
        for place, event in enumerate([page, page, page, form])
    ]  # fmt: skip
    return orjson.dumps({"v": 1, "events": events})


def _sent(stand: Stand, topic: str) -> list[Any]:
    return [each for each in cast("Any", stand.partition)._transactor.broker.records if each.topic == topic]


async def test_a_mail_waits_for_no_timer_where_every_step_makes_the_next_due(stand: Stand) -> None:
    """The conversion is due where it comes, its home is asked, and what it answers is decided on: in two looks."""
    await stand.apply(EVENTS_CLEAN.short, _late())
    assert await _turns(lambda: len(_sent(stand, PROFILE_SELF.name)) == 2)  # who uses the mailbox; the question
    told, asked = [each.value for each in _sent(stand, PROFILE_SELF.name)]
    await stand.apply(PROFILE_SELF.short, told, asked)
    answered = _sent(stand, PROFILE_SELF.name)[2].value
    assert _sent(stand, RECOMMENDATION_REQUESTS.name) == []
    await stand.apply(PROFILE_SELF.short, answered)
    assert await _turns(lambda: bool(_sent(stand, RECOMMENDATION_REQUESTS.name)))
    assert not await _turns()
    assert (stand.looks, stand.rounds) == ([0, 0], 2)
    assert stand.acked == [0, 0, 1, 2]


async def _behind(stand: Stand) -> None:
    stand.end = 7
    applied_ms = stand.partition.applied_ms
    stand.partition.applied_ms = applied_ms - MINUTE


async def _shut(stand: Stand) -> None:
    stand.worker._is_gate_open = False


async def _lost(stand: Stand) -> None:
    stand.partition.is_usable = False


async def _gone(stand: Stand) -> None:
    stand.worker._partitions = {}


@pytest.mark.parametrize("hindrance", [_behind, _shut, _lost, _gone])
async def test_what_is_due_and_cannot_be_decided_is_looked_at_once(stand: Stand, hindrance: Any) -> None:
    """And again at the timer's pace: the loop does not spin."""
    await stand.apply(EVENTS_CLEAN.short, _late())
    await hindrance(stand)
    assert not await _turns()
    assert _sent(stand, PROFILE_SELF.name)[1:] == []
    assert (stand.looks, stand.rounds) == ([] if hindrance is _gone else [0], 1)
    assert [person for _, person in stand.partition.timers] == ["u:ana"]
    stand.worker._is_gate_open, stand.partition.is_usable = True, True
    stand.worker._partitions, stand.end = {0: stand.partition}, 0
    await stand.worker._tick()
    assert len(_sent(stand, PROFILE_SELF.name)) == 2


async def test_a_record_of_another_person_does_not_make_a_partition_level(stand: Stand) -> None:
    """While packs of hours ago are replayed what persons send each other is of now; one's own unsubscribe may wait."""
    stand.end = 7
    await stand.apply(EVENTS_CLEAN.short, _late())
    stand.partition.applied_ms = now_ms() - HOUR
    await stand.apply(PROFILE_SELF.short, _sent(stand, PROFILE_SELF.name)[0].value)
    assert is_behind(stand.partition, stand.worker._app.consumer, now_ms())
