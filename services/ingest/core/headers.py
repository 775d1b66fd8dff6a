"""What a header says: the `traceparent` of W3C Trace Context, and whether a value is an envelope of CloudEvents."""

import re
from collections.abc import Iterable

from services.ingest.core.envelope import ONE, media_type

TRACE = "traceparent"
TRACE_LENGTH = 55  # characters. Source: W3C Trace Context, 3.2: version, trace id, parent id, flags in hex, with dashes
_TRACE = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def is_trace(said: str) -> bool:
    """True for a traceparent as the specification writes it."""
    return _TRACE.fullmatch(said) is not None


def read_headers(headers: Iterable[tuple[str, bytes | None]]) -> tuple[str | None, int, bool]:
    """Of a record: the last trace that can be one by its length, how many were left out, and is it an envelope."""
    trace, left_out, is_envelope = None, 0, False
    for name, value in headers:
        if not value:
            continue
        if name == TRACE:
            if len(value) <= TRACE_LENGTH and value.isascii():
                trace = value.decode("ascii")
            else:
                left_out += 1
        elif name == "content-type":
            is_envelope = media_type(value.decode("ascii", "replace")) == ONE
    return trace, left_out, is_envelope
