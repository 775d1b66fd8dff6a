"""The demo's processes: each on a leash, so that none outlives the demo, whatever ends it."""

import asyncio
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.one_log import Files, Output
from services.runtime.errors import Status
from services.runtime.leash import on_leash

POLL_S = 0.1
END_WITHIN_S = 20.0


class DemoError(RuntimeError):
    """The demo cannot go on; the message says why, in one sentence."""


@dataclass(slots=True)
class Processes:
    """What runs; everything ends with `end`, or with this process."""

    folder: Path
    environment: Mapping[str, str]
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    output: Output | None = None
    ends_last: str = ""
    """What the others stand on: asked to end when they have, since they say good-bye to it."""

    @property
    def _output(self) -> Output:
        return self.output or Files(self.folder)

    def start(self, name: str, command: Sequence[str], **settings: str) -> None:
        """Start a command on the leash, from the main thread; its output goes to `<name>.log`, or to the one output."""
        environment = {**os.environ, **self.environment, **settings}
        with self._output.open(name) as log:
            self.running[name] = on_leash(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def start_module(self, name: str, *words: str, **settings: str) -> None:
        """Start `python -m words`."""
        self.start(name, [sys.executable, "-m", *words], **settings)

    def check(self) -> None:
        """Raise where a process has ended.

        Raises:
            DemoError: with the last line it wrote.
        """
        for name, process in self.running.items():
            if (status := process.poll()) is not None:
                raise DemoError(self.told(name, status))

    def told(self, name: str, status: int) -> str:
        """What is said of a process that has ended with the status."""
        word = "is misconfigured" if status == Status.MISCONFIGURED else f"ended with status {status}"
        return f"{name} {word}: {self._output.last_line(name)[-400:]} (see {self._output.place(name)})"

    async def wait_until(self, is_true: Callable[[], bool], what: str, within_s: float) -> None:
        """Wait for a fact about the processes.

        Raises:
            DemoError: a process ended, or the time is up.
        """
        began = time.monotonic()
        while not await asyncio.to_thread(is_true):
            self.check()
            if time.monotonic() - began > within_s:
                raise DemoError(f"{what} within {within_s:.0f} s: see the logs in {self.folder}")
            await asyncio.sleep(POLL_S)

    def end(self) -> None:
        """Ask each to end, and kill who does not in time; who is on its leash goes with it."""
        last = {name: each for name, each in self.running.items() if name == self.ends_last}
        _end({name: each for name, each in self.running.items() if name not in last})
        _end(last)
        self.running.clear()


def _end(running: Mapping[str, "subprocess.Popen[bytes]"]) -> None:
    for process in reversed(list(running.values())):
        process.terminate()
    deadline = time.monotonic() + END_WITHIN_S
    for process in running.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(url: str) -> bool:
    """True if a GET of a loopback URL gives 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 our own loopback address
            return bool(response.status == 200)  # noqa: PLR2004 HTTP
    except (urllib.error.URLError, OSError):
        return False
