"""Which models are asked, for what, and within which bounds."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Literal, Self, get_args

from pydantic import Field, SecretStr, field_validator, model_validator

from services.runtime.llm_budget import Budgets, Cap
from services.runtime.llm_form import Effort, Form
from services.runtime.llm_models import MILLION, Model, parse_models, parse_pairs
from services.runtime.llm_structure import Structure
from services.runtime.settings import EnvironmentSettings

STAGES = frozenset({"company", "job", "imagine", "job+imagine", "pick", "copy", "reader"})
LONGEST_TIMEOUT_S = 300.0
MOST_REASONING = 100_000
COSTS = ("llm_person_cost", "llm_day_cost", "llm_total_cost")


class LlmSettings(EnvironmentSettings):
    """`OPENAI_API_KEY` and `OPENAI_BASE_URL` as every client of that protocol reads them; the rest is ours."""

    llm: Literal["auto", "none"] = Field(
        default="auto", description="none: no model is asked, the lower rungs answer alone"
    )
    llm_model: str = Field(default="gpt-5-mini", description="the one model, where KINDLING_LLM_MODELS names none")
    llm_models: str = Field(
        default="", description="smallest first, as name=input/output by comma, in prices per million tokens"
    )
    llm_sure_from: float = Field(
        default=0.35, ge=0, le=1, description="an answer of a smaller model less confident than this goes to the larger"
    )
    llm_stages: str = Field(
        default="company,job,imagine,pick,copy,reader",
        description="which stages ask, by comma; without `reader` what a model wrote is judged by the gate alone",
    )
    llm_in_flight: int = Field(default=16, ge=1, le=1_000, description="calls at once; 1 for the local model")
    llm_temperature: float | None = Field(
        default=None, ge=0, le=2, description="unset: the model's own; some refuse any"
    )
    llm_reasoning_tokens: int = Field(
        default=2_048,  # gpt-5 took 1,408 for a short answer with no effort told (a public measurement, 2026)
        ge=0,
        le=MOST_REASONING,
        description="what a call may take beyond its answer; a model that reasons does so first, within the same cap",
    )
    llm_reasoning_effort: Effort | Literal[""] = Field(
        default="minimal", description="what the default model has as its lowest; empty: none is told"
    )
    llm_models_reasoning_tokens: str = Field(
        default="",
        description="of single models, as name=tokens by comma; the others have KINDLING_LLM_REASONING_TOKENS",
    )
    llm_models_reasoning_effort: str = Field(
        default="", description="of single models, as name=effort by comma, name= for none told; the others as above"
    )
    llm_structure: Structure = Field(
        default="strict", description="the strongest way to hold an answer to its schema that is tried at first"
    )
    llm_timeout_s: float = Field(
        default=20.0,
        gt=0,
        le=LONGEST_TIMEOUT_S,
        description="a call in all, retries included, from the moment it has its slot",
    )
    llm_stage_timeouts_s: str = Field(
        default="", description="of single stages, as stage=seconds by comma; the others have KINDLING_LLM_TIMEOUT_S"
    )
    llm_retry_share: float = Field(default=0.1, ge=0, le=1, description="of calls, that may be retries")
    llm_person_tokens: int | None = Field(default=60_000, ge=0, description="of one person in a day")
    llm_person_cost: Decimal | None = Field(default=None, ge=0, description="of one person in a day, in the currency")
    llm_day_tokens: int | None = Field(default=None, ge=0, description="of a service's persons together in a day, UTC")
    llm_day_cost: Decimal | None = Field(default=None, ge=0, description="the same in the currency of the prices")
    llm_total_tokens: int | None = Field(default=None, ge=0, description="of a service in the last four days together")
    llm_total_cost: Decimal | None = Field(default=None, ge=0, description="the same in the currency of the prices")
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="OPENAI_API_KEY",
        description="key of the endpoint; with neither it nor a base URL no model is asked",
    )
    openai_base_url: str | None = Field(
        default=None, validation_alias="OPENAI_BASE_URL", description="any compatible endpoint; unset: the maker's own"
    )

    @property
    def is_on(self) -> bool:
        """True if there is a model to ask."""
        return self.llm != "none" and (self.openai_api_key is not None or self.openai_base_url is not None)

    @property
    def stages(self) -> frozenset[str]:
        """The stages that ask."""
        return frozenset(word.strip() for word in self.llm_stages.split(",") if word.strip())

    @property
    def models(self) -> tuple[Model, ...]:
        """The models, smallest first."""
        return parse_models(self.llm_models) or (Model(self.llm_model),)

    @property
    def form(self) -> Form:
        """How a model is asked of which nothing is said, as long as its endpoint refuses nothing of it."""
        return Form(self.llm_reasoning_effort or None, self.llm_reasoning_tokens, structure=self.llm_structure)

    def form_of(self, model: str) -> Form:
        """How this model is asked, as long as its endpoint refuses nothing of it."""
        form = self.form
        return replace(
            form,
            effort=self._efforts.get(model, form.effort),
            reasoning_tokens=self._rooms.get(model, form.reasoning_tokens),
        )

    def timeout_of(self, stage: str) -> float:
        """Seconds a call of this stage has in all; of a stage that is two in one also by the name of either."""
        timeouts = self._timeouts
        named = (timeouts[each] for each in (stage, *stage.split("+")) if each in timeouts)
        return next(named, self.llm_timeout_s)

    @property
    def longest_timeout_s(self) -> float:
        """What a call of any stage may take."""
        return max(self.llm_timeout_s, *self._timeouts.values(), 0.0)

    @property
    def budgets(self) -> Budgets:
        """What may be spent, in tokens and in millionths of the currency."""
        return Budgets(
            person=Cap(self.llm_person_tokens, _micros(self.llm_person_cost)),
            day=Cap(self.llm_day_tokens, _micros(self.llm_day_cost)),
            total=Cap(self.llm_total_tokens, _micros(self.llm_total_cost)),
        )

    @field_validator("llm_models")
    @classmethod
    def _readable(cls, text: str) -> str:
        parse_models(text)
        return text

    @model_validator(mode="after")
    def _readable_pairs(self) -> Self:
        models = frozenset(each.name for each in self.models)
        for name, pairs, known in (
            ("llm_models_reasoning_tokens", self._rooms, models),
            ("llm_models_reasoning_effort", self._efforts, models),
            ("llm_stage_timeouts_s", self._timeouts, STAGES),
        ):
            if unknown := sorted(pairs.keys() - known):
                raise ValueError(f"{name}: expected names of {', '.join(sorted(known))}; came {unknown[0]!r}")
        return self

    @property
    def _rooms(self) -> dict[str, int]:
        told = parse_pairs(self.llm_models_reasoning_tokens)
        if wrong := [each for each in told.values() if not each.isdecimal() or int(each) > MOST_REASONING]:
            raise ValueError(f"llm_models_reasoning_tokens: expected 0 to {MOST_REASONING} tokens, came {wrong[0]!r}")
        return {name: int(each) for name, each in told.items()}

    @property
    def _efforts(self) -> dict[str, Effort | None]:
        told = parse_pairs(self.llm_models_reasoning_effort)
        efforts: dict[str, Effort | None] = {"": None} | {each: each for each in get_args(Effort)}
        if wrong := [each for each in told.values() if each not in efforts]:
            expected = ", ".join(get_args(Effort))
            raise ValueError(f"llm_models_reasoning_effort: expected {expected} or nothing, came {wrong[0]!r}")
        return {name: efforts[each] for name, each in told.items()}

    @property
    def _timeouts(self) -> dict[str, float]:
        told = parse_pairs(self.llm_stage_timeouts_s)
        if wrong := [each for each in told.values() if not _is_timeout(each)]:
            raise ValueError(f"llm_stage_timeouts_s: expected seconds up to {LONGEST_TIMEOUT_S:.0f}, came {wrong[0]!r}")
        return {name: float(each) for name, each in told.items()}

    @model_validator(mode="after")
    def _know_the_prices(self) -> Self:
        bounded = [name for name in COSTS if getattr(self, name) is not None]
        unpriced = [each.name for each in self.models if each.input_price is None]
        if bounded and unpriced:
            raise ValueError(
                f"a bound on cost needs prices: name them in KINDLING_LLM_MODELS as {unpriced[0]}=input/output"
            )
        return self


def _is_timeout(text: str) -> bool:
    return re.fullmatch(r"\d{1,3}(\.\d{1,3})?", text) is not None and 0 < float(text) <= LONGEST_TIMEOUT_S


def _micros(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * MILLION)
