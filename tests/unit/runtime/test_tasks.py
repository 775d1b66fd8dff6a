"""No task, thread or timer dies unseen: whatever it raises ends the process, by the outcome table."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from services.runtime.errors import Ended, Status
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.tasks import Tasks, Worker, first_of

ENDS: list[tuple[Exception, Status]] = [
    (Ended(Status.GAP, "a gap"), Status.GAP),
    (Misconfigured("set it"), Status.MISCONFIGURED),
    (Unavailable("away"), Status.FENCED),
    (OverflowError("date value out of range"), Status.BUG),
]


async def _fail(error: BaseException) -> None:
    raise error


async def _for_ever() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(("error", "status"), ENDS)
async def test_what_a_background_task_raises_ends_the_process(error: Exception, status: Status) -> None:
    """The main act is called off, and everything else with it."""
    tasks, told = Tasks(lambda end: told.append(end.status)), []  # type: ignore[var-annotated]
    other = tasks.start("another", _for_ever())

    async def act() -> None:
        tasks.start("failing", _fail(error))
        await _for_ever()

    end = await tasks.run(act())
    assert (end and end.status, told) == (status, [status])
    assert other.cancelled()


@pytest.mark.parametrize(("error", "status"), ENDS)
async def test_what_the_main_act_raises_ends_it_too(error: Exception, status: Status) -> None:
    """By the same table."""
    end = await Tasks().run(_fail(error))
    assert end is not None
    assert end.status is status


async def test_a_bug_leaves_a_line_with_its_name(caplog: pytest.LogCaptureFixture) -> None:
    """And its traceback."""
    tasks = Tasks()
    tasks.start("publish composer", _fail(ZeroDivisionError("by zero")))
    await tasks.run(_for_ever())
    (record,) = [each for each in caplog.records if each.message == "bug"]
    assert record.__dict__["task"] == "publish composer"
    assert record.exc_info is not None


async def test_a_task_cancelled_by_somebody_else_ends_the_process() -> None:
    """A library can raise CancelledError into its caller, which would be the quietest of all deaths."""
    tasks = Tasks()
    tasks.start("reading", _fail(asyncio.CancelledError()))
    end = await tasks.run(_for_ever())
    assert end is not None
    assert end.status is Status.BUG
    assert "reading" in str(end)


async def test_a_task_that_was_told_to_stop_ends_nothing() -> None:
    """Its owner knows."""
    tasks = Tasks()

    async def act() -> None:
        await tasks.stop(tasks.start("one", _for_ever()), None)

    assert await tasks.run(act()) is None


async def test_the_first_end_counts() -> None:
    """What fails while everything is called off is a consequence."""
    tasks = Tasks()

    async def act() -> None:
        try:
            await _for_ever()
        finally:
            raise ZeroDivisionError

    tasks.start("first", _fail(Ended(Status.GAP, "a gap")))
    end = await tasks.run(act())
    assert end is not None
    assert end.status is Status.GAP


async def test_an_end_before_the_main_act_calls_it_off() -> None:
    """It is not begun with what is over already."""
    tasks, begun = Tasks(), []
    tasks.end(Misconfigured("set it"))

    async def act() -> None:
        begun.append(True)
        await _for_ever()

    end = await tasks.run(act())
    assert (end and end.status, begun) == (Status.MISCONFIGURED, [])


def _raise() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("start", [
    lambda tasks: tasks.later("a timer", 0.0, _raise),
    lambda tasks: tasks.thread("a thread", _raise),
])  # fmt: skip
async def test_timers_and_threads_have_the_same_owner(start: Callable[[Tasks], Any]) -> None:
    """What they raise is not printed and forgotten."""
    tasks = Tasks()
    start(tasks)
    async with asyncio.timeout(20):
        end = await tasks.run(_for_ever())
    assert end is not None
    assert end.status is Status.BUG


async def test_a_worker_does_one_act_after_another_in_its_thread() -> None:
    """What the act gives or raises comes back."""
    worker = Worker("test")
    assert await worker.do(lambda: threading.current_thread() is not threading.main_thread())
    with pytest.raises(ZeroDivisionError):
        await worker.do(_raise)
    worker.close()


async def test_an_act_that_was_given_to_a_worker_is_done_in_its_turn() -> None:
    """Also where whoever waits for it is called off before it has begun."""
    worker, may_go_on, done = Worker("test"), threading.Event(), list[str]()
    first = asyncio.create_task(worker.do(may_go_on.wait))
    second = asyncio.create_task(worker.do(done.append, "second"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    may_go_on.set()
    assert await first
    await worker.do(done.append, "third")
    assert done == ["second", "third"]
    worker.close()


async def test_the_first_of_two_acts_ends_the_other() -> None:
    """And what it raises is raised."""
    ended = asyncio.Event()

    async def endless() -> None:
        try:
            await _for_ever()
        finally:
            ended.set()

    await first_of(asyncio.sleep(0), endless())
    assert ended.is_set()
    with pytest.raises(ZeroDivisionError):
        await first_of(_fail(ZeroDivisionError()), endless())
