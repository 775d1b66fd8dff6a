"""What is asked for: the filters of the list, and a place in it. Whatever a stranger types is bounded here."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from services.console.core.values import ENDINGS

MAX_SEARCH = 300  # a person key is no longer
MAX_NAME = 200  # of a course, a topic, a playbook, an arm or a rung
FILTERS = ("person", "ending", "playbook", "arm", "course", "topic", "rung", "day")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
PLACE = re.compile(r"([0-9]{1,17})~([0-9a-f-]{36})")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
RUNG = re.compile(r"[^:]{1,100}:[^:]{1,100}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins or ends: a decision's instant and id."""

    at: datetime
    decision_id: str

    def text(self) -> str:
        """It as a link holds it."""
        return f"{micros_of(self.at)}~{self.decision_id}"


@dataclass(frozen=True, slots=True)
class Query:
    """One page of decisions: older than `before`, or newer than `after`, or the newest.

    `person` is the beginning of a person key, of the id in it, or of an address; "" is anybody. `course`, `topic` and
    `rung` (`copy:template`) are of what was chosen and who answered; None is any.
    """

    person: str = ""
    ending: str | None = None
    playbook: str | None = None
    arm: str | None = None
    course: str | None = None
    topic: str | None = None
    rung: str | None = None
    day: date | None = None
    before: Place | None = None
    after: Place | None = None

    @property
    def is_filtered(self) -> bool:
        """True where it is not about all decisions."""
        return any(getattr(self, name) for name in FILTERS)

    def link(self) -> str:
        """It as the query string of an address, "" for the newest of all."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        told = {
            name: of.text() if isinstance(of, Place) else of.isoformat() if isinstance(of, date) else of
            for name, of in named.items()
            if of
        }
        return "?" + urlencode(told) if told else ""

    def at(self, *, before: Place | None = None, after: Place | None = None) -> "Query":
        """The same choice, from another place on."""
        return replace(self, before=before, after=after)


@dataclass(frozen=True, slots=True)
class BadQuery:
    """What was expected of the request, and what came."""

    message: str


class _UnreadError(ValueError):
    """What was expected of one parameter."""


def query_of(parameters: Mapping[str, str]) -> Query | BadQuery:
    """The query of a request's parameters; what is not given, or given empty, is the default."""
    given = {name: text.strip() for name, text in parameters.items()}
    try:
        before, after = _places(given)
        return Query(
            person=_text("person", given, MAX_SEARCH) or "",
            ending=_ending(given),
            playbook=_text("playbook", given),
            arm=_text("arm", given),
            course=_text("course", given),
            topic=_text("topic", given),
            rung=_rung(given),
            day=_day(given),
            before=before,
            after=after,
        )
    except _UnreadError as error:
        return BadQuery(str(error))


def micros_of(at: datetime) -> int:
    """An instant in microseconds since 1970, of which every one sorts as time does."""
    return (at - EPOCH) // MICROSECOND


def instant_of(micros: int) -> datetime:
    """The instant of so many microseconds since 1970."""
    return EPOCH + micros * MICROSECOND


def _text(name: str, given: Mapping[str, str], most: int = MAX_NAME) -> str | None:
    text = given.get(name, "")
    if len(text) > most:
        raise _UnreadError(f"{name}: expected at most {most} characters")
    return text or None


def _ending(given: Mapping[str, str]) -> str | None:
    ending = _text("ending", given)
    if ending not in {None, *ENDINGS}:
        raise _UnreadError(f"ending: expected one of {', '.join(ENDINGS)}")
    return ending


def _rung(given: Mapping[str, str]) -> str | None:
    rung = _text("rung", given)
    if rung is not None and RUNG.fullmatch(rung) is None:
        raise _UnreadError("rung: expected a stage and its rung, as copy:template")
    return rung


def _day(given: Mapping[str, str]) -> date | None:
    text = given.get("day", "")
    with suppress(ValueError):
        if not text or DAY.fullmatch(text):
            return date.fromisoformat(text) if text else None
    raise _UnreadError("day: expected a day, as 2026-11-03")


def _places(given: Mapping[str, str]) -> tuple[Place | None, Place | None]:
    before, after = _place("before", given), _place("after", given)
    if before is not None and after is not None:
        raise _UnreadError("before, after: expected one of the two")
    return before, after


def _place(name: str, given: Mapping[str, str]) -> Place | None:
    text = given.get(name, "")
    found = PLACE.fullmatch(text)
    if text and found is None:
        raise _UnreadError(f"{name}: expected a place of this list, as its links have it")
    return None if found is None else Place(instant_of(int(found[1])), found[2])
