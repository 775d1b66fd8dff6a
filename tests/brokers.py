"""Brokers for tests: each test gets a fresh one of its own, and the next is made ready while it runs."""

import shutil
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local import kafka as local
from deploy.local.ports import free_port

SOON_BACK = ("broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500")
"""A broker that comes back after SIGKILL waits for the session of its former self: 9 s unless told."""
SHORT_LIVED = ("-XX:TieredStopAtLevel=1",)  # a minute's broker is over before the second compiler has paid off
TRIES = 3  # ports that were free may be taken by the time the broker listens


@dataclass(slots=True)
class Node:
    """The broker and its process, for tests that kill it."""

    at: local.Broker
    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """SIGKILL, in the middle of whatever it does."""
        self.process.kill()
        self.process.wait(10)

    def restart(self) -> None:
        """Start it again on the same folder and ports; returns when it answers."""
        self.process = local.spawn(self.at)
        local.wait_ready(self.process, self.at)


class Stable:
    """As many brokers as tests want, one after the other; the storage of the first is copied for all."""

    def __init__(self, folder: Path, wanted: int) -> None:
        self._folder = folder
        self._left = wanted
        self._made = 0
        self._work = ThreadPoolExecutor(1, "brokers")
        self._next: Future[Node] | None = None

    def take(self) -> Node:
        """A broker that answers and holds nothing; the next one's start begins."""
        node = (self._next or self._work.submit(self._start)).result()
        self._left -= 1
        self._next = self._work.submit(self._start) if self._left > 0 else None
        return node

    def leave(self, node: Node) -> None:
        """Stop it, with nobody waiting for its end."""
        node.process.terminate()
        self._work.submit(self._stop, node)

    def close(self) -> None:
        """Stop what is left."""
        if self._next is not None:
            self.leave(self._next.result())
        self._work.shutdown()

    def _start(self, tries: int = TRIES) -> Node:
        self._made += 1
        folder, blank = self._folder / str(self._made), self._folder / "blank"
        if blank.exists():
            shutil.copytree(blank, folder / "data")
        at = local.Broker(folder, free_port(), free_port(), SHORT_LIVED, SOON_BACK)
        try:
            node = Node(at, self._spawned(at, blank))
            local.wait_ready(node.process, at)
        except local.LocalKafkaError:
            if tries == 1:
                raise
            return self._start(tries - 1)
        return node

    @staticmethod
    def _spawned(at: local.Broker, blank: Path) -> "subprocess.Popen[bytes]":
        """Its process; the storage is kept as it is before the first broker writes into it."""
        words = local.command(at)
        if not blank.exists():
            shutil.copytree(at.folder / "data", blank)
        return local.launch(words, at)

    @staticmethod
    def _stop(node: Node) -> None:
        local.end(node.process)
        shutil.rmtree(node.at.folder / "data")  # its log stays, for who looks why a test failed
