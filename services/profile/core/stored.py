"""The stored value of a person in the shape before this one, brought up to it. Its names are said here alone."""

from typing import Any

import orjson

VERSION = 2  # of the stored value
BEFORE = 1
_NUMBERS = {"n": "events", "new": "newest_ms", "size": "size"}
_PARTS = {
    "i": ("interests", "by_key"),
    "fact": ("traits", "facts"), "addr": ("traits", "address"), "name": ("traits", "name"),
    "lang": ("traits", "language"),
    "hist": ("history", "taken"), "done": ("history", "completed"), "reco": ("history", "recommended"),
    "took": ("attribution", "took"),
    "touch": ("touches", "rows"), "mail": ("touches", "mails"),
    "cons": ("consents", "rows"), "supp": ("consents", "refusals"),
    "eng": ("engagement", "by_word"), "hour": ("engagement", "hours"),
    "ids": ("identity", "ids"), "past": ("identity", "past"), "wait": ("identity", "awaited"),
    "fwd": ("identity", "forward"), "gone": ("identity", "erased"),
}  # fmt: skip
_TIMES = {"time": "time_ms", "opened": "opened_ms", "due": "due_ms", "held": "held_ms"}


def brought_up(raw: bytes) -> dict[str, Any]:
    """The value of version 1 as one of this version. Law: nothing that was said of the person is lost.

    Raises:
        ValueError: it is of a version after this one, of which nobody here knows what it means.
    """
    before = orjson.loads(raw)
    if (version := before.pop("v", BEFORE)) != BEFORE:
        raise ValueError(
            f"expected a stored person of version {BEFORE} or {VERSION}; came one of {version}: start what wrote it"
        )
    value: dict[str, Any] = {"v": VERSION}
    for name, part in _NUMBERS.items():
        if name in before:
            value[part] = before.pop(name)
    for name, (facet, part) in _PARTS.items():
        if name in before:
            value.setdefault(facet, {})[part] = before.pop(name)
    tellers = before.pop("who", {})
    signals, triggers = before.pop("sig", {}), before.pop("pend", {})
    if signals:
        value["signals"] = {"rows": {key: _signal(row, tellers.get(key)) for key, row in signals.items()}}
    if triggers:
        value["triggers"] = {"by_purpose": {purpose: _trigger(each) for purpose, each in triggers.items()}}
    return {**before, **value}


def _signal(row: list[Any], teller: list[Any] | None) -> list[Any]:
    """A row of kind, title, item, topics, last, count and weight; who told of it stood apart, with their time."""
    _, title, item, topics, last_ms, times, weight = row
    who = teller[1] if teller is not None and teller[0] == last_ms else ""
    return [last_ms, times, weight, who, [None if item is None else title, topics]]


def _trigger(before: dict[str, Any]) -> dict[str, Any]:
    return {_TIMES.get(name, name): part for name, part in before.items()}
