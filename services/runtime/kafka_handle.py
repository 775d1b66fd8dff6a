"""One record through its handler, by the outcome table; the fuse on rejects."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace

from schemas.aside import Aside
from schemas.errors import DecodeError
from schemas.trace import child
from services.runtime import metrics, spans
from services.runtime.clock import now
from services.runtime.errors import Ended, Status
from services.runtime.hold import NEVER, Hold
from services.runtime.kafka_aside import tries_of
from services.runtime.kafka_ends import REJECT, Ends, Handled, Unfit
from services.runtime.kafka_records import RawRecord, place_of, to_message
from services.runtime.outcome import Message, Misconfigured, Outcome, Paused, Reject, Unavailable
from services.runtime.retry import Backoff

log = logging.getLogger(__name__)

FUSE_WINDOW = 50  # records the share is taken over
AWAY = Backoff(first_s=0.2, longest_s=10.0)


class Fuse:
    """Blows when more than `share` of the last records were rejected; None never blows (the public's input)."""

    def __init__(self, share: float | None, window: int = FUSE_WINDOW) -> None:
        self._share, self._last = share, deque[bool](maxlen=window)

    def count(self, *, is_reject: bool) -> bool:
        """Count one record; True if the fuse has blown."""
        self._last.append(is_reject)
        is_full = len(self._last) == self._last.maxlen
        return self._share is not None and is_full and sum(self._last) > self._share * len(self._last)


class Handler:
    """Decodes, asks the handler, and gives the record's end; waits while the world is away.

    `set_away` is told whether some record waits for a store; `hold` is what may pause it.
    """

    def __init__(self, ends: Ends, handle: Callable[[Message], Awaitable[Outcome]], fuse: Fuse,
                 set_away: Callable[[bool], None], hold: Hold = NEVER) -> None:  # fmt: skip
        self._ends, self._handle, self._fuse, self._set_away = ends, handle, fuse, set_away
        self._hold = hold
        self._waiting: set[int] = set()
        metrics.begin_letters(ends.stage, Unfit)

    async def __call__(self, record: RawRecord, pointer: Aside | None = None) -> Handled | None:
        """The end of a record; `pointer` is what it was found by where it was set aside.

        None where it is paused and the process is told to stop: nothing was done for it.

        Raises:
            Ended: our bug, the operator's fault, or the fuse.
        """
        stage = self._ends.stage
        try:
            message = _read(record, pointer)
            if (outcome := await self._outcome(record, message)) is None:
                return None
            handled = self._ends.of(record, outcome, pointer, now())
        except Misconfigured as error:
            raise Ended(Status.MISCONFIGURED, str(error)) from error
        except Exception as error:
            where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            log.exception("bug", extra=where)
            raise Ended(Status.BUG, f"{stage}: handling {where} failed: {error!r}") from error
        self._burn(handled, record)
        return replace(handled, decision=_decision_of(message))

    def lost(self, pointer: Aside) -> Handled:
        """The end of a record that was set aside and is gone.

        Raises:
            Ended: the fuse.
        """
        log.error("aside_record_gone", extra={"key": pointer.key, "reason": pointer.reason, "tries": pointer.tries})
        handled = self._ends.of_lost(pointer)
        self._burn(handled, pointer)
        return handled

    def _burn(self, handled: Handled, place: "RawRecord | Aside") -> None:
        """Count an end by what it came to: some rejects are the runtime's own."""
        if self._fuse.count(is_reject=handled.outcome == REJECT):
            stage = self._ends.stage
            raise Ended(
                Status.MISCONFIGURED,
                f"{stage}: too large a share of the last {FUSE_WINDOW} records was rejected; expected good ones. "
                f"See {place.topic} at {place.partition}/{place.offset} and dlq.{stage}, then start again",
            )

    async def _outcome(self, record: RawRecord, message: Message | Reject) -> Outcome | None:
        if isinstance(message, Reject):
            return message
        tries = 0
        spans.within.set(child(message.traceparent, place_of(record)))
        try:
            while True:
                try:
                    return await self._handle(message)
                except Paused:
                    self._go_on(record)  # it waits for no store
                    if not await self._hold.over():
                        return None
                except Unavailable as error:
                    self._wait(record)
                    metrics.UNAVAILABLE.labels(self._ends.stage).inc()
                    log.warning("unavailable", extra={"reason": str(error), "tries": tries})
                    await asyncio.sleep(AWAY.wait_s(tries))
                    tries += 1
        finally:
            self._go_on(record)

    def _wait(self, record: RawRecord) -> None:
        self._waiting.add(id(record))
        self._set_away(True)  # noqa: FBT003 a fact

    def _go_on(self, record: RawRecord) -> None:
        self._waiting.discard(id(record))
        self._set_away(bool(self._waiting))


def _read(record: RawRecord, pointer: Aside | None) -> Message | Reject:
    try:
        message = to_message(record)
    except DecodeError as error:
        return Reject(Unfit.UNDECODABLE, str(error))
    return message if pointer is None else replace(message, tries=tries_of(pointer))


def _decision_of(message: Message | Reject) -> str:
    """The id of the decision that a record is about; empty where it is about none."""
    if isinstance(message, Reject):
        return ""
    event = getattr(message.event, "request", message.event)
    return getattr(event, "decision_id", None) or ""
