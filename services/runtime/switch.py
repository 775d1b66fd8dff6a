"""One switch of the operator's in memory: fed record by record by a view of `control`, asked by loops and pipelines."""

import asyncio
import contextlib
import logging
import time

from schemas.control import Standing, SwitchSet, standing_after
from schemas.errors import DecodeError
from services.runtime.kafka_records import RawRecord
from services.runtime.metrics import PAUSED
from services.runtime.outcome import Message
from services.runtime.process import Process

LOOK_S = 0.2  # how soon who waits sees that the process is to stop

log = logging.getLogger(__name__)


class Switch:
    """Whether what it is for is paused; told to metrics, to `/ready` (which stays ready), and to the log."""

    def __init__(self, name: str, process: Process) -> None:
        self.name, self.standing = name, Standing()
        self._process = process
        self._off = asyncio.Event()
        self._show()

    @property
    def is_on(self) -> bool:
        """True while it is paused."""
        return self.standing.is_paused

    def apply(self, message: Message) -> None:
        """Take one record; a tombstone forgets what was said."""
        self._take(message.key, message.event)

    def undecodable(self, record: RawRecord, error: DecodeError) -> None:
        """Pause where nobody here can read the switch's record, until a later one of its key."""
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.error("switch_unreadable", extra={**where, "key": repr(record.key), "reason": str(error)})
        self._take(record.key, str(error))

    async def over(self, within_s: float | None = None) -> bool:
        """True as soon as it is off; False where the process is told to stop first, or after so many seconds."""
        end_s = None if within_s is None else time.monotonic() + within_s
        while self.is_on and not self._process.stop.is_set() and (end_s is None or time.monotonic() < end_s):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._off.wait(), LOOK_S)
        return not self.is_on

    def _take(self, key: bytes | None, said: SwitchSet | str | None) -> None:
        before, self.standing = self.standing, standing_after(self.standing, self.name, key, said)
        if self.standing is before:
            return
        self._show()
        if self.is_on != before.is_paused:
            log.warning("paused" if self.is_on else "resumed", extra=self._words)

    def _show(self) -> None:
        (self._off.clear if self.is_on else self._off.set)()
        PAUSED.labels(self.name).set(self.is_on)
        self._process.health.tell(f"pause of {self.name}", self._words if self.is_on else {})

    @property
    def _words(self) -> dict[str, str]:
        said = self.standing.said
        if said is None:
            return {"switch": self.name, "reason": self.standing.doubt}
        return {"switch": self.name, "since": said.at.isoformat(), "by": said.by, "reason": said.why}
