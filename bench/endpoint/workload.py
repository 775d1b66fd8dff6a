"""`python -m bench endpoint`: the product's questions to the endpoint that is set, for three leads, by stage."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from bench.endpoint.asking import STAGES, Told, told_of
from bench.golden.leads import Lead, read_leads
from bench.golden.world import NothingChosen, academy, world_over
from bench.measurement import Measurement, rounded
from bench.reporting import reported, say
from schemas.llm import NoAnswer, Usage
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.runtime.llm_advice import advice
from services.runtime.llm_client import LlmClient, build
from services.runtime.llm_form import Form
from services.runtime.llm_models import MILLION, Model
from services.runtime.llm_settings import LlmSettings
from services.runtime.llm_structure import STRUCTURES
from services.runtime.outcome import Misconfigured
from services.runtime.settings import load

WORKLOAD = "endpoint"
LEADS = 3
PATIENT_S = 120.0
UNBOUNDED = {
    f"llm_{of}_{unit}": None for of in ("person", "day", "total") for unit in ("tokens", "cost")
}  # fmt: skip


class NoEndpoint(Exception):  # noqa: N818 the operator's, said as one sentence
    """There is nobody to measure."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One model: how it was asked in the end, and what each stage's questions came to."""

    model: Model
    form: Form
    told: tuple[Told, ...]
    settings: LlmSettings

    def of(self, stage: str) -> list[Told]:
        """One for each lead."""
        return [each for each in self.told if each.stage == stage]

    def missed(self, stage: str) -> list[Told]:
        """Those that took longer than the stage has."""
        return [each for each in self.of(stage) if each.reply.duration_s > self.settings.timeout_of(stage)]


def main(words: Sequence[str]) -> int:
    """Ask, print what came of it, then one JSON object per figure."""
    parser = argparse.ArgumentParser(prog="python -m bench endpoint", description=__doc__)
    parser.add_argument("--patience", type=float, default=PATIENT_S, help="seconds a call may take here, at most 300")
    read = parser.parse_args(words)
    return reported(_measuring(read.patience), (NoEndpoint, NothingChosen, Misconfigured))


async def measured_of(settings: LlmSettings, leads: Sequence[Lead], patience_s: float) -> list[Measured]:
    """Every configured model by itself.

    Raises:
        NoEndpoint: none is set, or a model answers nothing at all.
    """
    if not settings.is_on:
        expected = "set OPENAI_API_KEY or OPENAI_BASE_URL, and KINDLING_LLM_MODEL or KINDLING_LLM_MODELS"
        raise NoEndpoint(f"no endpoint is set to be measured: {expected}, and not KINDLING_LLM=none")
    program, courses = academy()
    world = await world_over(program, courses, FakeEmbedder())
    found = []
    for model in settings.models:
        client = build(_alone(settings, model, patience_s))
        assert isinstance(client, LlmClient)  # noqa: S101 the same settings as above
        try:
            told = [each for lead in leads for each in await told_of(lead, world, program, client, patience_s)]
        finally:
            await client.stop()
        _check(model, told)
        found.append(Measured(model, client.endpoint.form_of(model.name), tuple(told), settings))
    return found


def table(measured: Measured) -> list[str]:
    """How the model was asked, a line a stage, and what would not do."""
    form, priced = measured.form, measured.model.input_price is not None
    words = ", the schema also in words" if form.is_told else ""
    lines = [
        f"{measured.model.name}: structure {form.structure}{words}; effort {form.effort or 'untold'}; "
        f"{form.reasoning_tokens} tokens to reason with, as {form.cap}"
        + ("" if priced else "; no price is set: KINDLING_LLM_MODELS=name=input/output"),
        f"  {'stage':12}{'valid':>8}{'in':>8}{'out':>8}{'reasoned':>10}{'s, most':>9}{'deadline':>10}{'price':>12}",
    ]
    for stage in STAGES:
        told, usage = measured.of(stage), _usage(measured.of(stage))
        valid, deadline_s = f"{sum(not each.why for each in told)} of {len(told)}", measured.settings.timeout_of(stage)
        price = f"{usage.cost_micros / len(told) / MILLION:.6f}" if priced else "-"
        lines.append(
            f"  {stage:12}{valid:>8}{usage.prompt_tokens / len(told):8.0f}{usage.completion_tokens / len(told):8.0f}"
            f"{usage.reasoning_tokens / len(told):10.0f}{_longest(told):9.1f}{deadline_s:10.1f}{price:>12}"
        )
    whys = Counter(f"{each.stage} is no answer: {each.why}" for each in measured.told if each.why)
    lines += [f"  {why} ({times} of {len(measured.of(STAGES[0]))})" for why, times in whys.items()]
    for stage in STAGES:
        if missed := measured.missed(stage):
            lines.append(
                f"  {stage} would miss its deadline in {len(missed)} of {len(measured.of(stage))}: "
                f"{_longest(missed):.1f} s of {measured.settings.timeout_of(stage):.1f}; "
                f"KINDLING_LLM_STAGE_TIMEOUTS_S={stage}=seconds, within the playbook's patience_s"
            )
    return lines


def figures(measured: Measured) -> list[Measurement]:
    """By stage, means of a call but for the time; the structure by its place, 0 none to 4 strict."""
    name = measured.model.name
    place = float(len(STRUCTURES) - 1 - STRUCTURES.index(measured.form.structure))
    made = [Measurement(WORKLOAD, name, "structure", place, "place")]
    for stage in STAGES:
        told, usage = measured.of(stage), _usage(measured.of(stage))
        rows = [
            ("valid", mean(not each.why for each in told), "ratio"),
            ("tokens_in", usage.prompt_tokens / len(told), "tokens"),
            ("tokens_out", usage.completion_tokens / len(told), "tokens"),
            ("tokens_reasoning", usage.reasoning_tokens / len(told), "tokens"),
            ("longest", _longest(told), "s"),
            ("deadline", measured.settings.timeout_of(stage), "s"),
            ("missed", len(measured.missed(stage)) / len(told), "ratio"),
        ]
        if measured.model.input_price is not None:
            rows.append(("price", usage.cost_micros / len(told), "millionths"))
        made += [Measurement(WORKLOAD, name, metric, rounded(value), unit, stage) for metric, value, unit in rows]
    return made


async def _measuring(patience_s: float) -> list[Measurement]:
    leads = read_leads()
    some = leads[:: len(leads) // LEADS][:LEADS]
    found = await measured_of(load(LlmSettings), some, patience_s)
    for each in found:
        for line in table(each):
            say(line)
    return [figure for each in found for figure in figures(each)]


def _alone(settings: LlmSettings, model: Model, patience_s: float) -> LlmSettings:
    """This model and no larger one, every stage, no budget, and time for all of it."""
    prices = "" if model.input_price is None else f"={model.input_price}/{model.output_price}"
    return settings.model_copy(
        update={
            **UNBOUNDED, "llm_models": f"{model.name}{prices}", "llm_stages": ",".join(STAGES).replace("+", ","),
            "llm_timeout_s": patience_s, "llm_stage_timeouts_s": "",
        }
    )  # fmt: skip


def _check(model: Model, told: Sequence[Told]) -> None:
    """Raise where no word of a model came."""
    faults = [each.reply for each in told if isinstance(each.reply, NoAnswer) and each.reply.usage == Usage()]
    if len(faults) == len(told):
        first = faults[0]
        raise NoEndpoint(f"{model.name} does not answer: {first.fault}, {first.detail}; {advice(first.fault)}")


def _usage(told: Sequence[Told]) -> Usage:
    usage = Usage()
    for each in told:
        usage = usage.plus(each.reply.usage)
    return usage


def _longest(told: Sequence[Told]) -> float:
    return max(each.reply.duration_s for each in told)
