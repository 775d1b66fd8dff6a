"""W3C trace context, carried from record to record. Source: https://www.w3.org/TR/trace-context/ section 3.2."""

import hashlib
import re

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def child(parent: str | None, cause: str) -> str:
    """The traceparent of what `cause` led to: the parent's trace, or one of its own; the same at every attempt."""
    digest = hashlib.sha256(cause.encode()).hexdigest()
    if parent is None or not _TRACEPARENT.fullmatch(parent):
        return f"00-{digest[:32]}-{digest[32:48]}-01"
    return f"{parent[:36]}{digest[32:48]}{parent[52:]}"
