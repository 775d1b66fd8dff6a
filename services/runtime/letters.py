"""Dead letters as values: what one says, which are meant, and whether one may be sent back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias

from schemas.codec import decode
from schemas.dead_letter import ATTEMPT, OURS, attempt_of
from schemas.errors import DecodeError
from schemas.redriven import Redriven
from schemas.topics import BY_NAME, EVENTS_CLEAN, STAGES
from services.runtime.kafka_ends import Unfit
from services.runtime.kafka_records import Headers, RawRecord, Record
from services.runtime.outcome import Misconfigured

MOST = 3  # times a record is sent back: what is refused four times is no accident
SHOWN_BYTES = 4_000
MOST_DIGITS = 19  # of a number of 63 bits

Marks: TypeAlias = Mapping[tuple[str, int, int], Redriven]
"""What was sent back, by stage, partition and offset of the dead letter."""


class Bar(StrEnum):
    """Why a dead letter is not sent back."""

    ALREADY = "already_redriven"
    PARKED = "parked"
    GONE = "record_gone"
    CUT = "cut"
    FOREIGN = "unknown_origin"
    REPEAT = "would_be_a_repeat"


WHY: Mapping[Bar, str] = {
    Bar.ALREADY: "it was sent back before; what came of it has its own end",
    Bar.PARKED: f"its record was sent back {MOST} times and refused each time: it stays here until it ages out",
    Bar.GONE: "its record had aged out while it was set aside: this is the pointer, and there is nothing to send",
    Bar.CUT: "the record was too large for a dead letter and was cut: its source topic may hold it whole",
    Bar.FOREIGN: "it does not say of which topic of this stage's it was",
    Bar.REPEAT: "the profile would take the events of a pack for repeats; mend it, then send their source records anew",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies; `topic` is the name on the broker."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter. `origin` is where its record lay, None where it does not say.

    `attempt`: how often its record was sent back before it came here. `headers` are the record's own.
    """

    stage: str
    partition: int
    offset: int
    at_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    reason: str
    detail: str
    origin: Place | None
    attempt: int
    is_cut: bool

    @property
    def at(self) -> datetime:
        """When it was written."""
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)

    @property
    def place(self) -> tuple[str, int, int]:
        """By which it is known: stage, partition, offset."""
        return self.stage, self.partition, self.offset


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters are meant: all that every given word holds of. `at`: partition and offset, of one stage.

    `since` is within, `until` is not.
    """

    stages: tuple[str, ...] = STAGES
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    at: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if unknown := [each for each in self.stages if each not in STAGES]:
            raise Misconfigured(f"expected a stage, one of {', '.join(STAGES)}; {', '.join(unknown)} came")
        if self.at is not None and len(self.stages) != 1:
            raise Misconfigured("a partition and an offset are of one stage: name it")

    def takes(self, letter: Letter) -> bool:
        """True if this letter is meant."""
        return (
            letter.stage in self.stages
            and self.reason in (None, letter.reason)
            and (self.since is None or letter.at >= self.since)
            and (self.until is None or letter.at < self.until)
            and self.at in (None, (letter.partition, letter.offset))
        )


def letter_of(stage: str, record: RawRecord) -> Letter:
    """The dead letter in this record; any bytes and headers give one."""
    ours = {name: value or b"" for name, value in record.headers if name.startswith(OURS)}
    own = tuple((name, value or b"") for name, value in record.headers if not name.startswith(OURS))
    words = {name.removeprefix(OURS): value.decode("utf-8", "replace") for name, value in ours.items()}
    return Letter(
        stage, record.partition, record.offset, record.timestamp, record.key, record.value, own,
        words.get("reason", ""), words.get("detail", ""), _origin(words), attempt_of(record.headers),
        any(name.startswith("cut_") for name in words),
    )  # fmt: skip


def barred(letter: Letter, marks: Marks) -> Bar | None:
    """Why this letter is not sent back; None where it is.

    Law: a letter with a mark is never sent back; a mark of a log that was made anew is of another letter.
    """
    mark = marks.get(letter.place)
    if mark is not None and mark.timestamp_ms == letter.at_ms:
        return Bar.ALREADY
    if letter.attempt >= MOST:
        return Bar.PARKED
    if letter.reason == Unfit.GONE:
        return Bar.GONE
    if letter.is_cut:
        return Bar.CUT
    topic = None if letter.origin is None else BY_NAME.get(letter.origin.topic)
    if topic is None or letter.stage not in topic.readers:
        return Bar.FOREIGN
    return Bar.REPEAT if topic is EVENTS_CLEAN else None


def sent_back(letter: Letter, partitions: Mapping[str, int]) -> Record:
    """The record as it was, with how often it was sent back by now, for the partition it came from.

    `partitions`: how many each topic has; where there are fewer by now the key decides.

    Raises:
        ValueError: the letter does not say where it came from.
    """
    if letter.origin is None:
        raise ValueError(f"{letter.place} has no origin")
    topic, partition = letter.origin.topic, letter.origin.partition
    headers = (*letter.headers, (ATTEMPT, str(letter.attempt + 1).encode()))
    there = partition if partition < partitions.get(topic, 0) else None
    return Record(topic, letter.key, letter.value, there, headers)


def mark_of(letter: Letter, at: datetime) -> Redriven:
    """The mark that it was sent back.

    Raises:
        ValueError: the letter does not say where it came from.
    """
    if letter.origin is None:
        raise ValueError(f"{letter.place} has no origin")
    return Redriven(
        stage=letter.stage, partition=letter.partition, offset=letter.offset, timestamp_ms=letter.at_ms,
        topic=letter.origin.topic, attempt=letter.attempt + 1, at=at,
    )  # fmt: skip


def as_text(raw: bytes | None) -> str:
    """Bytes for a person: text where they are UTF-8, else hexadecimal; at most 4,000 bytes, and it says what is cut."""
    if raw is None:
        return "(none)"
    shown, rest = raw[:SHOWN_BYTES], len(raw) - SHOWN_BYTES
    try:
        text = raw.decode()[:SHOWN_BYTES]
    except UnicodeDecodeError:
        text = f"0x{shown.hex()}"
    return f"{text} … and {rest} bytes more" if rest > 0 else text


def reading(letter: Letter) -> str:
    """What this version makes of the record: that it decodes, or why not."""
    topic = None if letter.origin is None else BY_NAME.get(letter.origin.topic)
    if topic is None or topic.event is None:
        return "nobody knows of which topic it was"
    try:
        decode(topic, letter.value)
    except DecodeError as error:
        return f"does not decode: {error}"
    return f"decodes as {topic.short}"


def _origin(words: Mapping[str, str]) -> Place | None:
    topic, partition, offset = (words.get(each, "") for each in ("topic", "partition", "offset"))
    if not (topic and _is_number(partition) and _is_number(offset)):
        return None
    return Place(topic, int(partition), int(offset))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
