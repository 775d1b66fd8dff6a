"""Which trace a measurement belongs to, so that a histogram's bucket leads to one mail's way through the services."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TRACE = re.compile(r"00-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


def exemplar(traceparent: str | None) -> dict[str, str] | None:
    """The label of an exemplar; None where no trace is named as W3C Trace Context has it."""
    found = _TRACE.fullmatch(traceparent or "")
    return None if found is None else {"trace_id": found[1]}


@contextmanager
def traced(traceparent: str | None) -> Iterator[None]:
    """Within the block, and in tasks begun there, `current` is this trace."""
    token = _traceparent.set(traceparent)
    try:
        yield
    finally:
        _traceparent.reset(token)


def current() -> dict[str, str] | None:
    """The label of an exemplar of what is being handled; None outside of a record, or where it has no trace."""
    return exemplar(_traceparent.get())
