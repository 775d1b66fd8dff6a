"""Plain JSON of what is no topic's event, such as a profile: sorted keys, so that equal values have equal bytes."""

from typing import Any

import orjson


def dumps(value: dict[str, Any]) -> bytes:
    """The value as JSON; keys sorted, no spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def loads(raw: bytes) -> dict[str, Any]:
    """What the bytes hold. Law: what `dumps` wrote comes back equal, with lists for tuples."""
    value: dict[str, Any] = orjson.loads(raw)
    return value
