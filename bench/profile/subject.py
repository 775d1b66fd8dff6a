"""A subject as a process: started, watched by its log and its group's committed offsets, ended."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from bench.cpu import cpu_s
from bench.node import Place

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "examples" / "academy"
WITHIN_S = 600.0  # for any one thing that is waited for; a slow machine needs a minute
LOOK_EVERY_S = 0.02
ASK_EVERY_S = 0.1
END_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What is started, the name of its consumer group, and the action that it logs once it has its partitions.

    `command` gives the words for a place; `settings` are its own.
    """

    name: str
    command: Callable[[Place], Sequence[str]]
    group: str
    ready: str = "owned"
    settings: Mapping[str, str] = field(default_factory=dict)


def python(*words: str) -> Callable[[Place], Sequence[str]]:
    """The command of a module."""
    return lambda _: (sys.executable, "-u", "-m", *words)


KINDLING = Kind("kindling", python("services.profile"), "profile")
NATIVE = Kind("native", python("services.runtime.native", "services.profile"), "profile")
PLAIN = Kind("plain", python("bench.profile.plain"), "bench-plain")
INGEST = Kind("ingest", python("services.ingest", "consumer"), "ingest", ready="started")


class Died(RuntimeError):  # noqa: N818 what happened
    """The subject ended before its work was done, or did not get on; the message holds its last lines."""


@dataclass(frozen=True, slots=True)
class Running:
    """A started subject."""

    kind: Kind
    process: "subprocess.Popen[bytes]"
    log: Path
    began_s: float

    def cpu_s(self) -> float:
        """CPU seconds so far."""
        return cpu_s(self.process.pid)

    def said(self, action: str) -> dict[str, Any] | None:
        """The first line of an action in its log, or None."""
        for line in self.log.read_bytes().split(b"\n"):
            if line.startswith(b"{") and f'"{action}"'.encode() in line:
                found: dict[str, Any] = orjson.loads(line)
                if found.get("action") == action:
                    return found
        return None

    async def until_said(self, action: str) -> dict[str, Any]:
        """The first line of an action, once it is there.

        Raises:
            Died: it never came.
        """
        while (line := self.said(action)) is None:
            self.check()
            await asyncio.sleep(LOOK_EVERY_S)
        return line

    async def until_ready(self) -> None:
        """Return once its health server says that it is.

        Raises:
            Died: it never did.
        """
        port = (await self.until_said("started"))["health_port"]
        async with aiohttp.ClientSession() as client:
            while True:
                async with client.get(f"http://127.0.0.1:{port}/ready") as answer:
                    if answer.status == HTTPStatus.OK:
                        return
                self.check()
                await asyncio.sleep(LOOK_EVERY_S)

    def check(self) -> None:
        """Nothing, while it lives and is in time.

        Raises:
            Died: it does not.
        """
        if self.process.poll() is None and time.monotonic() - self.began_s < WITHIN_S:
            return
        last = self.log.read_text()[-2_000:]
        raise Died(f"{self.kind.name}: status {self.process.returncode} after {WITHIN_S:.0f} s at most: {last}")


@asynccontextmanager
async def started(kind: Kind, place: Place) -> AsyncIterator[Running]:
    """The subject, from its start to its end by SIGTERM."""
    running = _start(kind, place)
    try:
        yield running
    finally:
        await asyncio.to_thread(_end, running.process)


async def until_committed(running: Running, address: str, topic: str, ends: Mapping[int, int]) -> None:
    """Wait until the subject's group has committed these ends of its input.

    Raises:
        Died: it ended, or did not get there.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        while True:
            stands = {}
            with suppress(GroupCoordinatorNotAvailableError):  # the broker has just begun
                offsets = await admin.list_consumer_group_offsets(running.kind.group)
                stands = {each.partition: found.offset for each, found in offsets.items() if each.topic == topic}
            if all(stands.get(number, 0) >= end for number, end in ends.items()):
                return
            running.check()
            await asyncio.sleep(ASK_EVERY_S)
    finally:
        await admin.close()


def environment(place: Place, settings: Mapping[str, str]) -> dict[str, str]:
    """What a process of ours is told, at a place."""
    return {
        **os.environ,
        "KINDLING_KAFKA_BOOTSTRAP_SERVERS": place.address,
        "KINDLING_SECRET": "a secret of the measurement",
        "KINDLING_PROGRAM": str(PROGRAM),
        "KINDLING_PROFILE_DATA": str(place.folder / "profile"),
        "KINDLING_HEALTH_PORT": "0",
        **settings,
    }


def _start(kind: Kind, place: Place) -> Running:
    log = place.folder / f"{kind.name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            kind.command(place), cwd=ROOT, env=environment(place, kind.settings), stdout=out, stderr=out,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    return Running(kind, process, log, time.monotonic())


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
