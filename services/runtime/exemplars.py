"""Which trace a measurement belongs to, so that a histogram's bucket leads to one mail's way through the services."""

from schemas.trace import is_traceparent, trace_id
from services.runtime import spans


def exemplar(traceparent: str | None) -> dict[str, str] | None:
    """The label of an exemplar; None where no trace is named as W3C Trace Context has it."""
    return {"trace_id": trace_id(traceparent)} if traceparent is not None and is_traceparent(traceparent) else None


def current() -> dict[str, str] | None:
    """The label of an exemplar of the record at work; None where none is."""
    return exemplar(spans.within.get())
