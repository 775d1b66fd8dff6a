"""A record's end, from its outcome: the records that are written for it, by the outcome table. Pure.

It lies between the handler and the partition: outcomes come in, what a transaction holds goes out.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from schemas.aside import Aside
from schemas.codec import encode
from services.runtime.kafka_aside import set_aside
from services.runtime.kafka_policy import AsidePolicy
from services.runtime.kafka_records import (
    MAX_RECORD_BYTES,
    RawRecord,
    Record,
    cause_of,
    to_dead_letter,
    to_message,
    to_record,
)
from services.runtime.outcome import Emit, Later, Outcome, Reject, Send, Skip

REJECT = "reject"  # the word for an end that is a dead letter, whoever rejected


class Unfit(StrEnum):
    """The runtime's own reasons why a record ends."""

    UNDECODABLE = "undecodable"
    TOO_LARGE = "too_large"
    TOO_LATE = "too_late_to_wait"
    GONE = "aside_record_gone"


@dataclass(frozen=True, slots=True)
class Handled:
    """A record's end: the records it leads to, and the words for log and metrics. `pointer`: it is to wait instead.

    `decision`: the id of the decision that the record is about, where it is about one.
    """

    records: tuple[Record, ...]
    outcome: str
    reason: str = ""
    pointer: Aside | None = None
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """What is left of a record that was set aside and is gone."""

    topic: str
    partition: int
    offset: int
    key: None
    value: bytes
    headers: tuple[()] = ()


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of one stage's records; `aside` is for what waits until a time, None where nothing can."""

    stage: str
    aside: AsidePolicy | None = None

    def of(self, record: RawRecord, outcome: Outcome, pointer: Aside | None, now: datetime) -> Handled:
        """What the outcome of a record leads to; `pointer` is what it was found by where it was set aside.

        Raises:
            TypeError: it is to be set aside where nothing can be.
        """
        return self._without(pointer, self._of(record, outcome, pointer, now))

    def of_lost(self, pointer: Aside) -> Handled:
        """The end of a record that was set aside and is gone by retention: its pointer is the dead letter."""
        value = b"" if self.aside is None else encode(self.aside.topic, pointer)
        gone = Gone(pointer.topic, pointer.partition, pointer.offset, None, value)
        letter = to_dead_letter(self.stage, gone, Unfit.GONE, f"set aside {pointer.tries} times: {pointer.reason}")
        return self._without(pointer, Handled((letter,), REJECT, Unfit.GONE))

    def _of(self, record: RawRecord, outcome: Outcome, pointer: Aside | None, now: datetime) -> Handled:
        match outcome:
            case Emit():
                cause = cause_of(record, self.stage)
                made = tuple(to_record(send, cause, number) for number, send in enumerate(outcome.records))
                if (large := next((each for each in made if each.size > MAX_RECORD_BYTES), None)) is None:
                    return Handled(made, "emit")
                detail = f"a record for {large.topic} would have {large.size} bytes, {MAX_RECORD_BYTES} may be"
                return self._rejected(record, Reject(Unfit.TOO_LARGE, detail))
            case Skip():
                return Handled((), "skip", str(outcome.reason))
            case Reject():
                return self._rejected(record, outcome)
            case Later():
                return self._later(record, outcome, pointer, now)
            case _:
                assert_never(outcome)

    def _rejected(self, record: RawRecord, reject: Reject) -> Handled:
        letter = to_dead_letter(self.stage, record, str(reject.reason), reject.detail)
        return Handled((letter,), REJECT, str(reject.reason))

    def _later(self, record: RawRecord, later: Later, pointer: Aside | None, now: datetime) -> Handled:
        if self.aside is None:
            raise TypeError(f"{self.stage} has no topic for what is set aside")
        waits = set_aside(record, pointer, later, now)
        if waits is None:
            ended = self._of(record, self.aside.expired(to_message(record), now), pointer, now)
            return replace(ended, outcome="expired", reason=Unfit.TOO_LATE) if ended.outcome == "emit" else ended
        written = to_record(Send(self.aside.topic, waits, record.partition), cause_of(record, self.stage), waits.tries)
        return Handled((written,), "later", str(later.reason), waits)

    def _without(self, pointer: Aside | None, handled: Handled) -> Handled:
        """With the tombstone of the pointer, where the record waits no longer."""
        if pointer is None or handled.pointer is not None or self.aside is None:
            return handled
        tombstone = Record(self.aside.topic.name, pointer.key.encode(), None, pointer.partition, ())
        return replace(handled, records=(*handled.records, tombstone))
