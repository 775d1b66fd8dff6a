"""Live means progress, judged by useful time: an outage of others restarts nobody, nor does the time one slept."""

import asyncio

import aiohttp
import pytest

from services.runtime.health import Health
from services.runtime.task_stacks import MOST_STACKS, task_stacks
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


async def test_a_stall_says_where_the_tasks_stand(caplog: pytest.LogCaptureFixture) -> None:
    """A record that hangs is a coroutine; the library says only where a task began, not what it waits for."""
    watch, tasks = Watch(patience_s=1), Tasks()

    async def hang_in_a_store() -> None:
        await asyncio.Event().wait()

    async def handle() -> None:
        await hang_in_a_store()

    async def act() -> None:
        watch.begin(tasks)
        for _ in range(100):
            tasks.start("handle composer", handle())
        await asyncio.sleep(0)
        watch.progress("kafka").take()
        await asyncio.to_thread(watch.tick, 1.5)

    assert await tasks.run(act()) is None
    (line,) = [each for each in caplog.records if each.message == "stalled"]
    (stack,) = [each for each in line.__dict__["tasks"] if each.startswith("handle composer")]
    assert stack.startswith("handle composer (100 of them): ")
    assert stack.index("in handle") < stack.index("in hang_in_a_store") < stack.index("in wait")


async def test_a_line_of_stacks_is_bounded() -> None:
    """However many tasks stand at places of their own."""
    tasks = Tasks()

    async def act() -> None:
        for number in range(100):
            tasks.start(f"task {number}", asyncio.Event().wait())
        await asyncio.sleep(0)
        assert len(task_stacks(tasks.owned)) == MOST_STACKS

    assert await tasks.run(act()) is None


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
