"""One try at an OpenAI-compatible endpoint: bounded in bytes whatever the status; every trouble a named fault.

The library builds the request and keeps the connections; it retries nothing and parses nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, cast

import httpx2
import openai

from schemas.llm import Ask, Fault, NoAnswer, Reply
from services.runtime.clock import now
from services.runtime.llm_answer import MAX_BODY_BYTES, fault_of_status, is_unheld, listed, read_answer
from services.runtime.llm_form import MOST_MENDS, Form, mended
from services.runtime.llm_forms import Forms
from services.runtime.llm_limits import retry_after_s
from services.runtime.llm_question import most_tokens
from services.runtime.llm_settings import LlmSettings
from services.runtime.llm_structure import BY_SCHEMA, in_words, response_format

CONNECT_S = 5.0
LOOK_S = 5.0  # a list of models is no generation: whoever runs sends it at once
ERROR_STATUS, UNAUTHORISED, SERVER_ERROR = 400, 401, 500  # a key may be for asking alone, and be refused a list by 403


@dataclass(frozen=True, slots=True)
class Tried:
    """What one try came to, and how long the endpoint asked to be left alone."""

    reply: Reply
    retry_after_s: float | None = None


class _Refused(Exception):  # noqa: N818 an answer of the endpoint, not an error of ours
    """The endpoint answered with an error status; at most `MAX_BODY_BYTES` of its body were read."""

    def __init__(self, response: httpx2.Response, body: bytes) -> None:
        super().__init__(f"status {response.status_code}")
        self.status, self.body = response.status_code, body
        self.retry_after = response.headers.get("retry-after")


class Endpoint:
    """The endpoint the settings name."""

    def __init__(self, settings: LlmSettings) -> None:
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
        timeout = openai.Timeout(settings.longest_timeout_s, connect=min(CONNECT_S, settings.longest_timeout_s))
        self._temperature, self._forms = settings.llm_temperature, Forms(settings.form_of)
        self._client = openai.AsyncOpenAI(
            api_key=key,
            base_url=settings.openai_base_url,
            max_retries=0,
            timeout=timeout,
            default_headers={"Accept-Encoding": "identity"},
            http_client=openai.DefaultAsyncHttpxClient(event_hooks={"response": [_refuse]}),
        )

    def form_of(self, model: str) -> Form:
        """How this model is asked, by what it refused until now."""
        return self._forms.of(model)

    async def ask(self, ask: Ask, model: str) -> Tried:
        """The reply to one question, asked once; at once again where the endpoint refuses no more than its form."""
        began = time.perf_counter()
        try:
            async with self._forms.turn(model):
                return await self._in_form(ask, model)
        except _Refused as error:
            fault = fault_of_status(error.status, error.body)
            reply = NoAnswer(fault, str(error), time.perf_counter() - began)
            return Tried(reply, retry_after_s(error.retry_after, now()))

    async def models(self) -> frozenset[str] | NoAnswer:
        """The models it says it has, none where it does not say; or why it will answer nobody. It costs nothing."""
        try:
            async with asyncio.timeout(LOOK_S), self._client.models.with_streaming_response.list() as response:
                return listed(await _bounded(response.iter_bytes()))
        except _Refused as error:
            is_telling = error.status == UNAUTHORISED or error.status >= SERVER_ERROR
            return NoAnswer(fault_of_status(error.status, error.body), str(error)) if is_telling else frozenset()
        except (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError) as error:
            return NoAnswer(Fault.TIMEOUT, repr(error))
        except (openai.APIError, httpx2.HTTPError, OSError) as error:
            return NoAnswer(Fault.UNREACHABLE, repr(error))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _in_form(self, ask: Ask, model: str) -> Tried:
        form = self.form_of(model)
        for _ in range(MOST_MENDS):
            try:
                return await self._once(ask, model, form)
            except _Refused as error:
                other = mended(form, error.status, error.body)
                if other is None or (ask.room and other.reasoning_tokens < form.reasoning_tokens):
                    raise  # more room was too much: what every question has is none the worse for it
                if fault_of_status(error.status, error.body) is not Fault.TOO_LONG:  # that is of this question alone
                    self._forms.learn(model, form, other)
                form = other
        return await self._once(ask, model, form)

    async def _once(self, ask: Ask, model: str, form: Form) -> Tried:
        began = time.perf_counter()
        try:
            body = await self._body(ask, model, form)
        except (openai.APITimeoutError, httpx2.TimeoutException) as error:
            return Tried(NoAnswer(Fault.TIMEOUT, repr(error), time.perf_counter() - began))
        except (openai.APIError, httpx2.HTTPError, OSError) as error:
            return Tried(NoAnswer(Fault.UNREACHABLE, repr(error), time.perf_counter() - began))
        took_s = time.perf_counter() - began
        if len(body) > MAX_BODY_BYTES:
            return Tried(NoAnswer(Fault.TOO_LARGE, f"over {MAX_BODY_BYTES} bytes", took_s))
        self._forms.take(model)
        reply = read_answer(body, model, took_s)
        if form.structure in BY_SCHEMA and not form.is_told and is_unheld(reply):
            self._forms.learn(model, form, replace(form, is_told=True))
        return Tried(reply)

    async def _body(self, ask: Ask, model: str, form: Form) -> bytes:
        most = most_tokens(ask, form)
        is_told = form.is_told or form.structure not in BY_SCHEMA
        system = in_words(ask.system, ask.schema) if is_told else ask.system
        async with self._client.chat.completions.with_streaming_response.create(
            model=model,
            messages=[{"role": "system", "content": system}, {"role": "user", "content": ask.user}],
            max_completion_tokens=most if form.cap == "max_completion_tokens" else openai.omit,
            max_tokens=most if form.cap == "max_tokens" else openai.omit,
            reasoning_effort=form.effort or openai.omit,
            temperature=openai.omit if self._temperature is None else self._temperature,
            response_format=cast("Any", response_format(form.structure, ask.schema) or openai.omit),
        ) as response:
            return await _bounded(response.iter_bytes())


async def _refuse(response: httpx2.Response) -> None:
    """Read an error's body to the bound here: the library would read all of it."""
    if response.status_code >= ERROR_STATUS:
        body = await _bounded(response.aiter_bytes())
        await response.aclose()
        raise _Refused(response, body)


async def _bounded(pieces: AsyncIterator[bytes]) -> bytes:
    """The bytes, up to the first piece beyond the bound."""
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > MAX_BODY_BYTES:
            break
    return bytes(body)
