"""A folder that only one process of the machine may have: the system takes the lock back when the process ends."""

import fcntl
from pathlib import Path
from typing import TextIO

from services.runtime.outcome import FolderInUse, Misconfigured

FILE = "process.lock"


async def have(folder: Path, setting: str) -> TextIO:
    """The folder, made where it is not there, as this process's own until what is given is closed.

    Raises:
        FolderInUse: another process has it.
        Misconfigured: it cannot be written to, or the file system has no locks.
    """
    held = _opened(folder, setting)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        if isinstance(error, BlockingIOError):
            what = f"{setting}: expected a folder that no other process has; another works in {folder}"
            raise FolderInUse(f"{what}. Give each process a folder of its own, or end the other") from error
        raise Misconfigured(f"{setting}: cannot lock {folder}: {error.strerror}. Choose a local disk") from error
    return held


def _opened(folder: Path, setting: str) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / FILE).open("a")
    except OSError as error:
        raise Misconfigured(f"{setting}: cannot write to {folder}: {error.strerror}") from error
