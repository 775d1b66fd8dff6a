"""What is counted and logged of a record that was handled, once what it led to is committed."""

import logging

from schemas.aside import Aside
from schemas.topics import BY_NAME
from services.runtime import metrics
from services.runtime.clock import now_ms
from services.runtime.exemplars import exemplar
from services.runtime.kafka_ends import REJECT, Handled
from services.runtime.kafka_records import RawRecord, traceparent

log = logging.getLogger(__name__)


def tell_handled(stage: str, record: RawRecord, handled: Handled, duration_s: float) -> None:
    """Count the end of a record, with its trace beside how long it took, and log it in a line."""
    trace = exemplar(traceparent(record.headers))
    metrics.RECORD_SECONDS.labels(stage, record.topic).observe(duration_s, trace)
    _tell(stage, record, handled, duration_s)


def tell_gone(stage: str, pointer: Aside, handled: Handled, duration_s: float) -> None:
    """Count and log the end of what was set aside and is gone."""
    metrics.RECORD_SECONDS.labels(stage, pointer.topic).observe(duration_s)
    _tell(stage, pointer, handled, duration_s)


def tell_time_lag(stage: str, topic: str, timestamp_ms: int) -> None:
    """Say how old a record is, by its own time; one without a time says nothing, and one to come is 0 old.

    `topic`: the name on the broker.
    """
    if timestamp_ms >= 0:
        age_s = max(0.0, (now_ms() - timestamp_ms) / 1000)
        metrics.TIME_LAG.labels(stage, BY_NAME[topic].short).observe(age_s)


def _tell(stage: str, place: "RawRecord | Aside", handled: Handled, duration_s: float) -> None:
    metrics.RECORDS.labels(stage, place.topic, handled.outcome, handled.reason).inc()
    if handled.outcome == REJECT:
        metrics.DEAD_LETTERS.labels(stage, handled.reason).inc()
    words = {
        "topic": place.topic, "partition": place.partition, "offset": place.offset,
        "outcome": handled.outcome, "reason": handled.reason, "duration_s": round(duration_s, 4),
    }  # fmt: skip
    log.info("handled", extra=words)
