"""The owner of every task, thread and timer of a process: each has a name, and none can die unseen.

Whatever a background task raises ends the process, by the outcome table. A test of the house allows no task, thread,
timer or executor elsewhere.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from services.runtime.errors import Ended, Status
from services.runtime.outcome import Misconfigured, Unavailable

T = TypeVar("T")

log = logging.getLogger(__name__)


class Tasks:
    """The tasks of one process, or of one command; `on_end` is told the moment the end is known."""

    def __init__(self, on_end: Callable[[Ended], object] = lambda _: None) -> None:
        self._on_end = on_end
        self._names: dict[asyncio.Task[Any], str] = {}
        self._stopped: set[asyncio.Task[Any]] = set()
        self._main: asyncio.Task[None] | None = None
        self._end: Ended | None = None

    @property
    def ended(self) -> Ended | None:
        """How the process ends, once that is known."""
        return self._end

    @property
    def owned(self) -> dict[asyncio.Task[Any], str]:
        """Every task that runs, and its name; a copy, for who looks from another thread."""
        return self._names.copy()

    async def run(self, act: Coroutine[Any, Any, None]) -> Ended | None:
        """Run the main act; how the process ended, None where the act did what it should.

        The first end of a background task calls the act off, and no background task outlives it.
        """
        self._main = self.start("main", act)
        if self._end is not None:
            self._call_off(self._main)
        try:
            await asyncio.wait([self._main])
        finally:
            await self.stop(*self._names)
        return self._end

    def start(self, name: str, act: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Run the act in the background. What it raises, and being cancelled by anybody else, ends the process."""
        task = asyncio.create_task(act, name=name)
        self._names[task] = name
        task.add_done_callback(self._done)
        return task

    async def stop(self, *tasks: "asyncio.Task[Any] | None") -> None:
        """Cancel the tasks and wait until each has ended; what a task had raised before stays an end."""
        asked = [task for task in tasks if task is not None]
        for task in asked:
            self._call_off(task)
        await asyncio.gather(*asked, return_exceptions=True)

    def end(self, error: BaseException, name: str = "") -> None:
        """End the process by this error; the first counts."""
        end = end_of(error, name)
        if self._end is None:
            self._end = end
            self._on_end(end)
            if self._main is not None:
                self._call_off(self._main)

    def later(self, name: str, after_s: float, act: Callable[[], object]) -> asyncio.TimerHandle:
        """Call the act after so many seconds; what it raises ends the process."""

        def called() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001 a timer that died unseen would be silence
                self.end(error, name)

        return asyncio.get_running_loop().call_later(after_s, called)

    def thread(self, name: str, act: Callable[[], None]) -> threading.Thread:
        """Run the act in a thread that does not keep the process alive; what it raises ends the process."""
        loop = asyncio.get_running_loop()

        def called() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001 as in `later`
                loop.call_soon_threadsafe(self.end, error, name)

        thread = threading.Thread(target=called, name=name, daemon=True)
        thread.start()
        return thread

    def _call_off(self, task: "asyncio.Task[Any]") -> None:
        if not task.done():
            self._stopped.add(task)
            task.cancel()

    def _done(self, task: "asyncio.Task[Any]") -> None:
        name, is_stopped = self._names.pop(task), task in self._stopped
        self._stopped.discard(task)
        if not task.cancelled():
            if (error := task.exception()) is not None:
                self.end(error, name)
        elif not is_stopped:  # a library can raise CancelledError into its caller: see KAFKA.md on its consumer's stop
            self.end(Ended(Status.BUG, f"the task {name} was cancelled by somebody else"), name)


class Worker:
    """One thread that does one act after another, for libraries that block."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, name)

    async def do(self, act: Callable[..., T], *words: Any) -> T:
        """What the act gives, done in the thread; what it raises is raised here.

        An act that was given is done in its turn, also where whoever waits for it is called off.
        """
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, act, *words))

    def close(self) -> None:
        """Take no more acts."""
        self._thread.shutdown(wait=False)


async def first_of(*acts: Awaitable[Any]) -> None:
    """Return as soon as one of the acts has ended, and call the others off.

    Raises:
        Whatever the one that ended first raises.
    """
    waits = [asyncio.ensure_future(each) for each in acts]
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    for each in done:
        each.result()


def end_of(error: BaseException, name: str = "") -> Ended:
    """How a process ends by this error; our bugs leave a line with their traceback."""
    match error:
        case Ended():
            return error
        case Misconfigured():
            return Ended(Status.MISCONFIGURED, str(error))
        case Unavailable():
            return Ended(Status.FENCED, str(error))
        case _:
            log.error("bug", extra={"task": name}, exc_info=error)
            return Ended(Status.BUG, f"{name or 'a task'} failed: {error!r}")


def last_resort(status: int, after_s: float) -> None:
    """End the process in any case after so many seconds: a library that hangs must not keep a dead worker alive."""
    timer = threading.Timer(after_s, os._exit, (int(status),))
    timer.daemon = True
    timer.start()
