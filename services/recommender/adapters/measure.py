"""What a decision came to, as metrics."""

from schemas.decision import Decision
from schemas.recommendation import Recommendation
from services.recommender.metrics import (
    ENDED,
    EXPLORATIONS,
    LEFT_OUT,
    OTHERWISE_KEPT_BACK,
    RUNGS,
    SHADOW_AGREEMENT,
    STAGE_SECONDS,
)
from services.runtime.outcome import Emit, Outcome


def measured(outcome: Outcome) -> Outcome:
    """The same outcome, counted."""
    for send in outcome.records if isinstance(outcome, Emit) else ():
        match send.event:
            case Recommendation() as event:
                _count(event)
            case Decision() as event:
                ENDED.labels(event.reason).inc()
                for refusal in event.refusals:
                    OTHERWISE_KEPT_BACK.labels(refusal.rule).inc()
            case _:
                pass
    return outcome


def _count(event: Recommendation) -> None:
    for stage, rung in event.rungs.items():
        RUNGS.labels(stage, rung).inc()
    for stage, seconds in event.timings_s.items():
        STAGE_SECONDS.labels(stage).observe(seconds)
    for where in event.left_out:
        LEFT_OUT.labels(_kind_of(where)).inc()
    if event.pick.is_exploration:
        EXPLORATIONS.inc()
    if event.shadow is not None and "llm" in {event.rungs.get("imagine"), event.rungs.get("pick")}:
        SHADOW_AGREEMENT.labels("yes" if event.shadow.agrees else "no").inc()


def _kind_of(where: str) -> str:
    """`conversion`, `fact` or `signal`: signals have ids of one request, and a label must have few values."""
    kind = where.partition(":")[0]
    return kind if kind in {"conversion", "fact"} else "signal"
