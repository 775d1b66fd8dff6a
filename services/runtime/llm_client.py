"""The LLM client: one adapter over `openai`; every call is bounded, every trouble a named fault, never an exception."""

import asyncio
import time
from dataclasses import dataclass, field

import openai

from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply
from services.runtime import metrics
from services.runtime.llm_answer import MAX_BODY_BYTES, fault_of_status, read_answer
from services.runtime.llm_settings import LlmSettings
from services.runtime.retry import Backoff

MAX_RETRIES = 2
WAITS = Backoff(first_s=0.5, longest_s=4.0)
RETRIED = frozenset({Fault.TIMEOUT, Fault.UNREACHABLE, Fault.RATE_LIMITED, Fault.SERVER_ERROR})
BREAKER_FAULTS = 5  # in a row
BREAKER_REST_S = 30.0


class NoLlm:
    """No model: every question goes to the next rung."""

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """No answer, at once."""
        return NoAnswer(Fault.OFF, f"no model is set; {ask.stage} is not asked within {within_s:.0f} s")


@dataclass(slots=True)
class Breaker:
    """Opens after so many faults in a row, rests, then lets one call through."""

    faults: int = 0
    open_until_s: float = 0.0

    def is_open(self, now_s: float) -> bool:
        """True while nothing is to be asked."""
        return now_s < self.open_until_s

    def count(self, now_s: float, *, is_fault: bool) -> None:
        """Count how a call ended."""
        self.faults = self.faults + 1 if is_fault else 0
        if self.faults >= BREAKER_FAULTS:
            self.open_until_s = now_s + BREAKER_REST_S
            self.faults = BREAKER_FAULTS - 1


@dataclass(slots=True)
class LlmClient:
    """Asks an OpenAI-compatible endpoint for one JSON object."""

    settings: LlmSettings
    client: openai.AsyncOpenAI
    slots: asyncio.Semaphore
    breaker: Breaker = field(default_factory=Breaker)

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The answer, or why there is none; the deadline's clock starts when the call has its slot."""
        if not set(ask.stage.split("+")) & self.settings.stages:
            return NoAnswer(Fault.OFF, f"{ask.stage} is not among KINDLING_LLM_STAGES")
        async with self.slots:
            began = time.perf_counter()
            if self.breaker.is_open(began):
                return NoAnswer(Fault.CIRCUIT_OPEN, f"{BREAKER_FAULTS} calls in a row failed")
            try:
                async with asyncio.timeout(min(within_s, self.settings.llm_timeout_s)):
                    reply = await self._with_retries(ask, began)
            except TimeoutError:
                reply = NoAnswer(Fault.TIMEOUT, "the deadline passed", time.perf_counter() - began)
            self.breaker.count(time.perf_counter(), is_fault=isinstance(reply, NoAnswer) and reply.fault in RETRIED)
        self._measure(ask, reply, time.perf_counter() - began)
        return reply

    async def _with_retries(self, ask: Ask, began: float) -> Reply:
        for tries in range(MAX_RETRIES + 1):
            reply = await self._once(ask, began)
            if isinstance(reply, Answer) or reply.fault not in RETRIED or tries == MAX_RETRIES:
                return reply
            await asyncio.sleep(WAITS.wait_s(tries))
        raise AssertionError("the last try returns")

    async def _once(self, ask: Ask, began: float) -> Reply:
        temperature = self.settings.llm_temperature
        try:
            async with self.client.chat.completions.with_streaming_response.create(
                model=self.settings.llm_model,
                messages=[{"role": "system", "content": ask.system}, {"role": "user", "content": ask.user}],
                max_completion_tokens=ask.max_tokens,
                temperature=openai.omit if temperature is None else temperature,
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": ask.schema, "strict": False},
                },
            ) as response:
                body = b""
                async for piece in response.iter_bytes():
                    body += piece
                    if len(body) > MAX_BODY_BYTES:
                        return NoAnswer(Fault.TOO_LARGE, f"over {MAX_BODY_BYTES} bytes", time.perf_counter() - began)
        except openai.APIStatusError as error:
            fault = fault_of_status(error.status_code, str(error.body).encode())
            return NoAnswer(fault, f"status {error.status_code}", time.perf_counter() - began)
        except openai.APITimeoutError as error:
            return NoAnswer(Fault.TIMEOUT, repr(error), time.perf_counter() - began)
        except (openai.APIError, OSError) as error:
            return NoAnswer(Fault.UNREACHABLE, repr(error), time.perf_counter() - began)
        return read_answer(body, self.settings.llm_model, time.perf_counter() - began)

    def _measure(self, ask: Ask, reply: Reply, duration_s: float) -> None:
        model = self.settings.llm_model
        outcome = "answer" if isinstance(reply, Answer) else reply.fault
        metrics.LLM_SECONDS.labels(model, ask.stage, outcome).observe(duration_s)
        metrics.LLM_TOKENS.labels(model, ask.stage, "input").inc(reply.usage.prompt_tokens)
        metrics.LLM_TOKENS.labels(model, ask.stage, "output").inc(reply.usage.completion_tokens)


def build(settings: LlmSettings) -> LlmClient | NoLlm:
    """The client the settings ask for."""
    if not settings.is_on:
        return NoLlm()
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
    client = openai.AsyncOpenAI(
        api_key=key, base_url=settings.openai_base_url, max_retries=0, timeout=settings.llm_timeout_s
    )
    return LlmClient(settings, client, asyncio.Semaphore(settings.llm_in_flight))
