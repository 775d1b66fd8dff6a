"""Where a partition stands in its inputs, and whether they are the logs it stood in."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from schemas.changelog_keys import CHECKPOINT_KEY
from schemas.topics import EVENTS_CLEAN, PROFILE_SELF
from services.profile.adapters.faust_gap import forgetting, passed, recognised, to_recognise, within
from services.profile.adapters.faust_loader import Loader
from services.profile.adapters.faust_partition import Partition
from services.profile.adapters.input_logs import Logs
from services.profile.adapters.placing import place
from services.runtime.errors import Ended, Status
from services.runtime.log_identity import Log
from tests.processes import new_process
from tests.unit.profile.worker_world import RULES, worker_of, world_of

LOGS = {"events.clean": Log(EVENTS_CLEAN.name, 1, 4, 7), "profile.self": Log(PROFILE_SELF.name, 1, 0, 3)}


@pytest.mark.parametrize(
    ("offsets", "kept", "why"),
    [
        ({}, {}, None),
        ({"events.clean": 6}, {"events.clean": 6}, None),
        ({"events.clean": 7}, {}, r"events\.clean\.v1/1: the log ends at 7.*made anew.*PROFILE_ACCEPT_GAP"),
        ({"events.clean": 3}, {"events.clean": 3}, None),
        ({"events.clean": 2}, {}, r"events\.clean\.v1/1: offsets 3 to 3 are gone unread.*PROFILE_ACCEPT_GAP"),
    ],
)
def test_a_position_outside_the_log_ends_the_takeover(
    offsets: dict[str, int], kept: dict[str, int], why: str | None
) -> None:
    """Another log, or packs that retention deleted unread: 76 and what to do; accepted, it is read from its beginning.

    Before, what was deleted left nothing to read and a partition behind for ever: 503, a restart, and so on.
    """
    checkpoint = {"offsets": {**offsets, "profile.self": 2}, "spent": {}}
    if why is not None:
        with pytest.raises(Ended, match=why) as ended:
            within(checkpoint, LOGS, is_accepted=False)
        assert ended.value.status is Status.GAP
    assert within(checkpoint, LOGS, is_accepted=why is not None) == {
        "offsets": {**kept, "profile.self": 2}, "spent": {}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("standing", "is_other"),
    [((5, 1_000), False), ((5, 1_001), True), ((6, 1_000), True), (None, True)],
    ids=["the one applied", "another one", "none at that place", "none behind it"],
)
def test_a_log_that_grew_past_the_position_is_known_by_the_last_record(
    standing: tuple[int, int] | None, *, is_other: bool
) -> None:
    """Kafka forgets offsets with the topic, the changelog does not: what the new log holds so far was never read."""
    checkpoint = {"offsets": {"events.clean": 5}, "last": {"events.clean": [5, 1_000, 2_000]}, "spent": {}}
    found = {} if standing is None else {"events.clean": standing}
    assert to_recognise(checkpoint, LOGS) == {"events.clean": 5}
    if is_other:
        with pytest.raises(Ended, match=r"events\.clean\.v1/1: another record.*ACCEPT_GAP=true.*offset 4") as ended:
            recognised(checkpoint, LOGS, found, is_accepted=False)
        assert ended.value.status is Status.GAP
    accepted: dict[str, Any] = {"offsets": {}, "last": {}, "spent": {}}
    assert recognised(checkpoint, LOGS, found, is_accepted=is_other) == (accepted if is_other else checkpoint)


@pytest.mark.parametrize("last", [{}, {"last": {"events.clean": [3, 1, 1]}}, {"last": {"events.clean": [7, 1, 1]}}])
def test_a_last_record_that_is_not_there_any_more_is_not_asked_for(last: dict[str, Any]) -> None:
    """An older checkpoint has none, and what has aged out is gone; the offsets are judged all the same."""
    checkpoint = {"offsets": {"events.clean": 6}, **last}
    assert to_recognise(checkpoint, LOGS) == {}
    assert recognised(checkpoint, LOGS, {}, is_accepted=False) == checkpoint


def test_of_a_source_made_anew_every_place_is_forgotten_at_takeover() -> None:
    """Of quiet partitions too, whatever their age or stamp; other sources are judged as before."""
    sources = {"events.raw/0": [7, 0, 1], "events.raw/12": [9, 0], "conversions.raw/0": [3, 0, 1]}
    checkpoint = {"offsets": {"events.clean": 5}, "sources": sources}
    kept = {"offsets": {"events.clean": 5}, "sources": {"conversions.raw/0": [3, 0, 1]}}
    assert forgetting(checkpoint, frozenset({"events.raw", "email.feedback"})) == kept
    assert forgetting(checkpoint, frozenset()) == checkpoint


class FakeLoader:
    """Knows logs that nobody has written to."""

    async def logs(self, numbers: dict[int, Partition]) -> dict[int, Logs]:
        """The same for each."""
        return {each: {name: replace(log, beginning=0) for name, log in LOGS.items()} for each in numbers}

    async def records_at(self, wanted: dict[int, dict[str, int]]) -> dict[int, dict[str, tuple[int, int]]]:
        """Nothing is asked."""
        assert not any(wanted.values())
        return {}


async def test_what_is_forgotten_at_takeover_is_forgotten_for_good() -> None:
    """A start without the setting, before any pack came, must not find it again; who forgets nothing writes nothing."""
    raw = b'{"offsets":{"events.clean":5},"sources":{"events.raw/0":[7,0]}}'
    world, loader = await world_of({CHECKPOINT_KEY: raw}), cast("Loader", FakeLoader())
    partition = world.partition
    await place({0: partition}, loader, RULES)
    await partition.settle(1)
    assert world.changelog == {}
    await place({0: partition}, loader, replace(RULES, made_anew=frozenset({"events.raw"})))
    await partition.settle(1)
    assert world.changelog == world.store.values
    assert world.store.values[CHECKPOINT_KEY] == b'{"offsets":{"events.clean":5},"sources":{}}'


@pytest.mark.parametrize(
    ("handed_out", "done"),
    [(None, 5), ((6, 6), 5), ((6, 9), 8), ((5, 9), 5), ((9, 12), 5)],
    ids=["nothing read yet", "no marker", "markers behind the last one", "not sure", "more is under way"],
)
def test_the_position_passes_markers_alone(handed_out: tuple[int, int] | None, done: int) -> None:
    """They would be a gap once the log has aged out; what was handed out and is not applied yet is not passed."""
    found = passed({"offsets": {"profile.self": 5}}, {"profile.self": handed_out, "events.clean": (0, 3)})
    assert found == {"offsets": {"profile.self": done}}


async def _stopped() -> None:
    """Faust has nothing to stop here."""


async def test_a_position_of_its_own_is_written_once(tmp_path: Path) -> None:
    """An accepted gap and passed markers hold without a pack behind them, and a quiet partition writes nothing.

    What a stop in order left to do is on the disk then.
    """
    worker, world = worker_of(tmp_path, new_process("profile")), await world_of()
    partition, stored = world.partition, world.store.values
    handed_out = {EVENTS_CLEAN.name: (1, 1), PROFILE_SELF.name: (6, 8)}
    consumer = SimpleNamespace(highwater=lambda _: 0, handed_out=lambda tp: handed_out[tp.topic])
    worker._app, worker._is_gate_open = SimpleNamespace(consumer=consumer, stop=_stopped), True
    worker._partitions = {0: partition}
    partition.stand({"offsets": {"profile.self": 5}})
    written = []
    for _ in range(3):
        await worker._tick()
        written.append(stored.pop(CHECKPOINT_KEY, None))
    assert written == [b'{"offsets":{"profile.self":7}}', None, None]
    handed_out[PROFILE_SELF.name] = (8, 12)
    await worker._stop()
    assert stored == {CHECKPOINT_KEY: b'{"offsets":{"profile.self":11}}'}
    assert not partition.is_usable
    world.store.crash()
    assert world.store.values == stored
