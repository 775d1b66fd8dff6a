"""The pipeline's page, made anew every two seconds while somebody looks, once for all who do."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator

from services.console.core.flow import DAY, HOUR, Sample, Snapshot, Told, recent, snapshot
from services.console.core.held import Held
from services.console.core.values import Act
from services.console.ports import Archive, Desk, Flow
from services.runtime.clock import now
from services.runtime.outcome import Unavailable
from services.runtime.tasks import first_of

EVERY_S = 2.0
FRESH_S = 1.5  # younger than this a snapshot serves another who asks
MOST_LISTENERS = 50
SAMPLES = 20  # more than are made in the time that a rate is taken over


class Full(Exception):  # noqa: N818 the page says it in words
    """Too many listen already."""


class Live:
    """Snapshots for all who listen. One that is slow gets the newest, never a queue of old ones."""

    def __init__(self, flow: Flow, desk: Desk, held: Held) -> None:
        self._flow, self._desk, self._held = flow, desk, held
        self._samples: deque[Sample] = deque(maxlen=SAMPLES)
        self._latest: Snapshot | None = None
        self._changed, self._wanted = asyncio.Event(), asyncio.Event()
        self._lock = asyncio.Lock()
        self.listeners = 0
        self.is_over = False

    async def now(self) -> Snapshot:
        """A snapshot of the last two seconds; made where there is none."""
        async with self._lock:
            latest = self._latest
            if latest is None or (now() - latest.at).total_seconds() >= FRESH_S:
                latest = self._latest = await self._made()
            return latest

    async def run(self, stop: asyncio.Event) -> None:
        """Make snapshots while somebody listens, until told to stop; then all who listen are let go."""
        try:
            while not stop.is_set():
                await first_of(stop.wait(), self._wanted.wait())
                if self.listeners and not stop.is_set():
                    await self.now()
                    self._tell()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), EVERY_S)
        finally:
            self.is_over = True
            self._tell()
            await self._flow.stop()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Counted among those who listen while the block lasts.

        Raises:
            Full: too many do.
        """
        if self.listeners >= MOST_LISTENERS:
            raise Full
        self.listeners += 1
        self._wanted.set()
        try:
            yield
        finally:
            self.listeners -= 1
            if not self.listeners:
                self._wanted.clear()

    async def next(self, within_s: float) -> Snapshot | None:
        """The next snapshot; None where none is made in time, or none will be."""
        changed = self._changed
        try:
            await asyncio.wait_for(changed.wait(), within_s)
        except TimeoutError:
            return None
        return None if self.is_over else self._latest

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _made(self) -> Snapshot:
        problem = ""
        try:
            self._samples.append(await self._flow.sample())
        except Unavailable as error:
            self._samples.clear()
            problem = str(error)
        at = now()
        hour, day = await self._desk.ask(_acts)
        told = Told(hour, day, self._held, problem)
        return snapshot(at, recent(self._samples, at), told)


def _acts(archive: Archive) -> tuple[tuple[Act, ...], tuple[Act, ...]]:
    at = now()
    return archive.acts(at - HOUR), archive.acts(at - DAY)
