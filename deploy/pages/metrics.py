"""`docs/metrics.md`, made of the metrics that the services declare: `python -m deploy.pages.metrics [--check]`."""

import importlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from prometheus_client.metrics import MetricWrapperBase

from deploy.pages.made import run
from schemas.email import FeedbackWord
from schemas.llm import Fault
from schemas.recommendation import Arm
from services.composer.core.dialogue import ATTEMPTS, TEMPLATE
from services.rules.providers import PROVIDERS
from services.runtime.kafka_ends import Unfit
from services.runtime.llm_budget import Scope
from services.runtime.metrics import Path as Way

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
SERVICES: Mapping[str, str] = {
    "runtime": "Every service",
    "ingest": "Ingest: collector and consumer",
    "profile": "Profile",
    "recommender": "Recommender",
    "composer": "Composer",
    "connector": "Connector",
    "console": "Console",
}
"""Each service and its heading; what several count is the runtime's."""


def _words(words: object) -> str:
    return ", ".join(f"`{each}`" if each else "empty" for each in map(str, words))  # type: ignore[call-overload]


YES_NO = _words(("no", "yes"))
QUESTIONS = "the question: `company`, `job+imagine`, `pick`, `copy`, `reader`"
MODEL = "a model by its name in the settings"
FAULT = f"{_words(Fault)}"
LABELS: Mapping[str, str] = {
    "age": "`0-1h`, `1h-6h`, `6h-1d`, `1d-7d`, `7d-`",
    "agrees": YES_NO,
    "answer": _words(("accepted", "declined", "deferred", "lost", "held", "barred", "away")),
    "arm": f"{_words(get_args(Arm))}, `other` for one of a later version",
    "attempt": _words((*ATTEMPTS, TEMPLATE, "course", "mail")),
    "became": _words(("opened", "joined", "ended", "no_playbook", "rekeyed", "repeat", "bot", "rejected")),
    "cache": _words(("person", "llm_ledger", "query_texts", "vectors", "company")),
    "cause": "what the reply is about: `address`, `mailbox`, `policy`, `greylisted`, …, or `broken_off`",
    "domain": _words(PROVIDERS),
    "ending": "`sent`, `refused`, `expired`, `held_out`, `not_asked`, `waiting`; of the connector the mail's: "
    "`delivered`, `bounced`, `failed`, `not_sent`, `unknown`",
    "error_type": f"empty for an answer, else {FAULT}",
    "esp": "an ESP of `examples/webhooks.yaml`'s list",
    "explored": YES_NO,
    "fate": "what became of an ESP's event",
    "fault": FAULT,
    "folder": _words(("profile_data", "qdrant_path", "recommender_company_cache", "connector_data", "console_view")),
    "gen_ai_operation_name": "`chat`",
    "gen_ai_request_model": MODEL,
    "gen_ai_token_type": "`input`, `output`",
    "last_status": "an exit status, or empty",
    "model": MODEL,
    "new_topic": YES_NO,
    "of": "`address`, `nobody`",
    "page": "a page of the console by name, or `none`",
    "partition": "its number",
    "path": _words(Way),
    "python": "as Python names itself",
    "result": "`hit`, `miss`",
    "route": "a path of the collector by name, or that of no path",
    "rule": "a rule of the gate",
    "rung": "`llm`, or the rung without one by name",
    "scope": _words(Scope),
    "service": _words(
        ("ingest-collector", "ingest-consumer", "profile", "recommender", "composer", "connector", "console")
    ),
    "source": "`request`, `cache`, `site`, `not_kept`",
    "stage": _words(("ingest", "profile", "recommender", "standing", "composer", "connector", "console")),
    "standing": "`taken`, `open`, `end`",
    "status": "an HTTP status of ours",
    "step": _words(("company", "job", "imagine", "retrieve", "pick", "copy", "language", "reader")),
    "topic": "a topic's short name, as `events.clean`",
    "switch": "`mail`",
    "type": f"{_words(get_args(FeedbackWord))}, `other` for one of a later version",
    "version": "Kindling's",
    "where": "`conversion`, `fact`, `signal`",
    "why": f"`unsure`, `invalid`, or {FAULT}",
}
"""The values of each label by its name; the next table has those of single metrics."""
OF_METRIC: Mapping[tuple[str, str], str] = {
    ("kindling_records_total", "topic"): "a topic's whole name",
    ("kindling_record_seconds", "topic"): "a topic's whole name",
    ("kindling_records_total", "outcome"): "`emit`, `skip`, `later`, `expired`, `reject`",
    ("kindling_records_total", "reason"): f"a reason of the stage, or {_words(Unfit)}",
    ("kindling_dead_letters_total", "reason"): f"a reason of the stage, or {_words(Unfit)}",
    ("kindling_endings_total", "reason"): "the rule that decided, by name; of a bounce its class",
    ("kindling_transactions_total", "outcome"): "`committed`, `aborted`",
    ("kindling_view_records_total", "outcome"): "`applied`, `undecodable`",
    ("kindling_unreadable_pointers_total", "outcome"): "`rebuilt`, `lost`",
    ("gen_ai_client_operation_duration_seconds", "stage"): QUESTIONS,
    ("gen_ai_client_token_usage", "stage"): QUESTIONS,
    ("kindling_llm_cost_micros_total", "stage"): QUESTIONS,
    ("kindling_llm_escalations_total", "stage"): QUESTIONS,
    ("kindling_llm_over_budget_total", "stage"): QUESTIONS,
    ("kindling_llm_no_time_total", "stage"): QUESTIONS,
    ("kindling_llm_from_ledger_total", "stage"): QUESTIONS,
    ("kindling_llm_breaker_open", "stage"): "`recommender`, `composer`",
    ("kindling_llm_budget_left_ratio", "stage"): "`recommender`, `composer`",
    ("kindling_llm_budget_left_ratio", "scope"): "`day`, `total`",
    ("kindling_suppression_view_age_seconds", "stage"): "`composer`, `connector`",
    ("kindling_ingest_events_total", "outcome"): "`events`, `repeats`, `bots`, …: as the help says",
    ("kindling_ingest_rejects_total", "reason"): "a reason of `docs/accepted.md`",
    ("kindling_ingest_keys_read_total", "outcome"): "`read`, `broken`",
    ("kindling_ingest_webhooks_read_total", "outcome"): "`read`, `broken`",
    ("kindling_profile_outcomes_total", "reason"): "`folded`, `asked`, `opened`, … and each reason not to ask",
    ("kindling_recommender_otherwise_kept_back_total", "reason"): "a rule of what may go",
    ("kindling_recommender_stage_duration_seconds", "stage"): "a step: `company`, `understand`, `retrieve`, `pick`, …",
    ("kindling_recommender_company_total", "reason"): "what came of the site, by name",
    ("kindling_composer_readings_total", "outcome"): f"`answer`, `invalid`, or {FAULT}",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric as it is scraped."""

    name: str
    kind: str
    labels: tuple[str, ...]
    what: str


def metrics_of(service: str) -> list[Metric]:
    """What the service's own list declares, by name."""
    module = importlib.import_module(f"services.{service}.metrics")
    found = [_metric(each) for each in vars(module).values() if isinstance(each, MetricWrapperBase)]
    return sorted({each.name: each for each in found}.values(), key=lambda each: each.name)


def values_of(metric: Metric, label: str) -> str:
    """What a label of the metric may be.

    Raises:
        KeyError: nobody has said it: `LABELS` is to be made longer.
    """
    return OF_METRIC.get((metric.name, label)) or LABELS[label]


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def main(words: list[str]) -> int:
    """The exit status, as of `made.run`."""
    return run(words, "deploy.pages.metrics", PAGE, page, "the code declares")


def _metric(metric: MetricWrapperBase) -> Metric:
    (described,) = metric.describe()
    name = f"{described.name}_total" if described.type == "counter" else described.name
    return Metric(name, described.type, tuple(metric._labelnames), described.documentation)  # noqa: SLF001


def _lines() -> Iterator[str]:
    yield "# Metrics"
    yield ""
    yield "Made by `python -m deploy.pages.metrics` of what the services declare; a test holds the two together."
    yield "Each process answers `GET /metrics` on `KINDLING_HEALTH_PORT`, in plain text."
    yield "Who asks for `application/openmetrics-text` gets exemplars with `trace_id`: of records, paths and models."
    yield "Every label has few values, whatever strangers send; what no list has counts as `other`."
    yield "A count is there at 0 before it is first counted, so that `increase` sees its first step."
    yield "Not so by labels that come with the data: faults of models, statuses, a handler's own reasons."
    for service, title in SERVICES.items():
        yield ""
        yield f"## {title}"
        yield ""
        if service == "runtime":
            yield "What several services count stands here; a process shows those that it has something to say of."
            yield ""
        yield "| metric | type | labels | meaning |"
        yield "|---|---|---|---|"
        for each in metrics_of(service):
            labels = "; ".join(f"`{label}`: {values_of(each, label)}" for label in each.labels)
            yield f"| `{each.name}` | {each.kind} | {labels} | {each.what} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
