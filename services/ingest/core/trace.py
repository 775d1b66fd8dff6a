"""The `traceparent` of W3C Trace Context: what is none is left out before anything carries it on."""

import re
from collections.abc import Iterable

HEADER = "traceparent"
LENGTH = 55  # characters. Source: W3C Trace Context, 3.2: version, trace id, parent id and flags in hex, with dashes
_FORM = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def is_trace(said: str) -> bool:
    """True for a traceparent as the specification writes it."""
    return _FORM.fullmatch(said) is not None


def trace_in(headers: Iterable[tuple[str, bytes | None]]) -> tuple[str | None, int]:
    """The last trace among a record's headers that can be one by its length, and how many were left out."""
    trace, left_out = None, 0
    for name, value in headers:
        if name == HEADER and value:
            if len(value) <= LENGTH and value.isascii():
                trace = value.decode("ascii")
            else:
                left_out += 1
    return trace, left_out
