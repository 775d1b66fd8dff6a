"""W3C trace context, carried from record to record. Source: https://www.w3.org/TR/trace-context/ section 3.2.

Ids are made of what leads to what, so that every attempt at a record has the same, and nobody needs chance.
"""

import hashlib
import re
from collections.abc import Iterable

HEADER = "traceparent"
SAMPLED = 1  # of the flags
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def traceparent(headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """The first traceparent header, or None."""
    return next((value.decode("ascii", "replace") for name, value in headers if name == HEADER and value), None)


def is_traceparent(said: str | None) -> bool:
    """True for a traceparent as it is written; all-zero ids are none."""
    return said is not None and _TRACEPARENT.fullmatch(said) is not None


def child(parent: str | None, cause: str) -> str:
    """The traceparent of what `cause` led to: the parent's trace, or one of its own; the same at every attempt."""
    digest = hashlib.sha256(cause.encode()).hexdigest()
    if parent is None or not is_traceparent(parent):
        return f"00-{digest[:32]}-{digest[32:48]}-01"
    return f"{parent[:36]}{digest[32:48]}{parent[52:]}"


def of_call(message_id: str) -> str:
    """The traceparent of a call that came without one, by its message id: collector and profile find the same."""
    return child(None, f"call/{message_id}")


def trace_id(traceparent: str) -> str:
    """The id of its trace: 32 hexadecimal digits."""
    return traceparent[3:35]


def span_id(traceparent: str) -> str:
    """The id of its span: 16 hexadecimal digits."""
    return traceparent[36:52]


def is_sampled(traceparent: str) -> bool:
    """True where who began the trace wants it recorded."""
    return bool(int(traceparent[53:55], 16) & SAMPLED)
