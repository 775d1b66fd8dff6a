"""What is stored of a person now, as rows for a reader; the whole value stands beside them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import orjson

VERSION = 2  # of the stored value
MOST_ROWS = 20  # of one part on the page; the file has all of them
BELIEVED = ("an anonymous browser said so", "their own browser said so", "a server proved it")
Row: TypeAlias = tuple[str, str, str]
"""What it is, its value, and a note."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a person: a heading and its rows; how many more there are."""

    title: str
    rows: tuple[Row, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Present:
    """One person as stored: who was asked for, whose value was found by following links, and the whole of it."""

    asked: str
    person: str
    parts: tuple[Part, ...]
    whole: str


def present(asked: str, person: str, raw: bytes) -> Present:
    """The page's content; of a value that is of another version than this one's the whole alone is shown."""
    try:
        value = orjson.loads(raw)
        parts = tuple(_parts(value)) if isinstance(value, dict) and value.get("v") == VERSION else ()
        whole = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except (orjson.JSONDecodeError, TypeError, KeyError, IndexError, AttributeError, ValueError):
        parts, whole = (), raw.decode("utf-8", "backslashreplace")
    return Present(asked, person, parts, whole)


def _parts(value: Mapping[str, Any]) -> Iterator[Part]:
    for title, rows in (
        ("Who they are", [*_identity(value.get("identity", {})), *_traits(value.get("traits", {}))]),
        ("What waits", _waits(value.get("triggers", {}))),
        ("What they consented to", _consents(value.get("consents", {}))),
        ("What they refused", _refusals(value.get("consents", {}))),
        ("What they chose", _choices(value.get("choices", {}))),
        ("What they did", _signals(value.get("signals", {}))),
        ("What they care about", _interests(value.get("interests", {}))),
        ("Courses taken", [(name, instant(at), "") for name, at in _newest(value.get("history", {}).get("taken", {}))]),
        ("Mail asked for", _touches(value.get("touches", {}))),
    ):
        kept = tuple(rows)
        if kept:
            yield Part(title, kept[:MOST_ROWS], max(0, len(kept) - MOST_ROWS))


def _identity(identity: Mapping[str, Any]) -> Iterator[Row]:
    if (erased := identity.get("erased")) is not None:
        yield "Erased", instant(erased[0]), f"nothing revives them: {erased[1]}"
    yield from (("Also known as", each, "linked") for each in identity.get("past", ()))


def _traits(traits: Mapping[str, Any]) -> Iterator[Row]:
    named = {"address": "Address", "name": "First name", "language": "Language"}
    said = [(named[each], traits[each]) for each in named if each in traits]
    for name, (rank, time_ms, value, *_) in [*said, *sorted(traits.get("facts", {}).items())]:
        yield name, value, f"{BELIEVED[rank]}, {instant(time_ms)}"


def _waits(triggers: Mapping[str, Any]) -> Iterator[Row]:
    for purpose, each in sorted(triggers.get("by_purpose", {}).items()):
        yield purpose, each["name"], f"opened {instant(each['opened_ms'])}, decided {instant(each['due_ms'])}"


def _consents(consents: Mapping[str, Any]) -> Iterator[Row]:
    for purpose, held in sorted(consents.get("rows", {}).items()):
        for key, (time_ms, is_given, source, version, rank) in sorted(held.items()):
            where = f"address key {key}" if key else "every address"
            how = f"{source} {version}".strip()
            yield purpose, "given" if is_given else "withdrawn", f"{instant(time_ms)}, {how}, {where}, {BELIEVED[rank]}"


def _refusals(consents: Mapping[str, Any]) -> Iterator[Row]:
    yield from ((word, instant(time_ms), "") for word, time_ms in _newest(consents.get("refusals", {})))


def _choices(choices: Mapping[str, Any]) -> Iterator[Row]:
    if (paused := choices.get("paused")) is not None:
        yield "No mail before", instant(paused[1]), f"chosen {instant(paused[0])}"
    if (language := choices.get("language")) is not None:
        yield "Language", language[1], f"chosen {instant(language[0])}"


def _signals(signals: Mapping[str, Any]) -> Iterator[Row]:
    rows = sorted(signals.get("rows", {}).items(), key=lambda each: (-each[1][0], each[0]))
    for key, (last_ms, count, _, _, (title, _topics)) in rows:
        kind, _, rest = key.partition("|")
        yield kind, title or rest, f"{count} time{'' if count == 1 else 's'}, last {instant(last_ms)}"


def _interests(interests: Mapping[str, Any]) -> Iterator[Row]:
    weights = {key: sum(months.values()) for key, months in interests.get("by_key", {}).items()}
    for key in sorted(weights, key=lambda each: (-weights[each], each)):
        yield key, f"{weights[key] / 1_000_000:.1f}", "before it fades with time"


def _touches(touches: Mapping[str, Any]) -> Iterator[Row]:
    rows = sorted(touches.get("rows", {}).items(), key=lambda each: (-each[1][0], each[0]))
    for decision_id, (time_ms, _until, purpose, playbook, kind, word) in rows:
        what = "held out" if kind == "ghost" else word or "asked for"
        yield instant(time_ms), f"{playbook}, {purpose}", f"{what}; decision {decision_id}"


def _newest(times: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(times.items(), key=lambda each: (-each[1], each[0]))


def instant(time_ms: int) -> str:
    """The time as the pages have it."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%-d %b %Y, %H:%M UTC")
