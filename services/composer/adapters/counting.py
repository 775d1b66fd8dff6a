"""Counts what a composition came to: ending, rung, refusals by rule, readings, and how long it took."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from schemas.decision import Decision
from services.composer.core.reader import STAGE
from services.composer.metrics import COMPOSE_SECONDS, ENDINGS, READINGS, REFUSALS, RUNGS
from services.runtime.outcome import Emit, Message, Outcome

Handler: TypeAlias = Callable[[Message], Awaitable[Outcome]]


def counted(handle: Handler) -> Handler:
    """The same handler; it counts each decision its outcomes hold."""

    async def handle_and_count(message: Message) -> Outcome:
        started = time.perf_counter()
        outcome = await handle(message)
        COMPOSE_SECONDS.observe(time.perf_counter() - started)
        if isinstance(outcome, Emit):
            for send in outcome.records:
                if isinstance(send.event, Decision):
                    _count(send.event)
        return outcome

    return handle_and_count


def _count(decision: Decision) -> None:
    ENDINGS.labels(decision.ending, decision.reason).inc()
    if "copy" in decision.rungs:
        RUNGS.labels(decision.rungs["copy"]).inc()
    for refusal in decision.refusals:
        REFUSALS.labels(refusal.attempt, refusal.rule).inc()
    for asked in decision.asked:
        if asked.stage == STAGE:
            READINGS.labels(asked.outcome).inc()
