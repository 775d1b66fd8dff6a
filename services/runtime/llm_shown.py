"""What stands of the models when it is scraped: which are left alone, and what may still be spent."""

import time
from collections.abc import Mapping, Sequence
from functools import partial

from services.runtime.clock import now
from services.runtime.llm_budget import Scope, Spending
from services.runtime.llm_lane import OPERATION, Lane
from services.runtime.llm_limits import ENDED, RETRIED, Breaker
from services.runtime.metrics import (
    CACHE,
    LLM_BREAKER_OPEN,
    LLM_BREAKER_OPENINGS,
    LLM_BUDGET_LEFT,
    LLM_COST,
    LLM_FROM_LEDGER,
    LLM_NO_TIME,
    LLM_OVER_BUDGET,
    LLM_RETRIES,
    LLM_SECONDS,
)

QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "recommender": ("company", "job+imagine", "pick"),
    "composer": ("copy", "reader"),
}
"""What each service asks models, as questions are counted."""
SCOPES = (Scope.DAY, Scope.TOTAL)  # a person's budget is of many persons


def show_llm(service: str, lanes: Sequence[Lane], spending: Spending) -> None:
    """Show a service's models and budgets from now on, when somebody asks; what it counts of them is there at 0."""
    for lane in lanes:
        LLM_BREAKER_OPEN.labels(lane.model.name, service).set_function(partial(_is_open, lane.breaker))
    for scope in SCOPES:
        LLM_BUDGET_LEFT.labels(service, scope).set_function(partial(_left, spending, scope))
    for result in ("hit", "miss"):
        CACHE.labels("llm_ledger", result)
    for stage in QUESTIONS.get(service, ()):
        LLM_NO_TIME.labels(stage)
        for scope in Scope:
            LLM_OVER_BUDGET.labels(stage, scope)
        for lane in lanes:
            LLM_SECONDS.labels(OPERATION, lane.model.name, "", stage)
            LLM_COST.labels(lane.model.name, stage)
            LLM_FROM_LEDGER.labels(lane.model.name, stage)
    for lane in lanes:
        for fault in sorted(RETRIED):
            LLM_RETRIES.labels(lane.model.name, fault)
        for fault in sorted(RETRIED | ENDED):
            LLM_BREAKER_OPENINGS.labels(lane.model.name, fault)


def _is_open(breaker: Breaker) -> float:
    return float(breaker.is_open(time.monotonic()))


def _left(spending: Spending, scope: Scope) -> float:
    return spending.left(now().date().isoformat())[scope]
