"""The spans of ingest: of a call that began a trace, or belongs to one; and one of each batch, with links."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import orjson

from schemas.topics import CONVERSIONS_RAW
from schemas.trace import child, is_traceparent, of_call, traceparent
from services.ingest.core.headers import TRACE
from services.ingest.core.intake import Intake
from services.ingest.core.records import Outgoing, Record
from services.runtime.clock import now_ns
from services.runtime.spans import Span, Words, tell

MOST_CALLS = 10  # of a request
MOST_LINKS = 128  # of a batch: what the library keeps of one span


def tell_calls(intake: Intake, route: str, status: int, began_ns: int) -> None:
    """Tell the calls of a request by which a mail may begin: conversions, and what came with a trace of its own."""
    ended_ns = now_ns()
    attributes: Words = {"http.request.method": "POST", "http.route": route, "http.response.status_code": status}
    for number, each in enumerate(intake.records[:MOST_CALLS]):
        parent = _given(each)
        if parent is not None:
            own = child(parent, f"{route}/{number}/{began_ns}")
        elif each.topic is CONVERSIONS_RAW:
            own = of_call(_message_id(each))
        else:
            continue
        words = {**attributes, "messaging.destination.name": each.topic.name}
        tell(Span(f"POST {route}", "server", own, parent, began_ns, ended_ns, words))


def tell_batch(records: Sequence[Record], took_s: float) -> None:
    """Tell one batch, with links to the traces that came in it: the first of them."""
    if not records:
        return
    ended_ns = now_ns()
    traces = (traceparent(each.headers) for each in records)
    links = tuple(islice((each for each in traces if each is not None and is_traceparent(each)), MOST_LINKS))
    first = records[0]
    own = child(None, f"batch/{first.topic}/{first.partition}/{first.offset}")
    words: Words = {"messaging.system": "kafka", "messaging.batch.message_count": len(records)}
    tell(Span("process batch", "consumer", own, None, ended_ns - int(took_s * 1e9), ended_ns, words, links))


def _given(record: Outgoing) -> str | None:
    said = next((value.decode("ascii", "replace") for name, value in record.headers if name == TRACE), None)
    return said if is_traceparent(said) else None


def _message_id(record: Outgoing) -> str:
    call: Any = orjson.loads(record.value or b"{}")
    return str(call.get("messageId"))
