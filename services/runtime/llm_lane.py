"""One model at the endpoint: its breaker, its retries, and one deadline over both; every call is measured."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply, Usage
from schemas.trace import child
from services.runtime import metrics, spans
from services.runtime.clock import now_ns
from services.runtime.exemplars import current
from services.runtime.llm_advice import advice
from services.runtime.llm_endpoint import Endpoint
from services.runtime.llm_limits import AWAY, ENDED, RETRIED, Breaker, Pass, RetryBudget
from services.runtime.llm_models import Model
from services.runtime.retry import Backoff

log = logging.getLogger(__name__)

MAX_RETRIES = 2
WAITS = Backoff(first_s=0.5, longest_s=4.0)
FAIR_SHARE = 0.5
"""Of a call's deadline, from which on a timeout is the model's fault.

A company is asked within half the patience, less ten seconds for its page: 12.5 of 20 s by default, and that counts.
What is left of 45 s after two calls that hang is 5 s: not answering in that is no sign of a model that is away.
"""
OPERATION = "chat"


@dataclass(slots=True)
class Lane:
    """The way to one model; `timeout_of` a stage is what a call has where the decision's patience is not shorter."""

    model: Model
    endpoint: Endpoint
    retries: RetryBudget
    timeout_of: Callable[[str], float]
    breaker: Breaker = field(default_factory=Breaker)
    has_met: bool = False  # somebody asked it, and knows whether it answers
    told_of: set[str] = field(default_factory=set)  # the stages whose reasoning the log has told of

    async def ask(self, ask: Ask, within_s: float) -> Reply:
        """The reply with its cost, within so many seconds from now, whatever the endpoint does."""
        began = time.monotonic()
        given = self.breaker.enter(began)
        if given is None:
            reply: Reply = NoAnswer(Fault.CIRCUIT_OPEN, f"{self.model.name} is left alone after its faults")
        else:
            reply = await self._passed(ask, given, began, within_s)
        took_s = time.monotonic() - began
        usage = replace(reply.usage, cost_micros=self.model.cost_micros(reply.usage))
        reply = replace(reply, usage=usage, duration_s=took_s)
        self._measure(ask, reply)
        return reply

    async def _passed(self, ask: Ask, given: Pass, began: float, within_s: float) -> Reply:
        rest_s, is_telling = 0.0, False
        try:
            async with asyncio.timeout(within_s):
                reply, rest_s = await self._tries(ask, began, within_s)
            is_telling = True
        except TimeoutError:
            reply = NoAnswer(Fault.TIMEOUT, f"{within_s:.1f} s passed")
            is_telling = within_s >= FAIR_SHARE * self.timeout_of(ask.stage)
        finally:
            if not is_telling:
                self.breaker.abandon(given)
        if is_telling:
            self.meet(reply)
            self._leave(given, reply, rest_s)
        return reply

    def tell_of_reasoning(self, stage: str, reply: NoAnswer, allowance: int) -> None:
        """One line a stage of a model that reasons its tokens away, with what to set."""
        if stage in self.told_of:
            return
        self.told_of.add(stage)
        told = {"model": self.model.name, "stage": stage, "reasoning_tokens": allowance, "do": advice(reply.fault)}
        log.warning("llm_only_reasoned", extra=told | {"completion_tokens": reply.usage.completion_tokens})

    def meet(self, reply: Reply) -> None:
        """One line where the first that is heard of a model is that it, or its endpoint, does not answer."""
        if not self.has_met and isinstance(reply, NoAnswer) and reply.fault in ENDED | AWAY | {Fault.UNREACHABLE}:
            told = {"model": self.model.name, "reason": str(reply.fault), "do": advice(reply.fault)}
            log.warning("llm_does_not_answer", extra=told | {"detail": reply.detail})
        self.has_met = True

    def _leave(self, given: Pass, reply: Reply, rest_s: float) -> None:
        fault = None if isinstance(reply, Answer) else reply.fault
        ended = time.monotonic()
        if self.breaker.leave(given, ended, fault, rest_s):
            metrics.LLM_BREAKER_OPENINGS.labels(self.model.name, str(fault)).inc()
            told = {"model": self.model.name, "reason": str(fault), "rest_s": round(self.breaker.open_until_s - ended)}
            (log.error if fault in ENDED else log.warning)("llm_left_alone", extra=told)

    async def _tries(self, ask: Ask, began: float, within_s: float) -> tuple[Reply, float]:
        """The last try's reply, and the rest the endpoint asked for where no call could wait for it."""
        self.retries.call()
        for tries in range(MAX_RETRIES + 1):
            tried = await self.endpoint.ask(ask, self.model.name)
            if isinstance(tried.reply, Answer) or tried.reply.fault not in RETRIED:
                break
            wait_s = WAITS.wait_s(tries) if tried.retry_after_s is None else tried.retry_after_s
            ready_s = time.monotonic() + wait_s - began
            if ready_s >= within_s:
                return tried.reply, (tried.retry_after_s or 0.0) if ready_s >= self.timeout_of(ask.stage) else 0.0
            if tries == MAX_RETRIES or not self.retries.take():
                break
            metrics.LLM_RETRIES.labels(self.model.name, tried.reply.fault).inc()
            await asyncio.sleep(wait_s)
        return tried.reply, 0.0

    def _measure(self, ask: Ask, reply: Reply) -> None:
        model, usage = self.model.name, reply.usage
        error = "" if isinstance(reply, Answer) else reply.fault
        metrics.LLM_SECONDS.labels(OPERATION, model, error, ask.stage).observe(reply.duration_s, current())
        if usage != Usage():
            metrics.LLM_TOKENS.labels(OPERATION, model, "input", ask.stage).observe(usage.prompt_tokens)
            metrics.LLM_TOKENS.labels(OPERATION, model, "output", ask.stage).observe(usage.completion_tokens)
        metrics.LLM_COST.labels(model, ask.stage).inc(usage.cost_micros)
        if spans.is_on():
            _tell(ask, model, reply, error)


def _tell(ask: Ask, model: str, reply: Reply, error: str) -> None:
    """A span with the names of the GenAI conventions, and nothing of what was asked or answered."""
    ended_ns, within = now_ns(), spans.within.get()
    words: spans.Words = {
        "gen_ai.operation.name": OPERATION, "gen_ai.request.model": model, "kindling.llm.stage": ask.stage,
        "gen_ai.usage.input_tokens": reply.usage.prompt_tokens,
        "gen_ai.usage.output_tokens": reply.usage.completion_tokens, **({"error.type": str(error)} if error else {}),
    }  # fmt: skip
    began_ns = ended_ns - int(reply.duration_s * 1e9)
    own = child(within, f"{OPERATION}/{model}/{ask.stage}/{ended_ns}")
    spans.tell(spans.Span(f"{OPERATION} {model}", "client", own, within, began_ns, ended_ns, words, fault=str(error)))
