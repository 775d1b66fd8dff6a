"""Services as processes on the real broker: start, kill, stop, wait; and what the topics hold in the end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.system.seen_demo import SeenDemo, see

ROOT = Path(__file__).parents[2]
SECRET = "a secret of the system tests"


COMES_BACK = {75, -9}  # fenced, killed: what a plan may lead to; a bug or a gap is none of it


@dataclass(slots=True)
class Worker:
    """One service process; its log is a file of JSON lines."""

    module: str
    environment: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    statuses: list[int] = field(default_factory=list)
    lingered_s: list[float] = field(default_factory=list)
    _began: int = 0

    def start(self) -> None:
        """Start it, or start it again."""
        with self.log.open("ab") as log:
            self._began = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.module.split()], cwd=ROOT, env={**os.environ, **self.environment},
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        if self.process is not None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        self.send(signal.SIGKILL)
        self.wait(10)

    def wait(self, within_s: float) -> int:
        """The exit status."""
        if self.process is None:
            return 0
        status = self.process.wait(within_s)
        self.statuses.append(status)
        self.process = None
        return status

    async def end(self, within_s: float = 20) -> int:
        """SIGTERM; the exit status."""
        self.send(signal.SIGTERM)
        return await asyncio.to_thread(self.wait, within_s)

    def keep_alive(self) -> None:
        """What a supervisor does: start again who ended with a status that comes back."""
        if self.process is not None and self.process.poll() is not None:
            self.statuses.append(self.process.returncode)
            assert self.process.returncode in COMES_BACK, self.log.read_text()[-3_000:]
            ended = [datetime.fromisoformat(line["timestamp"]) for line in self.said("ended")]
            self.lingered_s += [(datetime.now(UTC) - each).total_seconds() for each in ended[-1:]]
            self.start()

    def said(self, action: str) -> list[dict[str, Any]]:
        """The log lines of an action since the last start."""
        with self.log.open("rb") as log:
            log.seek(self._began)
            lines = [json.loads(line) for line in log if line.startswith(b"{") and line.endswith(b"}\n")]
        return [line for line in lines if line["action"] == action]


StartWorker = Callable[..., Worker]


@pytest.fixture(scope="session")
def seen_demo(tmp_path_factory: pytest.TempPathFactory) -> SeenDemo:
    """One run of the demo to its end, for all who ask what was seen of it: those of the group `demo`."""
    return see(tmp_path_factory.mktemp("seen"))


@pytest.fixture
def worker(topics: str, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts a service against the test's broker; every one is killed at the end."""
    made: list[Worker] = []

    def start(module: str, name: str, others: Mapping[str, str] | None = None, **settings: str) -> Worker:
        environment = {
            "KINDLING_KAFKA_BOOTSTRAP_SERVERS": topics,
            "KINDLING_SECRET": SECRET,
            "KINDLING_PROGRAM": str(ROOT / "examples" / "academy"),
            "KINDLING_LLM": "none",
            **{f"KINDLING_{key}": value for key, value in settings.items()},
            **(others or {}),
        }
        new = Worker(module, environment, tmp_path / f"{name}.log")
        new.start()
        made.append(new)
        return new

    yield start
    for each in made:
        if each.process is not None and each.process.poll() is None:
            each.send(signal.SIGCONT)
            each.kill()
