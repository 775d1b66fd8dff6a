"""One row of a business's past (an enrolment or a completion) as the conversion a server would have sent then.

Law: the same row gives the same record, so that importing it again changes nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from pydantic import JsonValue, ValidationError

from schemas.codec import encode
from schemas.history import HistoryRow, Kind
from schemas.problems import expected, place
from schemas.program import Signals
from schemas.raw import Call
from schemas.signing import canonical
from schemas.topics import CONVERSIONS_RAW
from services.ingest.core.records import Outgoing
from services.ingest.core.times import instant_ms

DAY_MS = 86_400_000
MOST_PROBLEMS = 3  # named of one row
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COURSE_OF: dict[Kind, str] = {"enrolled": "taken", "completed": "completed"}


@dataclass(frozen=True, slots=True)
class Names:
    """What the business calls one kind of conversion: the event, and the properties of the course and its topic."""

    event: str
    course: str
    topic: str | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that says nothing: its line from 1, and what was expected of which field."""

    line: int
    problem: str


def names_of(signals: Signals) -> dict[Kind, Names]:
    """What `signals.yaml` calls an enrolment and a completion: the first rule of each that an event alone matches.

    Raises:
        ValueError: there is none.
    """
    found: dict[Kind, Names] = {}
    for kind, course in COURSE_OF.items():
        for rule in signals.rules:
            is_plain = rule.event not in {None, "page"} and rule.path is None and not rule.where
            if is_plain and rule.course == course and rule.event and rule.item_property:
                found[kind] = Names(rule.event, rule.item_property, rule.topic_property)
                break
        else:
            raise ValueError(
                f"expected a rule with event, item_property and course: {course}, to know how it is called"
            )
    return found


def conversion_of(line: int, raw: bytes | dict[str, Any], names: dict[Kind, Names], now_ms: int) -> Outgoing | BadRow:
    """The record of one row, as JSON or by column, or what is wrong with it. Total: any bytes give one or the other.

    A row of the last day is refused: its conversion could still open a trigger, and history must not mail anybody.
    """
    try:
        row = HistoryRow.model_validate_json(raw) if isinstance(raw, bytes) else HistoryRow.model_validate(raw)
    except ValidationError as error:
        return BadRow(line, _problems(error))
    time_ms = _moment_ms(row.occurred_at)
    if time_ms is None:
        return BadRow(line, "occurred_at: expected a time as 2026-11-03T09:30:00Z, a date, or seconds since 1970")
    if time_ms > now_ms - DAY_MS:
        return BadRow(line, "occurred_at: expected more than a day ago; what is newer is sent as it happens")
    return Outgoing(
        CONVERSIONS_RAW, (row.user_id or row.email or "").encode(), encode(CONVERSIONS_RAW, _call(row, time_ms, names))
    )


def _moment_ms(said: str) -> int | None:
    """The time of a row; a number counts seconds or milliseconds, and a fraction of them is nothing."""
    whole = said.partition(".")[0]
    time_ms = instant_ms(whole if whole.isascii() and whole.isdigit() else said)
    return time_ms if time_ms is not None and time_ms >= 0 else None


def _call(row: HistoryRow, time_ms: int, names: dict[Kind, Names]) -> Call:
    name = names[row.kind]
    properties: dict[str, JsonValue] = {name.course: row.course_id}
    if row.topic and name.topic:
        properties[name.topic] = row.topic
    said = canonical([row.user_id, row.email, row.course_id, row.kind, time_ms])
    return Call(
        type="track",
        messageId=f"history-{sha256(said).hexdigest()[:32]}",
        userId=row.user_id,
        event=name.event,
        properties=properties,
        traits={"email": row.email} if row.email else None,
        timestamp=(EPOCH + timedelta(milliseconds=time_ms)).isoformat(),
    )


def _problems(error: ValidationError) -> str:
    problems = [f"{place(each, 'row')}: {expected(each)}" for each in error.errors(include_url=False)]
    rest = len(problems) - MOST_PROBLEMS
    return "; ".join(problems[:MOST_PROBLEMS]) + (f"; and {rest} more" if rest > 0 else "")
