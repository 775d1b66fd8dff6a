"""The profile under a bounded nemesis on the real broker: nothing lost, nothing twice, the state equal to a refold."""

import asyncio
import logging
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from rocksdict import AccessType, Options, Rdict

from schemas.codec import decode
from schemas.topics import (
    DECISIONS,
    EVENTS_CLEAN,
    PROFILE_CHANGELOG,
    PROFILE_SELF,
    RECOMMENDATION_REQUESTS,
    Topic,
    dead_letters,
)
from services.profile.pipeline import Rules, compiled
from services.runtime.kafka_publisher import Publisher
from services.runtime.program import read_program
from tests.conftest import PARTITIONS, Node
from tests.system.conftest import ROOT, StartWorker, Worker
from tests.system.crowd import Crowd
from tests.system.plan import Feeder, Watch
from tests.system.refold import Found, is_sound, persons, positions, refold, self_key, standing, unlike

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.kafka, pytest.mark.system]
ReadAll = Callable[[Topic], Awaitable[list[Any]]]
WATCHED = (EVENTS_CLEAN, PROFILE_SELF, PROFILE_CHANGELOG)
OFFSET_KEY = b"__faust\0offset__"
STOPPED_S = 14.0  # past the session of 10 s
RECOVERED_WITHIN_S = 60.0


@pytest.fixture
def rules() -> Rules:
    """The academy's, without a quiet period to speak of."""
    return compiled(read_program(ROOT / "examples" / "academy"), quiet_period_s=1)


async def test_every_trigger_ends_once_and_the_state_is_a_refold(
    node: Node, worker: StartWorker, read_all: ReadAll, rules: Rules, tmp_path: Path
) -> None:
    """SIGKILL, SIGTERM, SIGSTOP past the session, SIGKILL of the broker; then a fresh worker on an empty folder."""
    crowd, address = Crowd(seed=1), node.at.address
    feeder = Feeder(address, crowd.pack)
    pair = [_start(worker, tmp_path, name) for name in ("one", "two")]
    watch = Watch(address, WATCHED, pair)
    await watch.start()
    await feeder.start()
    await watch.until(lambda: _both_own(pair), 60, "both own partitions")
    await _nemesis(node, pair, watch, feeder)
    await feeder.stop()
    await watch.catch_up()
    await watch.until(lambda: _is_applied(watch.records), RECOVERED_WITHIN_S, "everything is applied")
    await watch.during(2)  # a quiet period and a tick: the last timers
    assert [await each.end() for each in pair] == [0, 0]
    await _verify(read_all, rules)
    fresh = _start(worker, tmp_path, "fresh")
    publisher = Publisher(address, "plan")
    await publisher.start()
    await publisher.send([crowd.greeting(number) for number in range(PARTITIONS)])
    await publisher.stop()
    await watch.catch_up()
    await watch.until(lambda: _is_applied(watch.records), RECOVERED_WITHIN_S, "the fresh worker applies")
    assert await fresh.end() == 0
    await watch.stop()
    await _verify(read_all, rules)
    changelog = await read_all(PROFILE_CHANGELOG)
    for name in ("one", "two", "fresh"):
        _verify_disk(tmp_path / f"{name}-data", changelog)


async def _nemesis(node: Node, pair: list[Worker], watch: Watch, feeder: Feeder) -> None:
    one, two = pair
    await _amid(watch, feeder)
    one.kill()
    one.start()
    await _recovered(watch, pair)
    await _amid(watch, feeder)
    assert await two.end() == 0
    two.start()
    await _recovered(watch, pair)
    await _amid(watch, feeder)
    one.send(signal.SIGSTOP)
    feeder.burst(200)
    await watch.during(STOPPED_S)
    one.send(signal.SIGCONT)
    await _recovered(watch, pair)
    await _amid(watch, feeder)
    node.kill()
    await asyncio.to_thread(node.restart)
    await _recovered(watch, pair)


async def _amid(watch: Watch, feeder: Feeder) -> None:
    """Return in the middle of a burst, while records wait in every queue."""
    before = len(watch.records[PROFILE_CHANGELOG.name])
    feeder.burst(400)
    await watch.until(lambda: len(watch.records[PROFILE_CHANGELOG.name]) > before + 300, 60, "a burst is half applied")


async def _recovered(watch: Watch, pair: list[Worker]) -> None:
    """Both own partitions, and what was there is applied."""
    await watch.until(lambda: _both_own(pair), RECOVERED_WITHIN_S, "both own partitions")
    ends = _ends(watch.records[EVENTS_CLEAN.name])
    await watch.until(lambda: _is_applied(watch.records, ends), RECOVERED_WITHIN_S, "the backlog is applied")


def _start(worker: StartWorker, folder: Path, name: str) -> Worker:
    return worker(
        "services.profile", name, PROFILE_DATA=str(folder / f"{name}-data"), PROFILE_QUIET_PERIOD_S="1"
    )  # fmt: skip


def _both_own(pair: list[Worker]) -> bool:
    owned = [each.said("owned") for each in pair if not each.said("ended")]
    return len(owned) == len(pair) and all(lines and lines[-1]["partitions"] for lines in owned)


def _ends(records: list[Any]) -> dict[int, int]:
    return {record.partition: record.offset for record in records}


def _is_applied(records: dict[str, list[Any]], ends: dict[int, int] | None = None) -> bool:
    applied = positions(records[PROFILE_CHANGELOG.name])
    wanted = [(EVENTS_CLEAN.short, _ends(records[EVENTS_CLEAN.name]) if ends is None else ends)]
    if ends is None:
        wanted.append((PROFILE_SELF.short, _ends(records[PROFILE_SELF.name])))
    return all(
        applied.get(number, {}).get(topic, -1) >= end
        for topic, by_number in wanted
        for number, end in by_number.items()
    )


async def _verify(read_all: ReadAll, rules: Rules) -> None:
    """The oracle: the changelog is a refold, each trigger has one chain, each poison one letter."""
    wanted = refold(await read_all(EVENTS_CLEAN), rules, int(time.time() * 1000))
    found = await _found(read_all)
    wrong = {
        each: parts for each in wanted.values if (parts := unlike(found.values.get(each, {}), wanted.values[each]))
    }
    chains, waits = found.chains, found.waits
    unsound = {
        each: chains.get(each) for each in wanted.triggers if not is_sound(chains.get(each, []), waits.get(each))
    }
    log.info("%d triggers, %d unsound, %d persons wrong, %s", len(wanted.triggers), len(unsound), len(wrong), found)
    assert not wrong, f"{len(wrong)} of {len(wanted.values)} persons are unlike the refold: {list(wrong.items())[:3]}"
    assert found.values.keys() == wanted.values.keys()
    assert not unsound, f"{len(unsound)} of {len(wanted.triggers)} triggers: {list(unsound.items())[:3]}"
    assert chains.keys() | waits.keys() == wanted.triggers
    assert found.letters == wanted.letters
    assert found.selves == wanted.selves
    assert found.touches == found.reserved


async def _found(read_all: ReadAll) -> Found:
    return Found(
        values=persons(await read_all(PROFILE_CHANGELOG)),
        decisions=[decode(DECISIONS, each.value) for each in await read_all(DECISIONS)],
        requests=[decode(RECOMMENDATION_REQUESTS, each.value) for each in await read_all(RECOMMENDATION_REQUESTS)],
        letters=Counter(each.value for each in await read_all(dead_letters("profile"))),
        selves=Counter(self_key(decode(PROFILE_SELF, each.value)) for each in await read_all(PROFILE_SELF)),
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
