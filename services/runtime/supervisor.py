"""`python -m services.runtime.supervisor <module> [words]`: restarts a service by its exit status.

70, 75 and 76 come back, and whoever was killed; a configuration error never does. The service is on a leash: it ends
with its supervisor, even a killed one. Light: it imports no library.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.runtime.errors import RESTARTED
from services.runtime.leash import on_leash
from services.runtime.module_line import module_and_words
from services.runtime.retry import Backoff

WAITS = Backoff(first_s=0.5, longest_s=30.0)
HEALTHY_AFTER_S = 60.0  # who lived this long is not in a crash loop
CRASH_LOOP_FROM = 5  # quick failures in a row: half a minute of them at the most
ENDING = frozenset({signal.SIGTERM, signal.SIGINT})
Start = Callable[..., "subprocess.Popen[bytes]"]


@dataclass(slots=True)
class Restarts:
    """How often the service was started again, and how many of its lives in a row were short."""

    waits: Backoff = WAITS
    total: int = 0
    quick: int = 0
    last_status: int | None = None

    @property
    def is_loop(self) -> bool:
        """True if nothing but short lives came of so many tries."""
        return self.quick >= CRASH_LOOP_FROM

    def count(self, status: int, lived_s: float) -> float:
        """The seconds to wait before the next start; they begin anew after a minute of life."""
        self.quick = 0 if lived_s >= HEALTHY_AFTER_S else self.quick + 1
        self.total, self.last_status = self.total + 1, status
        return self.waits.wait_s(max(0, self.quick - 1))

    def environment(self) -> Mapping[str, str]:
        """What the service shows at its `/metrics`: the supervisor has no port."""
        last = "" if self.last_status is None else str(self.last_status)
        return {"KINDLING_RESTARTS": str(self.total), "KINDLING_LAST_STATUS": last}


class Signals:
    """SIGTERM, SIGINT and SIGCHLD in the order they came: a pipe keeps each until it is asked for, so none is lost."""

    def __init__(self) -> None:
        self._pipe, written = os.pipe()
        os.set_blocking(written, False)
        signal.set_wakeup_fd(written, warn_on_full_buffer=False)
        for number in (*ENDING, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)

    def next(self, within_s: float | None = None) -> int | None:
        """The next one; None if none came in time."""
        ready, _, _ = select.select([self._pipe], [], [], within_s)
        return os.read(self._pipe, 1)[0] if ready else None

    def is_told_to_end(self, within_s: float) -> bool:
        """True as soon as SIGTERM or SIGINT came; False when the time is up."""
        until = time.monotonic() + within_s
        while (number := self.next(max(0.0, until - time.monotonic()))) is not None:
            if number in ENDING:
                return True
        return False


@dataclass(slots=True)
class Supervisor:
    """One service and its lives; `start` is `on_leash` but in tests."""

    words: Sequence[str]
    restarts: Restarts = field(default_factory=Restarts)
    start: Start = on_leash

    def run(self) -> int:
        """The last status; 0 where it is told to end while no service runs."""
        signals = Signals()
        while True:
            began = time.monotonic()
            child = self.start([sys.executable, "-m", *self.words], env={**os.environ, **self.restarts.environment()})
            status, is_told = _end(child, signals)
            if is_told or not (child.returncode < 0 or status in RESTARTED):
                return status
            wait_s = self.restarts.count(status, time.monotonic() - began)
            self._say(wait_s)
            if signals.is_told_to_end(wait_s):
                return 0

    def _say(self, wait_s: float) -> None:
        line = {
            "level": "ERROR" if self.restarts.is_loop else "WARNING",
            "logger": "services.runtime.supervisor",
            "action": "crash loop" if self.restarts.is_loop else "restarting",
            "service": "-".join(each.removeprefix("services.") for each in self.words),
            "status": self.restarts.last_status,
            "tries": self.restarts.quick,
            "restarts": self.restarts.total,
            "wait_s": round(wait_s, 3),
            "timestamp": datetime.now(UTC).isoformat(),
        }
        with suppress(OSError):  # a log that nobody reads any more is no reason to leave the service down
            os.write(1, f"{json.dumps(line)}\n".encode())


def _end(child: "subprocess.Popen[bytes]", signals: Signals) -> tuple[int, bool]:
    """The child's status as a shell gives it (128 and the signal), and whether we were told to end: it is told, too."""
    is_told = False
    while (status := child.poll()) is None:
        number = signals.next()
        if number in ENDING:
            is_told = True
            child.send_signal(number)
    return (status if status >= 0 else 128 - status), is_told


def main() -> int:
    """Read the command line."""
    return Supervisor(module_and_words("supervisor", __doc__)).run()


if __name__ == "__main__":
    sys.exit(main())
