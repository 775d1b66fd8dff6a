"""Live means progress, judged by useful time: an outage of others restarts nobody, nor does the time one slept."""

import asyncio

import aiohttp
import pytest

from services.runtime.health import Health
from services.runtime.tasks import Tasks
from services.runtime.watch import LONGEST_TICK_S, LOOP_PATIENCE_S, TICK_S, Watch, stacks


def _pass(watch: Watch, seconds: float, *, turns: bool = True) -> None:
    for _ in range(int(seconds)):
        watch.tick(TICK_S)
        if turns:
            watch.turn()


def test_who_holds_work_and_ends_none_is_not_live(caplog: pytest.LogCaptureFixture) -> None:
    """After its patience, with one line that holds where everybody stands."""
    watch = Watch()
    part = watch.progress("kafka", patience_s=60)
    part.take()
    _pass(watch, 60)
    assert watch.is_live
    _pass(watch, 30)
    assert watch.stalled.keys() == {"kafka"}
    (line,) = [each for each in caplog.records if each.message == "stalled"]
    assert any("test_watch" in each for each in line.__dict__["stacks"])


def test_who_ends_one_record_after_another_is_live() -> None:
    """However many wait behind."""
    watch = Watch()
    part = watch.progress("kafka", patience_s=60)
    part.take(100)
    for _ in range(10):
        _pass(watch, 50)
        part.give()
    assert watch.is_live


def test_who_holds_nothing_is_live() -> None:
    """A quiet topic is no stall, and its first record is not judged by the quiet before it."""
    watch = Watch()
    part = watch.progress("kafka", patience_s=60)
    _pass(watch, 1_000)
    part.take()
    assert watch.is_live
    part.give()
    _pass(watch, 1_000)
    assert watch.is_live


def test_time_in_which_the_broker_is_away_does_not_count() -> None:
    """It counts for readiness; a restart would not bring it back."""
    watch = Watch()
    part = watch.progress("kafka", patience_s=60)
    part.take()
    watch.set_away("broker", is_away=True)
    _pass(watch, 10_000)
    assert watch.is_live
    watch.set_away("broker", is_away=False)
    _pass(watch, 61)
    assert not watch.is_live


def test_a_process_that_was_stopped_is_not_judged_by_the_time_it_slept() -> None:
    """One tick counts for two seconds at most, whatever the clock says."""
    watch = Watch()
    watch.progress("kafka", patience_s=60).take()
    watch.tick(86_400)
    assert watch.is_live
    assert watch.useful_s == LONGEST_TICK_S


def test_a_loop_that_does_not_turn_is_not_live() -> None:
    """It answers no heartbeat either."""
    watch = Watch()
    _pass(watch, LOOP_PATIENCE_S, turns=False)
    assert watch.is_live
    _pass(watch, 1, turns=False)
    assert watch.stalled.keys() == {"event loop"}
    watch.turn()
    assert watch.is_live


def test_every_thread_is_in_the_stacks() -> None:
    """By its name."""
    assert any(each.startswith("MainThread: ") for each in stacks())


async def test_a_stall_fails_the_probe() -> None:
    """503, with which part and for how long."""
    watch = Watch()
    watch.begin(Tasks())
    health = Health("test", lambda: watch.stalled)
    await health.start("127.0.0.1", 0)
    part = watch.progress("kafka", patience_s=60)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{health.port}") as http:
        async with http.get("/live") as answer:
            assert answer.status == 200
        part.take()
        part.moved_s -= 61
        async with http.get("/live") as answer:
            assert answer.status == 503
            assert (await answer.json())["stalled_s"].keys() == {"kafka"}
    await health.stop()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
