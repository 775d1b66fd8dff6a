"""The LLM client: which model is asked, whether it may be, what was paid already; every trouble is a named fault.

A question goes to the smallest model first, and on to the next where that one is away, or its reply is refused,
unusable or unsure. What every model of the endpoint would meet (no way there, the key, the money) ends it at once.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Protocol

from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply, Usage
from services.runtime import metrics
from services.runtime.clock import now
from services.runtime.llm_budget import Amount, Spending, Spent
from services.runtime.llm_endpoint import Endpoint
from services.runtime.llm_kept import Asker, Question, is_paid, kept_of, reply_of
from services.runtime.llm_lane import Lane
from services.runtime.llm_ledger import InMemory, Replies
from services.runtime.llm_limits import AWAY, RetryBudget
from services.runtime.llm_models import is_among
from services.runtime.llm_question import estimate, key_of, roomier, shortened
from services.runtime.llm_settings import LlmSettings
from services.runtime.llm_shown import show_llm

SHORTEST_CALL_S = 1.0  # no model answers in less: with less left of the patience nothing is asked
ESCALATED = frozenset({
    Fault.REFUSED, Fault.FILTERED, Fault.TRUNCATED, Fault.TOO_LARGE, Fault.NOT_JSON, Fault.EMPTY, Fault.MALFORMED,
    Fault.TOOL_CALL, Fault.ONLY_REASONED,
})  # fmt: skip
MAYBE_BILLED = frozenset({Fault.TIMEOUT, Fault.TOO_LARGE})  # with no word of tokens: the estimate counts as spent
UNSURE, INVALID = "unsure", "invalid"


class Model(Protocol):
    """What a pipeline asks."""

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The reply, within so many seconds from when the call has its slot; `NO_TIME` where those are too few."""
        ...


class Client(Protocol):
    """What a service holds: a model for each record's partition and person, and what goes with a partition."""

    def asking(self, partition: int, person: str) -> Model:
        """The model as asked for this person's record of this partition."""
        ...

    async def start(self) -> None:
        """Connect."""
        ...

    async def stop(self) -> None:
        """Disconnect."""
        ...

    async def owned(self, partition: int) -> None:
        """Read what was paid at this partition."""
        ...

    def lost(self, partition: int) -> None:
        """Forget a partition."""
        ...


class NoLlm:
    """No model: every question goes to the next rung."""

    def asking(self, partition: int, person: str) -> Model:  # noqa: ARG002 nobody is asked for anybody
        """This."""
        return self

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """No answer, at once."""
        return NoAnswer(Fault.OFF, f"no model is set; {ask.stage} is not asked within {within_s:.0f} s")

    async def start(self) -> None:
        """Nothing to start."""

    async def look(self) -> None:
        """Nobody to look for."""

    async def stop(self) -> None:
        """Nothing to stop."""

    async def owned(self, partition: int) -> None:
        """Nothing to read."""

    def lost(self, partition: int) -> None:
        """Nothing to forget."""


class LlmClient:
    """Asks an OpenAI-compatible endpoint for one JSON object."""

    def __init__(self, settings: LlmSettings, replies: Replies) -> None:
        self.settings, self.replies = settings, replies
        self.endpoint = Endpoint(settings)
        self.lanes = tuple(
            Lane(each, self.endpoint, RetryBudget(settings.llm_retry_share), settings.timeout_of)
            for each in settings.models
        )
        self.slots = asyncio.Semaphore(settings.llm_in_flight)
        self.spending = Spending(settings.budgets)
        show_llm(replies.service, self.lanes, self.spending)

    def asking(self, partition: int, person: str) -> Model:
        """The model as asked for this person's record of this partition."""
        return _Asking(self, Asker(self.replies.service, partition, person))

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The reply, for nobody in particular."""
        return await self.asking(0, "").ask(ask, within_s=within_s)

    async def start(self) -> None:
        """Connect the ledger. Raises `Unavailable`, `Misconfigured`."""
        self.spending.partitions = await self.replies.start()

    async def look(self) -> None:
        """Say in the log, before anybody is asked, which model will not answer; what asking costs nothing can tell."""
        listed = await self.endpoint.models()
        if isinstance(listed, NoAnswer):
            self.lanes[0].meet(listed)  # the same for all: one line
            return
        for lane in self.lanes:
            if listed and not is_among(lane.model.name, listed):
                unknown = f"it is none of the {len(listed)} models that the endpoint lists"
                lane.meet(NoAnswer(Fault.INVALID_REQUEST, unknown))

    async def stop(self) -> None:
        """Close the connections."""
        await self.replies.stop()
        await self.endpoint.close()

    async def owned(self, partition: int) -> None:
        """Read what was paid at this partition, and count it."""
        replies = await self.replies.read(partition)
        spent = [
            Spent(
                partition,
                each.person,
                each.asked_at.date().isoformat(),
                Amount(each.prompt_tokens + each.completion_tokens, each.cost_micros),
            )
            for each in replies
            if each.service == self.replies.service
        ]
        self.spending.own(partition, spent)

    def lost(self, partition: int) -> None:
        """Forget what was paid at this partition."""
        self.replies.lose(partition)
        self.spending.lose(partition)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One asker's way through the models."""

    client: LlmClient
    asker: Asker

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The reply of the smallest model whose reply will do; the seconds are for all of them together."""
        if not set(ask.stage.split("+")) & self.client.settings.stages:
            return NoAnswer(Fault.OFF, f"{ask.stage} is not among KINDLING_LLM_STAGES")
        lanes = self.client.lanes[min(ask.attempt, len(self.client.lanes) - 1) :]
        replies: list[Reply] = []
        told: list[str] = []
        left_s = within_s
        for number, lane in enumerate(lanes):
            reply = await self._of_one(lane, ask, left_s)
            replies.append(reply)
            left_s -= reply.duration_s
            doubt = self._doubt(ask, reply, lane)
            if doubt is None or number == len(lanes) - 1 or left_s < SHORTEST_CALL_S:
                break
            metrics.LLM_ESCALATIONS.labels(lane.model.name, ask.stage, doubt[0]).inc()
            told.append(f"{lane.model.name}: {doubt[0]}: {doubt[1]}")
        return _together(replies, "; ".join(told))

    def _doubt(self, ask: Ask, reply: Reply, lane: Lane) -> tuple[str, str] | None:
        """Why a larger model is to be asked, as a word and in detail; None where this reply will do, or none would."""
        if isinstance(reply, NoAnswer):
            is_left_alone = reply.fault is Fault.CIRCUIT_OPEN and lane.breaker.is_of_model
            is_next = reply.fault in ESCALATED | AWAY or is_left_alone
            return (reply.fault.value, reply.detail) if is_next else None
        if (invalid := ask.doubt(reply.value)) is not None:
            return INVALID, invalid
        sure = reply.value.get("confidence")
        least = self.client.settings.llm_sure_from
        if isinstance(sure, int | float) and sure < least:
            return UNSURE, f"confidence {sure} below {least}"
        return None

    async def _of_one(self, lane: Lane, ask: Ask, within_s: float) -> Reply:
        """One model's reply; asked once more where the question was too long, or nothing but reasoned about."""
        reply = await self._kept_or_asked(lane, ask, within_s)
        if isinstance(reply, NoAnswer) and reply.fault is Fault.ONLY_REASONED:
            return await self._with_more_room(lane, ask, within_s, reply)
        if not isinstance(reply, NoAnswer) or reply.fault is not Fault.TOO_LONG:
            return reply
        shorter = shortened(ask)
        if shorter.user == ask.user:
            return reply
        again = await self._kept_or_asked(lane, shorter, within_s - reply.duration_s)
        if isinstance(again, NoAnswer) and again.fault is Fault.NO_TIME:
            return reply
        return replace(again, duration_s=reply.duration_s + again.duration_s)

    async def _with_more_room(self, lane: Lane, ask: Ask, within_s: float, reply: NoAnswer) -> Reply:
        """The reply to the question with more room, within the deadline that both calls have; else the first."""
        settings = self.client.settings
        form = settings.form_of(lane.model.name)
        lane.tell_of_reasoning(ask.stage, reply, form.reasoning_tokens)
        left_s = min(within_s, settings.timeout_of(ask.stage)) - reply.duration_s
        again = await self._kept_or_asked(lane, roomier(ask, form), left_s)
        usage, took_s = reply.usage.plus(again.usage), reply.duration_s + again.duration_s
        if isinstance(again, Answer):
            return replace(again, usage=usage, duration_s=took_s)
        detail = f"{reply.detail}; with more room: {again.fault}: {again.detail}"
        return replace(reply, detail=detail, usage=usage, duration_s=took_s)

    async def _kept_or_asked(self, lane: Lane, ask: Ask, within_s: float) -> Reply:
        replies, partition = self.client.replies, self.asker.partition
        settings = self.client.settings
        key = key_of(ask, lane.model.name, settings.llm_temperature, settings.form_of(lane.model.name))
        kept = await replies.kept(partition, key)
        if kept is not None and (known := reply_of(kept, is_from_ledger=True)) is not None:
            metrics.LLM_FROM_LEDGER.labels(lane.model.name, ask.stage).inc()
            metrics.CACHE.labels("llm_ledger", "hit").inc()
            return known
        metrics.CACHE.labels("llm_ledger", "miss").inc()
        if within_s < SHORTEST_CALL_S:
            metrics.LLM_NO_TIME.labels(ask.stage).inc()
            return NoAnswer(Fault.NO_TIME, f"{within_s:.1f} s were left, a call takes {SHORTEST_CALL_S:.0f} s or more")
        question = Question(ask, lane.model.name, key, now())
        reply = await self._within_budget(lane, ask, within_s, question.asked_at.date().isoformat())
        if not is_paid(reply):
            return reply
        mine = kept_of(reply, question, self.asker)
        first = await replies.keep(partition, mine)
        return reply if first is mine else reply_of(first, is_from_ledger=True) or reply

    async def _within_budget(self, lane: Lane, ask: Ask, within_s: float, day: str) -> Reply:
        """Ask once the estimate fits every budget; what it really took is counted in the estimate's place."""
        spending = self.client.spending
        most = estimate(ask, self.client.endpoint.form_of(lane.model.name))
        reserved = Spent(self.asker.partition, self.asker.person, day, _amount(most, lane))
        if (scope := spending.over(reserved)) is not None:
            metrics.LLM_OVER_BUDGET.labels(ask.stage, scope).inc()
            return NoAnswer(Fault.BUDGET, f"the budget of the {scope} is spent")
        spending.add(reserved)
        actual = reserved.amount  # of a call that is called off
        try:
            async with self.client.slots:
                reply = await lane.ask(ask, min(within_s, self.client.settings.timeout_of(ask.stage)))
            is_told = is_paid(reply) or not (isinstance(reply, NoAnswer) and reply.fault in MAYBE_BILLED)
            actual = _amount(reply.usage, lane) if is_told else reserved.amount
        finally:
            spending.add(replace(reserved, amount=actual.minus(reserved.amount)))
        return reply


def _amount(usage: Usage, lane: Lane) -> Amount:
    return Amount(usage.prompt_tokens + usage.completion_tokens, lane.model.cost_micros(usage))


def _together(replies: list[Reply], escalated: str) -> Reply:
    """The last answer, or the last fault where there is none, with what all of them took."""
    chosen = next((each for each in reversed(replies) if isinstance(each, Answer)), replies[-1])
    usage, took_s = Usage(), 0.0
    for each in replies:
        usage, took_s = usage.plus(each.usage), took_s + each.duration_s
    return replace(chosen, usage=usage, duration_s=took_s, escalated=escalated)


def build(settings: LlmSettings, replies: Replies | None = None) -> LlmClient | NoLlm:
    """The client the settings ask for; without a ledger replies are kept in memory."""
    return LlmClient(settings, replies or InMemory()) if settings.is_on else NoLlm()
