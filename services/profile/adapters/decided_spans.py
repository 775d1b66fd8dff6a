"""The spans of what the profile decides: one for each record of a decision, on the trace of what opened its trigger."""

from collections.abc import Sequence
from typing import TypeAlias

from schemas.topics import DECISIONS, RECOMMENDATION_REQUESTS
from schemas.trace import traceparent
from services.profile.core.transition import Transition
from services.runtime.clock import now_ns
from services.runtime.spans import Span, tell

Headers: TypeAlias = Sequence[tuple[str, bytes]]
DECIDED = (DECISIONS, RECOMMENDATION_REQUESTS)


def tell_decided(steps: Sequence[tuple[Transition, str]], headers: Sequence[Headers], began_ms: int) -> None:
    """Tell of the decisions among what these steps send; `headers` are those of their records, in the same order."""
    ended_ns = now_ns()
    sends = (send for step, _ in steps for send in step.sends)
    for send, each in zip(sends, headers, strict=True):
        own = traceparent(each)
        if send.topic not in DECIDED or own is None:
            continue
        words = {
            "messaging.system": "kafka", "messaging.destination.name": send.topic.name,
            "kindling.decision_id": send.event.decision_id, "kindling.outcome": getattr(send.event, "ending", "asked"),
            "kindling.reason": getattr(send.event, "reason", ""),
        }  # fmt: skip
        tell(Span("decide", "internal", own, send.traceparent, began_ms * 1_000_000, ended_ns, words))
