"""What is told of a record that has its end: metrics, one line of the log by which its mail can be followed."""

import logging

from schemas.aside import Aside
from schemas.topics import BY_NAME
from schemas.trace import child, is_traceparent, trace_id, traceparent
from services.runtime import metrics, spans
from services.runtime.clock import now_ms, now_ns
from services.runtime.exemplars import exemplar
from services.runtime.kafka_ends import REJECT, Handled
from services.runtime.kafka_records import RawRecord, place_of
from services.runtime.spans import Span

log = logging.getLogger(__name__)


def tell(
    stage: str, place: "RawRecord | Aside", handled: Handled, duration_s: float, *, is_again: bool = False
) -> None:
    """Count the end and write its line; no key and nothing of what the record holds but the id of its decision.

    `place` is the record, or its pointer where it is gone. `is_again`: it was set aside, so that its age says nothing
    but how long it was to wait.
    """
    if not (is_again or isinstance(place, Aside)):
        tell_time_lag(stage, place.topic, place.timestamp)
    metrics.RECORDS.labels(stage, place.topic, handled.outcome, handled.reason).inc()
    if handled.outcome == REJECT:
        metrics.DEAD_LETTERS.labels(stage, handled.reason).inc()
    before = None if isinstance(place, Aside) else traceparent(place.headers)
    own = child(before, place_of(place))
    metrics.RECORD_SECONDS.labels(stage, place.topic).observe(duration_s, exemplar(own))
    words = {
        "topic": place.topic, "partition": place.partition, "offset": place.offset,
        "outcome": handled.outcome, "reason": handled.reason, "duration_s": round(duration_s, 4),
        "trace_id": trace_id(own),
    }  # fmt: skip
    log.info("handled", extra=words | ({"decision_id": handled.decision} if handled.decision else {}))
    if spans.is_on():
        _tell_span(place, handled, own, before, duration_s)


def tell_time_lag(stage: str, topic: str, timestamp_ms: int) -> None:
    """Say how old a record is, by its own time; one without a time says nothing, and one to come is 0 old.

    `topic`: the name on the broker.
    """
    if timestamp_ms >= 0:
        age_s = max(0.0, (now_ms() - timestamp_ms) / 1000)
        metrics.TIME_LAG.labels(stage, BY_NAME[topic].short).observe(age_s)


def _tell_span(
    place: "RawRecord | Aside", handled: Handled, own: str, before: str | None, duration_s: float
) -> None:  # fmt: skip
    ended_ns = now_ns()
    words = {
        "messaging.system": "kafka", "messaging.operation.type": "process", "messaging.destination.name": place.topic,
        "messaging.destination.partition.id": str(place.partition), "messaging.kafka.offset": place.offset,
        "kindling.outcome": handled.outcome, "kindling.reason": handled.reason,
        "kindling.decision_id": handled.decision,
    }  # fmt: skip
    parent = before if is_traceparent(before) else None
    began_ns, fault = ended_ns - int(duration_s * 1e9), handled.reason if handled.outcome == REJECT else ""
    spans.tell(Span(f"process {place.topic}", "consumer", own, parent, began_ns, ended_ns, words, fault=fault))
