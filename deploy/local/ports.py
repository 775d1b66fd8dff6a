"""Ports of this machine for what runs on it for a while: whoever of ours is given one has it to itself.

Between asking for a free port and listening on it lie seconds (a broker), in a demo half a minute. A port that somebody
else is given within them makes two that take each other for one: clients of the one talk to the other.
"""

import fcntl
import os
import secrets
import socket
import tempfile
from pathlib import Path

PORTS = range(15_000, 32_000)
TRIES = 100
LOCKS = f"kindling-ports-{os.getuid()}"


class LocalError(RuntimeError):
    """Something cannot run on this machine; the message says what to do."""


class Ports:
    """The ports this process was given: no process of the machine gets them before this one has ended.

    A byte of one file stands for each port, locked by the system: a lock goes with its process, and is not inherited.
    """

    def __init__(self, folder: Path) -> None:
        self._file, self._given, self._opened = folder / LOCKS, set[int](), -1

    def give(self) -> int:
        """A port that was given to nobody, that nobody listens on, and below those the system gives to connections.

        Raises:
            LocalError: none was found, or the file cannot be written.
        """
        for _ in range(TRIES):
            port = PORTS.start + secrets.randbelow(len(PORTS))
            if port not in self._given and self._lock(port) and _is_free(port):
                self._given.add(port)
                return port
        raise LocalError(f"no port from {PORTS.start} to {PORTS.stop} is free: end what listens there")

    def _lock(self, port: int) -> bool:
        try:
            if self._opened < 0:  # never closed: closing any descriptor of the file gives every lock back
                self._opened = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise self._without_locks(error) from error
        try:
            fcntl.lockf(self._opened, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except (BlockingIOError, PermissionError):  # either says that another process has it
            return False
        except OSError as error:
            raise self._without_locks(error) from error
        return True

    def _without_locks(self, error: OSError) -> LocalError:
        what = f"cannot lock a port in {self._file}: {error.strerror}"
        return LocalError(f"{what}. Set TMPDIR to a local folder of yours")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_of_process = Ports(Path(tempfile.gettempdir()))
free_port = _of_process.give
