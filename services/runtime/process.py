"""One process: settings, logs, signals, health server, and the status it ends with."""

import asyncio
import gc
import logging
import os
import platform
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from services.runtime import spans
from services.runtime.errors import Ended, Status
from services.runtime.health import Health
from services.runtime.listening import until_free
from services.runtime.logs import configure
from services.runtime.metrics import BUILD_INFO, RESTARTS
from services.runtime.outcome import Misconfigured
from services.runtime.settings import ServiceSettings, load, masked, misspelt
from services.runtime.tasks import Tasks, last_resort
from services.runtime.version import version
from services.runtime.watch import Watch

S = TypeVar("S", bound=ServiceSettings)
GARBAGE_THRESHOLDS = (50_000, 20, 100)
"""Objects made before the garbage collector looks, by generation.

What a service holds are trees without cycles, which counting frees: at Python's own 700 the collector walks them again
and again for nothing (5 % of what ingest and profile together need for an event, November 2026).
"""
LAST_RESORT_S = 10.0  # a library that hangs while it stops must not keep a dead worker alive

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Process:
    """What a service is given of its process: when to stop, where to say that it is ready, and who owns its tasks.

    `restarts`: how often the supervisor has started it anew. `cause_of_fence`: asks whether a fence has a cause that a
    restart would not mend; None where there is no such cause.
    """

    service: str
    stop: asyncio.Event
    health: Health
    drain_s: float = 10.0
    tasks: Tasks = field(default_factory=Tasks)
    watch: Watch = field(default_factory=Watch)
    last_resort: Callable[[int, float], object] = lambda _status, _after_s: None  # for a process that is one
    restarts: int = 0
    cause_of_fence: Callable[[], Awaitable[Ended | None]] | None = None

    async def caused(self, end: Ended) -> Ended:
        """The end, or what stands behind it: of a fence only who asks may know."""
        if end.status is not Status.FENCED or self.cause_of_fence is None:
            return end
        return await self.cause_of_fence() or end


def run(service: str, kind: type[S], serve: Callable[[S, Process], Coroutine[Any, Any, None]]) -> int:
    """Run a service until SIGTERM or SIGINT; the exit status by the outcome table."""
    try:
        settings = load(kind)
    except Misconfigured as error:
        return _misconfigured(service, error)
    configure(service, settings.log_level)
    for name, nearest in misspelt():
        log.warning("unknown setting", extra={"setting": name, "nearest": nearest, "todo": "mend its name or unset it"})
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    try:
        status = asyncio.run(_main(service, settings, serve))
    except KeyboardInterrupt:
        status = 0
    return status


async def _main(service: str, settings: S, serve: Callable[[S, Process], Coroutine[Any, Any, None]]) -> int:
    tasks = Tasks(on_end=lambda end: last_resort(end.status, LAST_RESORT_S))
    watch = Watch(settings.live_patience_s)
    health = Health(service, lambda: watch.stalled)
    process = Process(service, asyncio.Event(), health, settings.drain_s, tasks, watch, last_resort, settings.restarts)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, process)
    try:
        if settings.otlp_endpoint is not None:
            spans.listen(_sink(service, settings.otlp_endpoint))
        listen = partial(health.start, settings.health_host, settings.health_port)
        if await until_free(listen, process.stop) is None:
            return 0
    except Misconfigured as error:
        return _misconfigured(service, error)
    BUILD_INFO.labels(version(), service, platform.python_version()).set(1)
    RESTARTS.labels(settings.last_status).set(settings.restarts)
    log.info("started", extra={"settings": masked(settings), "health_port": process.health.port, "pid": os.getpid()})
    watch.begin(tasks)
    status = await _status(settings, process, serve)
    last_resort(status, LAST_RESORT_S)
    await process.health.stop()
    spans.stop()
    log.info("ended", extra={"status": int(status)})
    return status


def _sink(service: str, endpoint: str) -> spans.Sink:
    """Whom spans are told to; its library is imported where it is wanted, and only there.

    Raises:
        Misconfigured: it is not installed.
    """
    try:
        from services.runtime.otlp import Otlp  # noqa: PLC0415 services run without the extra
    except ImportError as error:
        what = "KINDLING_OTLP_ENDPOINT is set, and the library that sends spans is not installed"
        raise Misconfigured(f"{what} ({error}): install requirements/otel.txt, or unset it") from error
    return Otlp(service, endpoint)


async def _status(settings: S, process: Process, serve: Callable[[S, Process], Coroutine[Any, Any, None]]) -> int:
    end = await process.tasks.run(serve(settings, process))
    if end is None:
        return 0
    end = await process.caused(end)
    if end.status is Status.MISCONFIGURED:
        return _misconfigured(process.service, end)
    log.error("ended", extra={"status": int(end.status), "reason": str(end)})
    return end.status


def _misconfigured(service: str, error: Exception) -> int:
    print(f"{service}: {error}", file=sys.stderr, flush=True)  # noqa: T201 for the operator at the terminal
    return Status.MISCONFIGURED


def _stop(process: Process) -> None:
    """Ask the service to stop; what does not look (a start that waits for Kafka) is ended a while after the drain."""
    process.stop.set()
    last_resort(0, process.drain_s + LAST_RESORT_S)
