"""What a handler may answer, and the errors it may raise; the runtime alone produces, commits, logs and counts."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Message:
    """One decoded record. `received_ms` is the record's timestamp; `traceparent` is W3C's, carried on.

    `tries`: how often it was set aside before, by reason. `raw` is the value as it came: what a signature is over.
    """

    topic: Topic
    partition: int
    offset: int
    key: bytes | None
    event: Any
    received_ms: int
    traceparent: str | None = None
    raw: bytes | None = None
    tries: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Send:
    """One event for one topic; the topic table knows the key. `partition` only where the table says it is explicit.

    `traceparent`: whose trace it goes on with, where that is not its cause's: a timer fires what an event opened.
    """

    topic: Topic
    event: Any
    partition: int | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Emit:
    """Done: these records, in the same transaction as the input's offset."""

    records: tuple[Send, ...]


@dataclass(frozen=True, slots=True)
class Skip:
    """Not for us, or seen before: counted by reason. A trigger is never skipped."""

    reason: StrEnum


@dataclass(frozen=True, slots=True)
class Reject:
    """Their fault, permanent: to the DLQ with the original bytes and the reason."""

    reason: StrEnum
    detail: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: others pass. The record is handled again at this time, or a little after; order per key is not kept."""

    at: datetime
    reason: StrEnum


Outcome: TypeAlias = Emit | Skip | Reject | Later


class Unavailable(Exception):  # noqa: N818 the word of the outcome table
    """Kafka or a store of ours is away: the runtime backs off with jitter and asks the handler again."""


class Paused(Unavailable):
    """The operator has paused what this record is for: the handler is asked again, from the beginning, at the end."""


class Misconfigured(Exception):  # noqa: N818 the word of the outcome table
    """The operator's fault: the process ends with status 78 and this message, which says what to set."""


class AddressInUse(Misconfigured):
    """Somebody else listens there, perhaps not for long: tried again for a while, then the operator's fault."""


class FolderInUse(Misconfigured):
    """Another process works in the folder, perhaps not for long: as an address in use."""


def cannot_listen(error: OSError, message: str) -> Misconfigured:
    """What to raise where an address cannot be had; the message says which setting it is."""
    kind = AddressInUse if error.errno == errno.EADDRINUSE else Misconfigured
    return kind(f"{message}: {error.strerror}")
