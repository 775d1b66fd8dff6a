"""Whom or what somebody names who asks for an explanation, and which records may be about it. Pure."""

from dataclasses import dataclass
from datetime import UTC

import orjson

from schemas.identity import normalised_address
from services.console.core.values import Row


@dataclass(frozen=True, slots=True)
class Named:
    """One of the three: a decision by its id, a person by key, or an address, normalised."""

    decision_id: str | None = None
    person: str | None = None
    address: str | None = None


def named_by(text: str) -> Named:
    """What a text names; what is neither a person's key nor an address is a decision's id."""
    if text[:2] in {"u:", "e:", "a:"} and text[2:]:
        return Named(person=text)
    address = normalised_address(text)
    return Named(address=address) if address is not None else Named(decision_id=text)


def is_of_decision(key: bytes | None, decision_id: str) -> bool:
    """True of the key of a decision record of this id, whoever's it is."""
    return (key or b"").endswith(f"|{decision_id}".encode())


def is_of_person(key: bytes | None, person: str) -> bool:
    """True of the key of a decision record of this person."""
    before, _, _ = (key or b"").rpartition(b"|")
    return before == person.encode()


def mentions(value: bytes | None, *ids: str | None) -> bool:
    """True where one of the ids stands in the bytes, as JSON has it: what cannot be about them is not decoded."""
    return value is not None and any(orjson.dumps(each)[1:-1] in value for each in ids if each)


def line_of(row: Row) -> str:
    """One decision in one line."""
    ended_at = row.ended_at.astimezone(UTC)
    parts = (f"{ended_at:%Y-%m-%d %H:%M:%SZ}", row.decision_id, f"{row.ending} ({row.reason})", row.course or "")
    return "  ".join(filter(None, parts))
