"""What a decision came to, as metrics."""

from schemas.decision import Decision
from schemas.recommendation import Recommendation
from services.recommender.core.endings import ENDINGS as ENDINGS_OF
from services.recommender.core.endings import STAGE, Reason
from services.recommender.metrics import LEFT_OUT, OTHERWISE_KEPT_BACK, PICKS, SHADOW_AGREEMENT, STAGE_SECONDS
from services.runtime.metrics import ENDINGS, RUNGS, begin_endings
from services.runtime.outcome import Emit, Outcome


def begin() -> None:
    """Let every ending be there before the first: an alarm on what is absent would never fire."""
    begin_endings(STAGE, ((ENDINGS_OF[reason], reason) for reason in Reason))


def measured(outcome: Outcome) -> Outcome:
    """The same outcome, counted."""
    for send in outcome.records if isinstance(outcome, Emit) else ():
        match send.event:
            case Recommendation() as event:
                _count(event)
            case Decision() as event:
                ENDINGS.labels(STAGE, event.ending, event.reason).inc()
                for refusal in event.refusals:
                    OTHERWISE_KEPT_BACK.labels(refusal.rule).inc()
            case _:
                pass
    return outcome


def _count(event: Recommendation) -> None:
    for step, rung in event.rungs.items():
        RUNGS.labels(STAGE, step, rung).inc()
    for stage, seconds in event.timings_s.items():
        STAGE_SECONDS.labels(stage).observe(seconds)
    for where in event.left_out:
        LEFT_OUT.labels(_kind_of(where)).inc()
    PICKS.labels(_yes(event.pick.is_exploration), _yes(_is_new(event))).inc()
    if event.shadow is not None and "llm" in {event.rungs.get("imagine"), event.rungs.get("pick")}:
        SHADOW_AGREEMENT.labels(_yes(event.shadow.agrees)).inc()


def _is_new(event: Recommendation) -> bool:
    """True if none of the course's topics is among what the person showed an interest in."""
    known = {each.key for each in event.request.snapshot.interests}
    return not any(f"topic:{each}" in known for each in event.course.topics)


def _yes(fact: bool) -> str:  # noqa: FBT001 a fact, not a switch
    return "yes" if fact else "no"


def _kind_of(where: str) -> str:
    """`conversion`, `fact` or `signal`: signals have ids of one request, and a label must have few values."""
    kind = where.partition(":")[0]
    return kind if kind in {"conversion", "fact"} else "signal"
