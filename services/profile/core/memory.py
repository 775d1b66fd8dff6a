"""What a person did that is worth citing: telling signals, and the course history."""

from math import log2
from typing import Any

from services.profile.core.signals import Meaning
from services.profile.core.speaking import forget_speakers, note
from services.profile.core.state import MAX_COMPLETED, MAX_HISTORY, MAX_SIGNALS, State, keep_newest

TAKING = frozenset({"taken", "completed"})  # what a rule may say of a course that makes it part of the history
SLACK = 10  # rows over the cap before it is enforced: sorting once in ten new signals


def remember(state: State, meaning: Meaning, time_ms: int, half_life_ms: float, who: str) -> None:
    """Count the signal among the telling ones, with who told of it, and note what it did to the course history.

    Law: below the caps any order gives one answer.
    """
    if meaning.weight > 0:
        note(state["who"], _signal(state["sig"], meaning, time_ms), time_ms, who)
        if len(state["sig"]) > MAX_SIGNALS + SLACK:
            keep_telling(state, half_life_ms)
    if meaning.item and meaning.course in TAKING:
        _first(state["hist"], meaning.item, time_ms)
        keep_newest(state["hist"], MAX_HISTORY)
        if meaning.course == "completed":
            _first(state["done"], meaning.item, time_ms)
            keep_newest(state["done"], MAX_COMPLETED)


def telling(row: list[Any], now_ms: int, half_life_ms: float) -> float:
    """How telling a signal is: its weight, decayed since it was last seen, and more for each doubling of its count."""
    decayed = 2.0 ** min(0.0, (row[4] - now_ms) / half_life_ms)
    return float(row[6] * decayed * (1 + log2(row[5])))


def keep_telling(state: State, half_life_ms: float) -> None:
    """Keep the most telling signals, as of the newest event seen."""
    rows, newest = state["sig"], state["new"]
    ranked = sorted(rows, key=lambda key: (telling(rows[key], newest, half_life_ms), key), reverse=True)
    for key in ranked[MAX_SIGNALS:]:
        del rows[key]
    forget_speakers(state)


def merge_signals(rows: dict[str, list[Any]], other: dict[str, list[Any]]) -> None:
    """Add the other's signals. Law: associative and commutative."""
    for key, row in other.items():
        rows[key] = _joined(rows[key], row) if key in rows else row


def merge_first(times: dict[str, int], other: dict[str, int]) -> None:
    """Keep the earliest time of each. Law: associative, commutative, idempotent."""
    for name, time_ms in other.items():
        _first(times, name, time_ms)


def _signal(rows: dict[str, list[Any]], meaning: Meaning, time_ms: int) -> str:
    kind, weight, item, topics, title, _ = meaning
    key = f"{kind}|{item or title}"
    row = [kind, title, item, list(topics), time_ms, 1, weight]
    known = rows.get(key)
    rows[key] = row if known is None else _joined(known, row)
    return key


def _joined(one: list[Any], two: list[Any]) -> list[Any]:
    late = one if (one[4], one[1], one[3]) >= (two[4], two[1], two[3]) else two
    return [one[0], late[1], late[2], late[3], late[4], one[5] + two[5], max(one[6], two[6])]


def _first(times: dict[str, int], name: str, time_ms: int) -> None:
    known = times.get(name)
    times[name] = time_ms if known is None else min(known, time_ms)
