"""The profile under a bounded nemesis on the real broker: nothing lost, nothing twice, the state equal to a refold."""

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from rocksdict import AccessType, Options, Rdict

from schemas.codec import decode
from schemas.standing import Taken
from schemas.topics import (
    BY_NAME,
    COURSES_SIGNALS,
    DECISIONS,
    EVENTS_CLEAN,
    PROFILE_CHANGELOG,
    PROFILE_SELF,
    RECOMMENDATION_REQUESTS,
    Topic,
    dead_letters,
)
from services.profile.pipeline import Rules, compiled
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.program import read_program
from tests.brokers import Node
from tests.conftest import PARTITIONS
from tests.system.conftest import ROOT, StartWorker, Worker
from tests.system.crowd import PERSONS, Crowd
from tests.system.plan import Blow, Feeder, Plan, Records, Watch
from tests.system.refold import Found, checkpoints, is_sound, persons, refold, self_keys, standing, unlike

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.timeout(900)]
ReadAll = Callable[[Topic], Awaitable[list[Any]]]
STOPPING = "tests.system.profile_worker"
OFFSET_KEY = b"__faust\0offset__"


@pytest.fixture
def rules() -> Rules:
    """The academy's, without a quiet period to speak of."""
    return compiled(read_program(ROOT / "examples" / "academy"), quiet_period_s=1)


async def test_every_trigger_ends_once_and_the_state_is_a_refold(
    node: Node, worker: StartWorker, read_all: ReadAll, rules: Rules, tmp_path: Path
) -> None:
    """SIGKILL, SIGTERM, a stop within a transaction, SIGKILL of the broker; then a fresh worker on an empty folder."""
    crowd, address = Crowd(seed=1), node.at.address
    pair = (_start(worker, tmp_path, "one"), _start(worker, tmp_path, "two"))
    plan = _plan(node, pair, crowd, 400, ("kill", "terminate", "overtake", "kill_broker"))
    await plan.play()
    watch = plan.watch
    await _verify(read_all, rules)
    fresh = _start(worker, tmp_path, "fresh", "services.profile")
    publisher = Publisher(Kafka(address), "plan")
    await publisher.start()
    await publisher.send([crowd.greeting(number) for number in range(PARTITIONS)])
    await publisher.stop()
    await watch.catch_up()
    inputs = watch.records[EVENTS_CLEAN.name]
    await watch.until(lambda: is_applied(watch.records, inputs), "the fresh worker applies")
    assert await fresh.end() == 0
    await watch.stop()
    await _verify(read_all, rules)
    changelog = await read_all(PROFILE_CHANGELOG)
    for name in ("one", "two", "fresh"):
        _verify_disk(tmp_path / f"{name}-data", changelog)


async def test_without_the_fence_the_plan_fails(
    node: Node, worker: StartWorker, read_all: ReadAll, rules: Rules, tmp_path: Path
) -> None:
    """Where each start writes by ids of its own, who wakes up within a transaction decides what was decided by then."""
    module = f"{STOPPING} unfenced"
    pair = (_start(worker, tmp_path, "one", module), _start(worker, tmp_path, "two", module))
    plan = _plan(node, pair, Crowd(seed=1), 150, ("overtake",))
    await plan.strike_all()
    await plan.watch.stop()
    with pytest.raises(AssertionError, match=r"^[1-9]\d* of \d+ (triggers|persons)"):
        await _verify(read_all, rules)


def _plan(node: Node, pair: tuple[Worker, Worker], crowd: Crowd, burst: int, blows: tuple[Blow, ...]) -> Plan:
    address = node.at.address
    watch = Watch(address, (EVENTS_CLEAN, PROFILE_SELF, PROFILE_CHANGELOG), pair)
    return Plan(
        node, pair, watch, Feeder(address, crowd.pack), source=EVENTS_CLEAN, output=PROFILE_CHANGELOG, owned="owned",
        is_answered=is_applied, burst=burst, amid=burst * 3 // 4, blows=blows,
    )  # fmt: skip


def _start(worker: StartWorker, folder: Path, name: str, module: str = STOPPING) -> Worker:
    return worker(
        module, name, PROFILE_DATA=str(folder / f"{name}-data"), PROFILE_QUIET_PERIOD_S="1"
    )  # fmt: skip


def is_applied(records: Records, inputs: Sequence[Any]) -> bool:
    """True if the checkpoint of each partition is at or past the inputs and past what persons had sent each other."""
    applied = checkpoints(records[PROFILE_CHANGELOG.name])
    wanted = [*inputs, *records[PROFILE_SELF.name]]
    ends = {(record.partition, BY_NAME[record.topic].short): record.offset for record in wanted}
    return all(applied.get(number, {}).get(topic, -1) >= end for (number, topic), end in ends.items())


async def _verify(read_all: ReadAll, rules: Rules) -> None:
    """The oracle: the changelog is a refold, each trigger has one chain, each poison one letter."""
    wanted = refold(await read_all(EVENTS_CLEAN), rules, int(time.time() * 1000))
    found = await _found(read_all)
    persons = wanted.persons.all()
    wrong = {each: parts for each, known in persons.items() if (parts := unlike(found.persons.get(each), known))}
    chains, waits = found.chains, found.waits
    unsound = {
        each: chains.get(each) for each in wanted.triggers if not is_sound(chains.get(each, []), waits.get(each))
    }
    log.info("%d triggers, %d unsound, %d persons wrong, %s", len(wanted.triggers), len(unsound), len(wrong), found)
    assert not wrong, f"{len(wrong)} of {len(persons)} persons are unlike the refold: {list(wrong.items())[:3]}"
    assert found.persons.keys() == persons.keys()
    assert not unsound, f"{len(unsound)} of {len(wanted.triggers)} triggers: {list(unsound.items())[:3]}"
    assert chains.keys() | waits.keys() == wanted.triggers
    assert found.letters == wanted.letters
    assert found.selves == wanted.selves
    assert found.touches == found.reserved
    signals = [decode(COURSES_SIGNALS, each.value) for each in await read_all(COURSES_SIGNALS)]
    taken = Counter(each.course_id for each in signals if isinstance(each, Taken))
    assert taken.total() > PERSONS
    assert taken == Counter(course for person in persons.values() for course in person.attribution.took)


async def _found(read_all: ReadAll) -> Found:
    return Found(
        persons=persons(await read_all(PROFILE_CHANGELOG)),
        decisions=[decode(DECISIONS, each.value) for each in await read_all(DECISIONS)],
        requests=[decode(RECOMMENDATION_REQUESTS, each.value) for each in await read_all(RECOMMENDATION_REQUESTS)],
        letters=Counter(each.value for each in await read_all(dead_letters("profile"))),
        selves=Counter(self_keys(decode(PROFILE_SELF, each.value) for each in await read_all(PROFILE_SELF))),
    )


def _verify_disk(folder: Path, changelog: list[Any]) -> None:
    """A local store holds exactly what the changelog held at the offset it stands at."""
    for path in folder.rglob("profile-*.db"):
        number = int(path.stem.rpartition("-")[2])
        store = Rdict(str(path), Options(raw_mode=True), access_type=AccessType.read_only())
        held = dict(store.items())
        store.close()
        offset = int(held.pop(OFFSET_KEY, b"-1"))
        records = [each for each in changelog if each.partition == number and each.offset <= offset]
        assert held == standing(records)[number], f"{path.name} of {folder.name} at {offset}"
