"""Counts what a composition came to: ending, rung, refusals by rule, readings, and how long it took."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from schemas.decision import Decision
from services.composer.core.asking import STAGE as COPY
from services.composer.core.reader import STAGE as READER
from services.composer.core.record import ENDINGS as ENDINGS_OF
from services.composer.core.record import STAGE
from services.composer.core.values import Reason
from services.composer.metrics import COMPOSE_SECONDS, MAIL_COST, READINGS, REFUSALS
from services.runtime.metrics import ENDINGS, RUNGS, begin_endings, begin_rungs
from services.runtime.outcome import Emit, Message, Outcome

Handler: TypeAlias = Callable[[Message], Awaitable[Outcome]]
RUNGS_OF = {COPY: ("llm", "template"), READER: ("llm", "none"), "language": ("asked", "brand_default")}
OWN_STEPS = {COPY, "language"}  # of the rungs in a record; the others are the recommender's


def counted(handle: Handler) -> Handler:
    """The same handler; it counts each decision its outcomes hold."""
    begin_rungs(STAGE, RUNGS_OF)
    for word in ("answer", "invalid"):  # beside the faults, which come when they come
        READINGS.labels(word)
    begin_endings(STAGE, ((ENDINGS_OF[reason], reason) for reason in Reason))

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
    ENDINGS.labels(STAGE, decision.ending, decision.reason).inc()
    for step in OWN_STEPS & decision.rungs.keys():
        RUNGS.labels(STAGE, step, decision.rungs[step]).inc()
    if decision.ending == "sent":
        MAIL_COST.observe(sum(each.cost_micros for each in decision.asked))
    for refusal in decision.refusals:
        REFUSALS.labels(refusal.attempt, refusal.rule).inc()
    for asked in decision.asked:
        if asked.stage == READER:
            RUNGS.labels(STAGE, READER, "llm" if asked.outcome == "answer" else "none").inc()
            READINGS.labels(asked.outcome).inc()
