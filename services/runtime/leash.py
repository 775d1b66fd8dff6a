"""A command that does not outlive whoever started it, be it busy, stopped, or not yet running.

This file is also the program between fork and command. It ties itself to its parent and then becomes the command,
which so has its process id, gets its signals and gives its status. On Linux the kernel is the knot; elsewhere a small
process waits for the end of a pipe. Standard library only.
"""

import ctypes
import functools
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h; it survives exec
BARE = ("-I", "-S")  # this file alone: no site, no PYTHON* variable, nothing beside it on the path


def on_leash(command: Sequence[str], **options: Any) -> "subprocess.Popen[bytes]":
    """The command as a process that is killed (SIGKILL) when this one ends; `options` are those of `Popen`.

    To be called from a thread that lives as long as the process does: Linux takes the thread for the parent.
    """
    pipe = _pipe()
    words = [sys.executable, *BARE, __file__, str(os.getpid()), str(pipe), *command]
    return subprocess.Popen(words, pass_fds=(pipe,), **options)  # noqa: S603 the caller's own words


@functools.cache
def _pipe() -> int:
    """The end that a child reads; the other is never written to, and closes with this process alone."""
    return os.pipe()[0]


def guard(pipe: int) -> None:
    """Leave a process behind that kills this one when the pipe ends, and itself ends with this one."""
    this, (alive, held) = os.getpid(), os.pipe()
    if os.fork():
        os.set_inheritable(held, True)  # noqa: FBT003 kept open by what this process becomes
        return
    os.setsid()  # Ctrl-C is not meant for it
    os.closerange(0, min(pipe, alive))
    os.close(held)
    ended, _, _ = select.select([pipe, alive], [], [])
    if alive not in ended and os.getppid() == this:
        os.kill(this, signal.SIGKILL)
    os._exit(0)


def _is_tied_by_the_kernel() -> bool:
    return sys.platform == "linux" and not ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def main(parent: int, pipe: int, command: list[str]) -> int:
    """Become the command; 1 where the parent is gone already, or there is no such command."""
    if not _is_tied_by_the_kernel():
        guard(pipe)
    os.close(pipe)
    if os.getppid() != parent:  # it ended before the knot held
        return 1
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores them, and what is ignored stays so over exec
    try:
        os.execvp(command[0], command)  # noqa: S606 the caller's own words
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
