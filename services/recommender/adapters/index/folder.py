"""A folder for one process: the first that is free of `qdrant`, `qdrant-2`, …. An embedded index serves one process."""

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.runtime.outcome import Misconfigured

MOST_PROCESSES = 16  # embedded; more want a server


@dataclass(frozen=True, slots=True)
class Claim:
    """A folder that is ours until `release`, or until this process ends, however it ends."""

    folder: Path
    descriptor: int

    def release(self) -> None:
        """Let another process have the folder."""
        os.close(self.descriptor)


def claim(folder: Path) -> Claim:
    """The first free folder; the lock is beside it, so that the folder itself may be thrown away.

    Raises:
        Misconfigured: no folder can be made there, or too many processes share it.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for sibling in _siblings(folder):
            descriptor = os.open(sibling.with_name(f"{sibling.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            return Claim(sibling, descriptor)
    except OSError as error:
        raise Misconfigured(
            f"index folder {folder}: {error.strerror}; set KINDLING_QDRANT_PATH to a writable one"
        ) from error
    raise Misconfigured(
        f"index folder {folder}: {MOST_PROCESSES} processes share it; set KINDLING_QDRANT_URL to a server for more"
    )


def _siblings(folder: Path) -> Iterator[Path]:
    yield folder
    for number in range(2, MOST_PROCESSES + 1):
        yield folder.with_name(f"{folder.name}-{number}")
