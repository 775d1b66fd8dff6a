"""Nested properties as scalars and lists of scalars, bounded. Law: every value is a scalar or a list of scalars."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

MAX_TEXT = 1_000  # characters of one value; a profile cites titles, not articles
MAX_KEY = 100
MAX_LIST = 50
MAX_DEPTH = 4
MAX_KEYS = 255  # as many as one call may have at its top


def flattened(values: Mapping[str, Any], without: frozenset[str]) -> dict[str, JsonValue]:
    """The values by dotted path; a list of objects becomes one list a key; `without` are left out at the top."""
    flat: dict[str, JsonValue] = {}
    for key, value in values.items():
        if key in without or value is None:
            continue
        kind = type(value)
        if kind is str:
            _put(flat, key, value if len(value) <= MAX_TEXT else value[:MAX_TEXT])
        elif kind is dict or kind is list:
            _descend(flat, key, value, 1)
        else:
            _put(flat, key, value)
    return flat


def text(value: object, longest: int = MAX_TEXT) -> str | None:
    """The text in one piece and bounded, or None where there is none."""
    return value[:longest].strip() or None if isinstance(value, str) else None


def _put(flat: dict[str, JsonValue], key: str, value: JsonValue) -> None:
    if len(flat) < MAX_KEYS:
        flat[key if len(key) <= MAX_KEY else key[:MAX_KEY]] = value


def _descend(flat: dict[str, JsonValue], key: str, value: Any, depth: int) -> None:
    if isinstance(value, dict):
        if depth <= MAX_DEPTH:
            for name, inner in value.items():
                _descend(flat, f"{key}.{name}", inner, depth + 1)
    elif isinstance(value, list):
        _list(flat, key, value[:MAX_LIST])
    elif value is not None:
        _put(flat, key, _bounded(value))


def _list(flat: dict[str, JsonValue], key: str, items: list[Any]) -> None:
    scalars: list[JsonValue] = []
    columns: dict[str, list[JsonValue]] = {}
    for item in items:
        if isinstance(item, dict):
            for name, inner in item.items():
                if inner is not None and not isinstance(inner, dict | list):
                    columns.setdefault(f"{key}.{name}", []).append(_bounded(inner))
        elif item is not None and not isinstance(item, list):
            scalars.append(_bounded(item))
    if scalars:
        _put(flat, key, scalars)
    for name, column in columns.items():
        _put(flat, name, column)


def _bounded(value: Any) -> Any:
    return value[:MAX_TEXT] if isinstance(value, str) else value
