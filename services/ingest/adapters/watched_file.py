"""A file of the operator's that is read at the start, and again whenever it has changed; what all of them share."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from prometheus_client import Counter
from pydantic import ValidationError

from schemas.problems import expected, place
from services.runtime.outcome import Misconfigured

LOOK_S = 5.0  # between two looks whether the file has changed
MAX_PROBLEMS = 5
T = TypeVar("T")

log = logging.getLogger(__name__)


class WatchedFile(Generic[T]):
    """What a file says, as it was when it last could be read. `counts` are what a line of the log may show of it."""

    def __init__(
        self,
        path: Path,
        read: Callable[[Path], T],
        what: str,
        metric: Counter,
        counts: Callable[[T], Mapping[str, int]],
    ) -> None:
        self._path, self._read, self._what = path, read, what
        self._metric, self._counts = metric, counts
        for outcome in ("read", "broken"):
            metric.labels(outcome)
        self._seen = _state(path)
        self.value = read(path)
        self._problem = ""

    def look(self) -> None:
        """Read the file if it has changed; one that cannot be read changes nothing, and is said so."""
        seen = _state(self._path)
        if seen == self._seen and not self._problem:
            return
        self._seen = seen
        try:
            self.value = self._read(self._path)
        except Misconfigured as error:
            self._metric.labels("broken").inc()
            if str(error) != self._problem:
                log.error(f"{self._what} not read", extra={"reason": str(error)})  # noqa: G004, TRY400 the operator's
            self._problem = str(error)
            return
        self._problem = ""
        self._metric.labels("read").inc()
        log.info(f"{self._what} read", extra=dict(self._counts(self.value)))  # noqa: G004 a constant

    async def look_for_ever(self, every_s: float = LOOK_S) -> None:
        """Look every few seconds."""
        while True:
            await asyncio.sleep(every_s)
            self.look()


def secret_in(path: Path) -> bytes:
    """The secret that a file holds; a line break at its end is no part of it.

    Raises:
        Misconfigured: it cannot be read.
    """
    try:
        return path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise Misconfigured(f"{path}: expected a readable file: {error.strerror}") from error


def problems(error: ValidationError) -> str:
    """The fields that are wrong and what was expected of them; never what stood there."""
    found = error.errors(include_url=False, include_input=False)
    said = [f"{place(each, 'the whole')}: {expected(each)}" for each in found]
    more = f"; and {len(said) - MAX_PROBLEMS} more" if len(said) > MAX_PROBLEMS else ""
    return "; ".join(said[:MAX_PROBLEMS]) + more


def _state(path: Path) -> tuple[int, int, int] | None:
    """What changes with a file: also where another takes its place, as in a mounted folder."""
    try:
        now = path.stat()
    except OSError:
        return None
    return now.st_mtime_ns, now.st_size, now.st_ino
