"""Where somebody is, as far as their clock: the time zone a call names, and the country."""

import re
from collections.abc import Set as AbstractSet

from services.ingest.core.call import Call, part

_CODE = re.compile(r"[A-Za-z]{2}")
_ALSO = {"UK": "GB"}  # reserved in ISO 3166-1, and what people write


def time_zone(call: Call, known: AbstractSet[str]) -> str | None:
    """The zone in the traits, else of the browser; None where it is none of these names, letter by letter."""
    for value in (call.traits.get("timezone"), call.context.get("timezone")):
        if isinstance(value, str) and value in known:
            return value
    return None


def country(call: Call) -> str | None:
    """The code of ISO 3166-1, two letters, of the traits' address, the traits, or the place of the call."""
    address, location = part(call.traits, "address"), part(call.context, "location")
    for value in (address.get("country"), call.traits.get("country"), location.get("country")):
        if isinstance(value, str) and _CODE.fullmatch(value):
            code = value.upper()
            return _ALSO.get(code, code)
    return None
