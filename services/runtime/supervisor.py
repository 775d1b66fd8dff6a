"""`python -m services.runtime.supervisor <module> [words]`: restarts a service by its exit status.

70, 75 and 76 come back, and whoever was killed; a configuration error never does. Light: it imports no library.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from services.runtime.errors import RESTARTED
from services.runtime.retry import Backoff

WAITS = Backoff(first_s=0.5, longest_s=30.0)
HEALTHY_AFTER_S = 60.0  # who lived this long is not in a crash loop


def supervise(words: Sequence[str]) -> int:
    """Run `python -m <words>`; its last status. SIGTERM and SIGINT are passed on, and end the restarts."""
    supervisor = _Supervisor([sys.executable, "-m", *words])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.pass_on)
    return supervisor.run()


class _Supervisor:
    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._is_told = False

    def pass_on(self, number: int, _: FrameType | None) -> None:
        self._is_told = True
        if self._child is not None:
            self._child.send_signal(number)

    def run(self) -> int:
        tries = 0
        while True:
            began = time.monotonic()
            self._child = subprocess.Popen(self._command)  # noqa: S603 the operator's own words
            status = self._child.wait()
            is_killed = status < 0
            if self._is_told or not (is_killed or status in RESTARTED):
                return status
            tries = 0 if time.monotonic() - began > HEALTHY_AFTER_S else tries + 1
            print(f"supervisor: {self._command[2]} ended with status {status}; starting it again", file=sys.stderr)
            time.sleep(WAITS.wait_s(tries))
            if self._is_told:
                return status


def main() -> int:
    """Read the command line."""
    if len(sys.argv) < 2:  # noqa: PLR2004 the program's name and one word
        print("supervisor: expected a module to run, as services.profile", file=sys.stderr)
        return 78
    return supervise(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
