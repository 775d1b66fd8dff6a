"""What this process has learnt of how each model of its endpoint is asked, and how it learns it once."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

from services.runtime.llm_form import Form

log = logging.getLogger(__name__)

PROBE_S = 2.0
"""How long a call waits for what the first of its model meets: a refusal of form comes before anything is generated,
an answer may take as long as it takes."""


class Forms:
    """The form of each model, kept for the life of the process."""

    def __init__(self, first: Callable[[str], Form]) -> None:
        self._first, self._learnt = first, dict[str, Form]()
        self._taken, self._probes = set[str](), dict[str, asyncio.Event]()

    def of(self, model: str) -> Form:
        """How this model is asked, by what it refused until now."""
        return self._learnt.get(model) or self._first(model)

    def learn(self, model: str, form: Form, other: Form) -> None:
        """From now on this model is asked so; of calls in flight together the first has it."""
        if self.of(model) != form:
            return
        self._learnt[model] = other
        told = {"effort": other.effort, "cap": other.cap, "reasoning_tokens": other.reasoning_tokens}
        shape = {"structure": other.structure, "is_told": other.is_told}
        log.warning("llm_form_changed", extra={"model": model, **told, **shape})

    def take(self, model: str) -> None:
        """An endpoint took the form of this model: nobody has to wait for anybody any more."""
        self._taken.add(model)

    @contextlib.asynccontextmanager
    async def turn(self, model: str) -> AsyncIterator[None]:
        """Hold back other first calls of a model while one finds its form out, for `PROBE_S` at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PROBE_S):
                while model not in self._taken and (probe := self._probes.get(model)) is not None:
                    await probe.wait()
        if model in self._taken or model in self._probes:
            yield
            return
        mine = self._probes[model] = asyncio.Event()
        try:
            yield
        finally:
            del self._probes[model]
            mine.set()
