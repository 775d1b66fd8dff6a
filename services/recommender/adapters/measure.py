"""What a decision came to, as metrics."""

from collections.abc import Mapping
from itertools import product

from schemas.decision import Decision
from schemas.recommendation import Recommendation
from services.recommender.core.asking.rules import OTHERWISE
from services.recommender.core.endings import ENDINGS as ENDINGS_OF
from services.recommender.core.endings import STAGE, Reason
from services.recommender.core.ranking.popular import POPULAR
from services.recommender.metrics import LEFT_OUT, OTHERWISE_KEPT_BACK, PICKS, SHADOW_AGREEMENT, STAGE_SECONDS
from services.recommender.pipeline import STAGES
from services.runtime.metrics import CACHE, ENDINGS, RUNGS, begin_endings, begin_rungs
from services.runtime.outcome import Emit, Outcome

RUNGS_OF: Mapping[str, tuple[str, ...]] = {
    "company": ("llm", "none"),
    "job": ("llm", "rules"),
    "imagine": ("llm", "composed"),
    "retrieve": ("lanes", "words", POPULAR),
    "pick": ("llm", "posterior", POPULAR, OTHERWISE),
}
"""Which rungs may answer each step."""
KEPT_BACK = ("unknown_course", "not_open", "language", "known_to_person")  # see `core.choice.otherwise`
CACHES = ("company", "query_texts", "vectors")
KINDS = ("conversion", "fact", "signal")


def begin() -> None:
    """Let every ending be there before the first: an alarm on what is absent would never fire."""
    begin_endings(STAGE, ((ENDINGS_OF[reason], reason) for reason in Reason))
    begin_rungs(STAGE, RUNGS_OF)
    for stage in ("company", *STAGES):
        STAGE_SECONDS.labels(stage)
    for rule in KEPT_BACK:
        OTHERWISE_KEPT_BACK.labels(rule)
    for where in KINDS:
        LEFT_OUT.labels(where)
    for fact in (False, True):
        SHADOW_AGREEMENT.labels(_yes(fact))
    for cache, result in product(CACHES, ("hit", "miss")):
        CACHE.labels(cache, result)


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
    return kind if kind in KINDS else "signal"
