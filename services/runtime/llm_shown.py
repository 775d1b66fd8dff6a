"""What stands of the models when it is scraped: which are left alone, and what may still be spent."""

import time
from collections.abc import Sequence
from functools import partial

from services.runtime.clock import now
from services.runtime.llm_budget import Scope, Spending
from services.runtime.llm_lane import Lane
from services.runtime.llm_limits import Breaker
from services.runtime.metrics import CACHE, LLM_BREAKER_OPEN, LLM_BUDGET_LEFT

SCOPES = (Scope.DAY, Scope.TOTAL)  # a person's budget is of many persons


def show_llm(service: str, lanes: Sequence[Lane], spending: Spending) -> None:
    """Show a service's models and budgets from now on, when somebody asks."""
    for lane in lanes:
        LLM_BREAKER_OPEN.labels(lane.model.name, service).set_function(partial(_is_open, lane.breaker))
    for scope in SCOPES:
        LLM_BUDGET_LEFT.labels(service, scope).set_function(partial(_left, spending, scope))
    for result in ("hit", "miss"):
        CACHE.labels("llm_ledger", result)


def _is_open(breaker: Breaker) -> float:
    return float(breaker.is_open(time.monotonic()))


def _left(spending: Spending, scope: Scope) -> float:
    return spending.left(now().date().isoformat())[scope]
