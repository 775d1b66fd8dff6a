"""`python -m deploy.local.stand`: keeps every service of a business up, and a mail sink, until SIGTERM; `up` starts it.

Each service is supervised and on a leash: none outlives this process, whatever ends it. All write to one log.
"""

import argparse
import asyncio
import fcntl
import functools
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.one_log import OneLog
from deploy.local.place import HOST, Place, add_words, environment_of, place_of
from deploy.local.ports import LocalError, free_port
from deploy.local.processes import DemoError, Processes, answers

SERVICES = ("profile", "recommender", "composer", "connector", "console")
LABELS = ("collector", "consumer", *SERVICES)
READY_WITHIN_S = 180.0
LOOK_S = 0.2
OWN = "up"
"""The name of its own lines in the log."""


class Stand:
    """What runs, from the first start to the last end."""

    def __init__(self, place: Place) -> None:
        self._place, self._log = place, OneLog(place.log)
        self._processes = Processes(place.folder, environment_of(place), output=self._log)
        self._told: set[str] = set()

    async def run(self, stop: asyncio.Event) -> int:
        """The exit status: 1 where not all came up."""
        try:
            await self._start(stop)
            while not stop.is_set():
                self._look()
                await asyncio.sleep(LOOK_S)
        except DemoError as error:
            self._log.say(OWN, str(error))
            return 1
        finally:
            self._place.ready.unlink(missing_ok=True)
            await asyncio.to_thread(self._processes.end)
            self._log.close()
        self._log.say(OWN, "all ended in order")
        return 0

    async def _start(self, stop: asyncio.Event) -> None:
        ports = {label: free_port() for label in LABELS}
        sink = ("--port", str(self._place.ports["smtp"]), "--page-port", str(self._place.ports["mails"]))
        self._processes.start_module("mails", "deploy.local.smtp_sink", *sink, "--folder", str(self._place.mails))
        for label, port in ports.items():
            words = (f"services.{label}",) if label in SERVICES else ("services.ingest", label)
            health = {"KINDLING_HEALTH_HOST": HOST, "KINDLING_HEALTH_PORT": str(port)}
            self._processes.start_module(label, "services.runtime.supervisor", *words, **health)
        urls = [f"http://{HOST}:{port}/ready" for port in ports.values()]
        for label, url in zip(ports, [*urls], strict=True):
            is_up = functools.partial(_is_up, url, stop)
            await self._processes.wait_until(is_up, f"{label} was not ready", READY_WITHIN_S)
        if not stop.is_set():
            self._place.ready.write_text(json.dumps({"program": str(self._place.program), "health": ports}))

    def _look(self) -> None:
        """Say of each process that has ended for good that it did; the others go on."""
        for name, process in self._processes.running.items():
            if (status := process.poll()) is not None and name not in self._told:
                self._told.add(name)
                self._log.say(OWN, self._processes.told(name, status))


def _is_up(url: str, stop: asyncio.Event) -> bool:
    return stop.is_set() or answers(url)


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """True while nobody else stands in the folder; the lock ends with whoever holds it, and its file has the process.

    It is read without being taken by `holder`.
    """
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield True


def holder(folder: Path) -> int | None:
    """The process that stands in the folder, or None."""
    try:
        with (folder / "lock").open("r") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read() or 0) or None
    except FileNotFoundError:
        pass
    return None


async def _main(place: Place) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return await Stand(place).run(stop)


def main() -> int:
    """Read the command line and stand."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.stand", description=__doc__.splitlines()[0])
    add_words(parser)
    place = place_of(parser.parse_args())
    place.folder.mkdir(parents=True, exist_ok=True)
    with held(place.folder) as is_ours:
        if not is_ours:
            return 1
        try:
            return asyncio.run(_main(place))
        except LocalError as error:
            OneLog(place.log).say(OWN, str(error))
            return 1


if __name__ == "__main__":
    sys.exit(main())
