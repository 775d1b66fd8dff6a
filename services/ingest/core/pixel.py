"""A call in the address of an image: as base64 of its JSON, or as fields by dotted name.

Sources: Segment, "Pixel Tracking API" (`data`); RudderStack's gateway, "Pixel API" (`/pixel/v1/track?writeKey=…`),
which sets each parameter at its dotted name and lets the rest of a call be as it is.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

import orjson

from services.ingest.core.reasons import Reason, Refused

MAX_FIELDS = 300  # of one address; a request line holds 8,190 bytes
MAX_DEPTH = 5  # `context.page.url` has 3
_OF_REQUEST = frozenset({"writeKey", "data"})

# The smallest GIF that every client shows: one pixel, transparent (GIF89a).
IMAGE = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def body_of(data: str) -> bytes:
    """The JSON in `data`, in either alphabet of base64; a plus that a query has made a space is one.

    Raises:
        Refused: it is no base64.
    """
    text = data.strip().replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(Reason.NOT_JSON, "expected data to be base64 of a call's JSON") from None


def body_of_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """The call as JSON whose fields stand in the query, `properties.price=9` as a property; the first of a name counts.

    Raises:
        Refused: too many fields, too deep ones, or no text.
    """
    call: dict[str, Any] = {}
    for count, (name, value) in enumerate(fields):
        path = name.split(".")
        if count >= MAX_FIELDS or len(path) > MAX_DEPTH:
            raise Refused(Reason.TOO_MANY_PROPERTIES, f"expected at most {MAX_FIELDS} fields, {MAX_DEPTH} deep")
        if name not in _OF_REQUEST:
            _put(call, path, value)
    try:
        return orjson.dumps(call)
    except orjson.JSONEncodeError:
        raise Refused(Reason.NOT_JSON, "expected fields in UTF-8") from None


def _put(place: dict[str, Any], path: list[str], value: str) -> None:
    for name in path[:-1]:
        inner = place.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        place = inner
    place.setdefault(path[-1], value)
