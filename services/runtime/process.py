"""One process: settings, logs, signals, health server, and the status it ends with."""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from services.runtime.errors import Ended, Status
from services.runtime.health import Health
from services.runtime.listening import until_free
from services.runtime.logs import configure
from services.runtime.metrics import RESTARTS
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.settings import ServiceSettings, load, masked

S = TypeVar("S", bound=ServiceSettings)
LAST_RESORT_S = 10.0  # a library that hangs while it stops must not keep a dead worker alive

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Process:
    """What a service is given of its process: when to stop, and where to say that it is ready."""

    service: str
    stop: asyncio.Event
    health: Health
    drain_s: float = 10.0
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)


def run(service: str, kind: type[S], serve: Callable[[S, Process], Awaitable[None]]) -> int:
    """Run a service until SIGTERM or SIGINT; the exit status by the outcome table."""
    try:
        settings = load(kind)
    except Misconfigured as error:
        return _misconfigured(service, error)
    configure(service, settings.log_level)
    try:
        status = asyncio.run(_main(service, settings, serve))
    except KeyboardInterrupt:
        status = 0
    return status


async def _main(service: str, settings: S, serve: Callable[[S, Process], Awaitable[None]]) -> int:
    process = Process(service, asyncio.Event(), Health(service), settings.drain_s)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, process)
    try:
        health = partial(process.health.start, settings.health_host, settings.health_port)
        if await until_free(health, process.stop) is None:
            return 0
    except Misconfigured as error:
        return _misconfigured(service, error)
    RESTARTS.labels(settings.last_status).set(settings.restarts)
    log.info("started", extra={"settings": masked(settings), "health_port": process.health.port, "pid": os.getpid()})
    status = await _status(settings, process, serve)
    _last_resort(status)
    await process.health.stop()
    log.info("ended", extra={"status": int(status)})
    return status


async def _status(settings: S, process: Process, serve: Callable[[S, Process], Awaitable[None]]) -> int:
    try:
        await serve(settings, process)
    except Misconfigured as error:
        return _misconfigured(process.service, error)
    except Ended as end:
        log.error("ended", extra={"status": int(end.status), "reason": str(end)})  # noqa: TRY400 the reason says all
        return end.status
    except Unavailable as error:
        log.error("ended", extra={"status": int(Status.FENCED), "reason": str(error)})  # noqa: TRY400 the reason says all
        return Status.FENCED
    except Exception:  # the one place where our bugs end: a line with its traceback, and 70
        log.exception("bug")
        return Status.BUG
    return 0


def _misconfigured(service: str, error: Misconfigured) -> int:
    print(f"{service}: {error}", file=sys.stderr, flush=True)  # noqa: T201 for the operator at the terminal
    return Status.MISCONFIGURED


def _stop(process: Process) -> None:
    """Ask the service to stop; what does not look (a start that waits for Kafka) is ended a while after the drain."""
    process.stop.set()
    _last_resort(0, process.drain_s + LAST_RESORT_S)


def _last_resort(status: int, after_s: float = LAST_RESORT_S) -> None:
    timer = threading.Timer(after_s, os._exit, (int(status),))
    timer.daemon = True
    timer.start()
