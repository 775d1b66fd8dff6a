"""Nested properties as scalars and lists of scalars, bounded. Law: every value is a scalar or a list of scalars."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import JsonValue

MAX_TEXT = 1_000  # characters of one value; a profile cites titles, not articles
MAX_KEY = 100
MAX_LIST = 50
MAX_DEPTH = 4
MAX_KEYS = 255  # as many as one call may have at its top


def flattened(values: Mapping[str, Any], without: frozenset[str]) -> dict[str, JsonValue]:
    """The values by dotted path; a list of objects becomes one list a key, each with as many places as objects.

    `without` are left out at the top. What nests deeper than `MAX_DEPTH` is kept as its JSON, cut to size.
    """
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
        else:
            _put(flat, key, _as_json(value))
    elif isinstance(value, list):
        _list(flat, key, value[:MAX_LIST])
    elif value is not None:
        _put(flat, key, _bounded(value))


def _list(flat: dict[str, JsonValue], key: str, items: list[Any]) -> None:
    scalars: list[JsonValue] = []
    columns: dict[str, list[JsonValue]] = {}
    objects = [item for item in items if isinstance(item, dict)]
    for place, item in enumerate(objects):
        for name, inner in item.items():
            if inner is not None:
                columns.setdefault(f"{key}.{name}", [None] * len(objects))[place] = _scalar(inner)
    scalars += [_scalar(item) for item in items if item is not None and not isinstance(item, dict)]
    if scalars:
        _put(flat, key, scalars)
    for name, column in columns.items():
        _put(flat, name, column)


def _scalar(value: Any) -> JsonValue:
    return _as_json(value) if isinstance(value, dict | list) else _bounded(value)


def _as_json(value: Any) -> str:
    """What nests too deep as text; it is data, and nobody reads it but people."""
    try:
        return orjson.dumps(value).decode()[:MAX_TEXT]
    except orjson.JSONEncodeError:  # deeper than JSON is written
        return ""


def _bounded(value: Any) -> Any:
    return value[:MAX_TEXT] if isinstance(value, str) else value
