"""One record through its handler, by the outcome table; the fuse on rejects."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from schemas.aside import Aside
from schemas.codec import encode
from schemas.errors import DecodeError
from schemas.topics import Topic
from services.runtime import metrics
from services.runtime.clock import now
from services.runtime.errors import Ended, Status
from services.runtime.kafka_aside import set_aside
from services.runtime.kafka_partition import Handled
from services.runtime.kafka_records import (
    MAX_RECORD_BYTES,
    RawRecord,
    Record,
    cause_of,
    to_dead_letter,
    to_message,
    to_record,
)
from services.runtime.outcome import Emit, Later, Message, Misconfigured, Outcome, Reject, Send, Skip, Unavailable
from services.runtime.retry import Backoff

log = logging.getLogger(__name__)

FUSE_WINDOW = 50  # records the share is taken over
AWAY = Backoff(first_s=0.2, longest_s=10.0)


class Unfit(StrEnum):
    """The runtime's own reasons to reject."""

    UNDECODABLE = "undecodable"
    TOO_LARGE = "too_large"
    TOO_LATE = "too_late_to_wait"
    GONE = "aside_record_gone"


@dataclass(frozen=True, slots=True)
class Gone:
    """What is left of a record that was set aside and is gone."""

    topic: str
    partition: int
    offset: int
    key: None
    value: bytes
    headers: tuple[()] = ()


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
    """Decodes, asks the handler, and turns its answer into records; waits while the world is away.

    `set_away` is told whether some record waits for a store; `aside` is the topic of what waits until a time.
    """

    def __init__(self, stage: str, handle: Callable[[Message], Awaitable[Outcome]], fuse: Fuse,
                 set_away: Callable[[bool], None], aside: Topic | None = None) -> None:  # fmt: skip
        self._stage, self._handle, self._fuse, self._set_away, self._aside = stage, handle, fuse, set_away, aside
        self._waiting: set[int] = set()

    async def __call__(self, record: RawRecord, pointer: Aside | None = None) -> Handled:
        """The end of a record; `pointer` is what it was found by where it was set aside.

        Raises:
            Ended: our bug, the operator's fault, or the fuse.
        """
        try:
            outcome = await self._outcome(record, pointer)
            handled = self._ended(self._handled(record, outcome, pointer), pointer)
        except Misconfigured as error:
            raise Ended(Status.MISCONFIGURED, str(error)) from error
        except Exception as error:
            where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            log.exception("bug", extra=where)
            raise Ended(Status.BUG, f"{self._stage}: handling {where} failed: {error!r}") from error
        if self._fuse.count(is_reject=isinstance(outcome, Reject)):
            raise Ended(
                Status.MISCONFIGURED,
                f"{self._stage}: too large a share of the last {FUSE_WINDOW} records was rejected; expected good ones. "
                f"See {record.topic} at {record.partition}/{record.offset} and dlq.{self._stage}, then start again",
            )
        return handled

    def lost(self, pointer: Aside) -> Handled:
        """The end of a record that was set aside and is gone by retention: its pointer is the dead letter."""
        if self._aside is None:
            raise Ended(Status.BUG, f"{self._stage}: {pointer.key} was set aside where nothing can be")
        log.error("aside_record_gone", extra={"key": pointer.key, "reason": pointer.reason, "tries": pointer.tries})
        gone = Gone(pointer.topic, pointer.partition, pointer.offset, None, encode(self._aside, pointer))
        letter = to_dead_letter(self._stage, gone, Unfit.GONE, f"set aside {pointer.tries} times: {pointer.reason}")
        return self._ended(Handled((letter,), "reject", Unfit.GONE), pointer)

    def _ended(self, handled: Handled, pointer: Aside | None) -> Handled:
        """With the tombstone of the pointer, where the record waits no longer."""
        if pointer is None or handled.pointer is not None or self._aside is None:
            return handled
        tombstone = Record(self._aside.name, pointer.key.encode(), None, pointer.partition, ())
        return replace(handled, records=(*handled.records, tombstone))

    def _handled(self, record: RawRecord, outcome: Outcome, pointer: Aside | None) -> Handled:
        match outcome:
            case Emit():
                cause = cause_of(record, self._stage)
                made = tuple(to_record(send, cause, number) for number, send in enumerate(outcome.records))
                if (large := next((each for each in made if each.size > MAX_RECORD_BYTES), None)) is None:
                    return Handled(made, "emit")
                detail = f"a record for {large.topic} would have {large.size} bytes, {MAX_RECORD_BYTES} may be"
                return self._handled(record, Reject(Unfit.TOO_LARGE, detail), pointer)
            case Skip():
                return Handled((), "skip", str(outcome.reason))
            case Reject():
                letter = to_dead_letter(self._stage, record, str(outcome.reason), outcome.detail)
                return Handled((letter,), "reject", str(outcome.reason))
            case Later():
                return self._later(record, outcome, pointer)
            case _:
                assert_never(outcome)

    def _later(self, record: RawRecord, later: Later, pointer: Aside | None) -> Handled:
        if self._aside is None:
            raise TypeError(f"{self._stage} has no topic for what is set aside")
        waits = set_aside(record, pointer, later, now())
        if waits is None:
            return self._handled(record, Reject(Unfit.TOO_LATE, f"it would outlive its topic: {later.reason}"), pointer)
        written = to_record(Send(self._aside, waits, record.partition), cause_of(record, self._stage), waits.tries)
        return Handled((written,), "later", str(later.reason), waits)

    async def _outcome(self, record: RawRecord, pointer: Aside | None) -> Outcome:
        try:
            message = to_message(record)
            if pointer is not None:
                message = replace(message, tries=pointer.tries)
        except DecodeError as error:
            return Reject(Unfit.UNDECODABLE, str(error))
        tries = 0
        try:
            while True:
                try:
                    return await self._handle(message)
                except Unavailable as error:
                    self._wait(record)
                    metrics.UNAVAILABLE.labels(self._stage).inc()
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
