"""Runs a command that must not outlive its parent, which holds the other end of stdin.

When stdin ends (the parent stopped, crashed or was killed) the command gets SIGTERM, and SIGKILL ten seconds later.
"""

import os
import signal
import subprocess
import sys
import threading

PATIENCE_S = 10.0


def main() -> int:
    """Run the command; its status."""
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: child.terminate())
    threading.Thread(target=_watch, args=(child,), daemon=True).start()
    return child.wait()


def _watch(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 4_096):
        pass
    child.terminate()
    try:
        child.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main())
