"""Processes with a name of their own: a restart moves no partition, and of two with one name the first is refused."""

import asyncio
import itertools
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.topics import EMAIL_FEEDBACK, EMAIL_SUPPRESSIONS, EVENTS_CLEAN, PROFILE_CHANGELOG, PROFILE_SELF, Topic
from services.runtime.errors import Status
from tests.brokers import Node
from tests.conftest import PARTITIONS
from tests.system.conftest import StartWorker, Worker
from tests.system.crowd import Crowd
from tests.system.plan import Feeder, IsAnswered, Watch
from tests.system.test_loop_kill_plan import input_of, is_answered
from tests.system.test_profile_kill_plan import is_applied

pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.timeout(240)]
SESSION_S = "25"  # longer than a restart takes on a machine that is full
ONE, TWO = "member-1", "member-2"


@dataclass(slots=True)
class Pair:
    """Two members of one group, the word by which they say what they own, and how one is started by a name."""

    start: Callable[[str, str], Worker]
    owned: str
    source: Topic
    is_answered: IsAnswered
    one: Worker
    two: Worker

    def is_whole(self) -> bool:
        """Each owns some, no two the same, and together they own all."""
        first, second = partitions(self.one, self.owned), partitions(self.two, self.owned)
        return bool(first) and bool(second) and len({*first, *second}) == len(first) + len(second) == PARTITIONS


async def test_a_restart_moves_no_partition_and_of_twins_the_first_is_refused(
    node: Node, worker: StartWorker, tmp_path: Path
) -> None:
    """Under load, at once: of each pair one is restarted, by SIGTERM and SIGKILL, and the other gets a twin.

    The loop's other sleeps while its twin takes over and fences it; what it wakes up to is a refused transaction.
    """
    profile, loop = pairs = _profiles(worker, tmp_path), _loops(worker)
    address, numbers = node.at.address, itertools.count(1)
    watch = Watch(address, (EVENTS_CLEAN, PROFILE_SELF, PROFILE_CHANGELOG, EMAIL_FEEDBACK, EMAIL_SUPPRESSIONS), ())
    feeders = Feeder(address, Crowd(seed=1).pack), Feeder(address, lambda: input_of(next(numbers)))
    await watch.start()
    for feeder in feeders:
        await feeder.start()
    await watch.until(lambda: all(each.is_whole() for each in pairs), "each of a pair owns partitions")
    before = [(partitions(each.one, each.owned), partitions(each.two, each.owned)) for each in pairs]
    moves = [_moves(each.two) for each in pairs]
    assert await profile.one.end() == 0
    loop.one.kill()
    loop.two.send(signal.SIGSTOP)
    twins = [each.start("twin", TWO) for each in pairs]
    for each in pairs:
        each.one.start()
    starting = [(new, each.owned) for each, twin in zip(pairs, twins, strict=True) for new in (each.one, twin)]
    await watch.until(lambda: all(new.said(owned) for new, owned in starting), "all that was started owns partitions")
    loop.two.send(signal.SIGCONT)
    await watch.until(lambda: all(each.two.process and each.two.process.poll() for each in pairs), "the first ends")
    assert [each.two.wait(1) for each in pairs] == [Status.MISCONFIGURED, Status.MISCONFIGURED]
    assert [_moves(each.two) for each in pairs] == moves  # neither the restart beside it nor its twin moved any
    assert all(f"another came as {TWO}" in each.two.log.read_text() for each in pairs)
    await _answered(watch, pairs)
    now = [partitions(new, owned) for new, owned in starting]
    assert [(now[0], now[1]), (now[2], now[3])] == before
    assert [len(new.said(owned)) for new, owned in starting] == [1, 1, 1, 1]  # each had them at once, and kept them
    assert profile.one.said("owned")[0]["read"] == 0  # its state lay on its disk
    await asyncio.gather(*(feeder.stop() for feeder in feeders))
    await watch.stop()
    assert await asyncio.gather(*(new.end() for new, _ in starting)) == [0, 0, 0, 0]


async def _answered(watch: Watch, pairs: tuple[Pair, ...]) -> None:
    """What came until now is answered."""
    for each in pairs:
        inputs = list(watch.records[each.source.name])
        await watch.until(lambda each=each, inputs=inputs: each.is_answered(watch.records, inputs), "all is answered")  # type: ignore[misc]


def partitions(worker: Worker, owned: str) -> list[str]:
    """What it said last that it owns."""
    said = worker.said(owned)
    return sorted(map(str, said[-1]["partitions"])) if said else []


def _moves(worker: Worker) -> int:
    """How often partitions came to it or went."""
    return sum(len(worker.said(each)) for each in ("owned", "assigned", "revoked"))


def _profiles(worker: StartWorker, folder: Path) -> Pair:
    def start(name: str, instance_id: str) -> Worker:
        return worker(
            "services.profile", f"profile-{name}", PROFILE_DATA=str(folder / name), PROFILE_QUIET_PERIOD_S="1",
            INSTANCE_ID=instance_id, INSTANCE_SESSION_S=SESSION_S,
        )  # fmt: skip

    return Pair(start, "owned", EVENTS_CLEAN, is_applied, start("one", ONE), start("two", TWO))


def _loops(worker: StartWorker) -> Pair:
    def start(name: str, instance_id: str) -> Worker:
        return worker("tests.system.loop_worker", f"loop-{name}", INSTANCE_ID=instance_id, INSTANCE_SESSION_S=SESSION_S)

    return Pair(start, "assigned", EMAIL_FEEDBACK, is_answered, start("one", ONE), start("two", TWO))
