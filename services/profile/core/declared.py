"""What a person said: facts, address, first name, language, consents. The last writer by event time wins.

A rank stands before the time: what a server proved beats what a browser said, and what the person's own browser said
beats an anonymous one (identity poisoning). Laws: any order and any repeats give one answer.
"""

from typing import Any

from schemas.clean import CleanEvent
from schemas.names import first_name
from services.profile.core.state import State
from services.profile.core.text import clipped

MAX_VALUE = 200  # characters of a fact
MAX_SOURCE = 80
MAX_KEY = 64
MAX_ADDRESS = 254  # RFC 5321
ADDED_BYTES = 8_600  # bound of six facts, an address and a name, at four bytes a character
CONSENT_BYTES = 1_100  # bound of one consent row
VERIFIED = 2  # the rank of what a server proved
MAX_CONSENTS = 24  # rows of purpose and address: with `CONSENT_BYTES` 26 KB of a state's 64
EVERY_PURPOSE = "*"
EVERY_ADDRESS = ""
EVERYTHING = (EVERY_PURPOSE, EVERY_ADDRESS)
FACT_OF = {
    "company": "company", "role": "role", "industry": "industry", "company_size": "company_size", "goal": "goal",
    "website": "website",
    "companySize": "company_size", "employees": "company_size", "job_title": "role", "jobTitle": "role",
}  # fmt: skip
COMPANY_OF = {"name": "company", "industry": "industry", "employees": "company_size", "website": "website"}
NAME_OF = ("firstName", "first_name", "name")


def rank_of(event: CleanEvent) -> int:
    """2 for what a server proved of a known person, 1 for what her browser said, 0 for an anonymous person."""
    if event["person"].startswith("a:"):
        return 0
    return VERIFIED if event["trusted"] else 1


def declare(state: State, event: CleanEvent, person: str, time_ms: int) -> int:
    """Note what the event declares; gives an upper bound of the bytes it may have added."""
    rank = rank_of(event)
    language = event.get("language")
    if language is not None:
        _say(state, "lang", [rank, time_ms, clipped(language, 35).lower(), ""])
    traits, properties, claim = event.get("traits"), event.get("properties"), event.get("address")
    if claim is not None:
        _address(state, person, claim["value"], claim["key"], [rank, time_ms])
    has_form = properties is not None and event["kind"] != "page"
    if traits is None and not has_form:
        return ADDED_BYTES if claim is not None else 0
    stamp = [rank, time_ms, clipped(f"{event['kind']}:{event['name']}", MAX_SOURCE)]
    if has_form:
        _facts(state["fact"], properties or {}, stamp)
    if traits:
        _facts(state["fact"], {"role": traits.get("title"), **traits}, stamp)
        if rank == VERIFIED:
            _name(state, traits, time_ms)
    return ADDED_BYTES


def consent(state: State, event: CleanEvent, time_ms: int) -> int:
    """Note the consents of the event; gives an upper bound of the bytes it may have added."""
    given = event.get("consent") or []
    for each in given:
        key = clipped(each.get("address_key", ""), MAX_KEY)
        if each["given"] and ((not key and not event["trusted"]) or each["purpose"] == EVERY_PURPOSE):
            continue
        row = [
            time_ms, each["given"], clipped(each["source"], MAX_SOURCE),
            clipped(each.get("text_version", ""), 40), rank_of(event),
        ]  # fmt: skip
        _consent(state["cons"], clipped(each["purpose"], MAX_KEY), key, row)
    return CONSENT_BYTES * len(given)


def permission(state: State, purpose: str, address_key: str) -> list[Any] | None:
    """The consent row that permits mail of the purpose to the address, or None; a withdrawal wins ties."""
    rows = [
        rows[key]
        for name in (purpose, EVERY_PURPOSE)
        for rows in (state["cons"].get(name, {}),)
        for key in {address_key, EVERY_ADDRESS}
        if key in rows
    ]
    latest = max(rows, key=_standing, default=None)
    return latest if latest is not None and latest[1] else None


def has_consent(state: State, purpose: str) -> bool:
    """True if the person consented to the purpose for the address known, or, knowing none, for any."""
    if "addr" in state:
        return permission(state, purpose, state["addr"][3]) is not None
    return any(permission(state, purpose, key) is not None for key in (EVERY_ADDRESS, *state["cons"].get(purpose, {})))


def merge_declared(state: State, other: State) -> None:
    """Add what the other said. Law: associative, commutative, idempotent, below the caps."""
    for field in ("addr", "name", "lang"):
        if field in other:
            _say(state, field, other[field])
    for name, row in other["fact"].items():
        _fact(state["fact"], name, row)
    for purpose, rows in other["cons"].items():
        for key, row in rows.items():
            _consent(state["cons"], purpose, key, row)


def _say(state: State, field: str, row: list[Any]) -> None:
    known = state.get(field)
    if known is None or row > known:
        state[field] = row


def _facts(facts: dict[str, Any], said: dict[str, Any], stamp: list[Any]) -> None:
    rank, time_ms, source = stamp
    company = said.get("company")
    if isinstance(company, dict):
        for key, name in COMPANY_OF.items():
            _fact_of(facts, name, company.get(key), [rank, time_ms, source])
    for key, name in FACT_OF.items():
        if key in said:
            _fact_of(facts, name, said[key], [rank, time_ms, source])


def _fact_of(facts: dict[str, Any], name: str, value: object, stamp: list[Any]) -> None:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        text = clipped(str(value), MAX_VALUE)
        if text:
            _fact(facts, name, [stamp[0], stamp[1], text, stamp[2]])


def _fact(facts: dict[str, Any], name: str, row: list[Any]) -> None:
    known = facts.get(name)
    if known is None or row > known:
        facts[name] = row


def _name(state: State, traits: dict[str, Any], time_ms: int) -> None:
    """Note the first name; of a full `name` it is what stands before the first space."""
    for key in NAME_OF:
        value = traits.get(key)
        if not isinstance(value, str):
            continue
        if first := first_name(value.strip().partition(" ")[0] if key == "name" else value):
            _say(state, "name", [VERIFIED, time_ms, first, ""])
            return


def _address(state: State, person: str, value: str, key: str, stamp: list[Any]) -> None:
    if len(value) > MAX_ADDRESS or len(key) > MAX_KEY or clipped(value, MAX_ADDRESS) != value:
        return
    if person.startswith("e:") and person[2:] != key:
        return  # a person known by an address has that one
    _say(state, "addr", [*stamp, value, key])


def _standing(row: list[Any]) -> tuple[Any, ...]:
    return (row[0], not row[1], row[4], row[2], row[3])


def _consent(consents: dict[str, dict[str, list[Any]]], purpose: str, key: str, row: list[Any]) -> None:
    """Note one row. Law: whatever the cap forgets, nothing is permitted that all rows together refuse.

    A grant forgotten permits less; a withdrawal goes on as one of every purpose and address, which has room always.
    """
    known = consents.get(purpose, {}).get(key)
    if known is not None and _standing(row) <= _standing(known):
        return
    consents[purpose] = {**consents.get(purpose, {}), key: row}
    cells = [(name, each) for name, rows in consents.items() for each in rows if (name, each) != EVERYTHING]
    if len(cells) > MAX_CONSENTS:
        weakest = min(cells, key=lambda cell: (_weight(consents[cell[0]][cell[1]]), cell))
        _forget(consents, *weakest)


def _forget(consents: dict[str, dict[str, list[Any]]], purpose: str, key: str) -> None:
    rows = dict(consents[purpose])
    row = rows.pop(key)
    consents[purpose] = rows
    if not rows:
        del consents[purpose]
    if not row[1]:
        _consent(consents, *EVERYTHING, row)


def _weight(row: list[Any]) -> tuple[Any, ...]:
    """What goes first at the cap: what a browser said before what a server proved, a grant before a withdrawal."""
    return (row[4], not row[1], _standing(row))
