"""What is counted is there before it is first counted, at 0: of what is absent no `increase` sees the first step.

Prometheus, "Instrumentation", "Avoid missing metrics".
"""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from schemas.topics import ASIDE_COMPOSER, COURSES_SIGNALS, EMAIL_SUPPRESSIONS, RECOMMENDATIONS
from services.composer.adapters import counting as composer
from services.connector.adapters import counting as connector
from services.ingest.__main__ import RAW
from services.ingest.adapters import batch_loop, http_collector
from services.ingest.adapters.watched_file import WatchedFile
from services.ingest.metrics import HOOKS_READ, KEYS_READ
from services.profile.adapters import step_metrics as profile
from services.profile.core.reasons import Count, Reason
from services.recommender.adapters import measure as recommender
from services.runtime import metrics as runtime
from services.runtime.kafka_aside import Shelf
from services.runtime.kafka_ends import Unfit
from services.runtime.kafka_view import View
from services.runtime.llm_budget import Budgets, Spending
from services.runtime.llm_shown import show_llm
from tests.two_looks import FROM_DATA

SERVICES = ("runtime", "ingest", "profile", "recommender", "composer", "connector", "console")
BY_ITS_MODULE = frozenset({"kindling_connector_answers", "kindling_picks", "kindling_profile_conversions"})
"""Those that are there as soon as their module is."""


def _labelled() -> Iterator[MetricWrapperBase]:
    """Every metric with labels."""
    for service in SERVICES:
        for metric in vars(importlib.import_module(f"services.{service}.metrics")).values():
            if isinstance(metric, MetricWrapperBase) and metric._labelnames:
                yield metric


def _name(metric: MetricWrapperBase) -> str:
    return f"{metric._name}_total" if isinstance(metric, Counter) else metric._name


@pytest.fixture
def bare() -> Iterator[list[MetricWrapperBase]]:
    """Every counter and histogram with labels, without a series but those that a module makes; then as they were."""
    labelled = list(_labelled())
    were = {each: each._metrics for each in labelled if each._name not in BY_ITS_MODULE}
    for each in were:
        each.clear()
    yield [each for each in labelled if isinstance(each, Counter | Histogram)]
    for each, series in were.items():
        each._metrics = series


async def _begin(folder: Path) -> None:
    """What the services do at their start, for one stage, topic and model each."""

    async def handle(_: Any) -> Any: ...

    runtime.begin("composer")
    runtime.begin_topics("composer", [RECOMMENDATIONS])
    runtime.begin_records("composer", [RECOMMENDATIONS])
    runtime.begin_fold("standing", COURSES_SIGNALS, Unfit.UNDECODABLE)
    kafka: Any = SimpleNamespace(reader=lambda: None)
    View(kafka, (EMAIL_SUPPRESSIONS,), lambda _: None)
    Shelf(kafka, ASIDE_COMPOSER)
    lane: Any = SimpleNamespace(model=SimpleNamespace(name="small"), breaker=SimpleNamespace())
    for service in ("recommender", "composer"):
        show_llm(service, [lane], Spending(Budgets()))
    batch_loop.begin_metrics(RAW)
    http_collector.begin_metrics()
    for metric in (KEYS_READ, HOOKS_READ):
        WatchedFile(folder, str, "it", metric, lambda _: {})
    profile.begin_metrics()
    recommender.begin()
    composer.counted(handle)
    connector.counted(handle)


async def test_counts_are_there_before_the_first(bare: list[MetricWrapperBase], tmp_path: Path) -> None:
    """Each but those whose labels come with the data, which are named with what that is."""
    await _begin(tmp_path)
    absent = {_name(each) for each in bare if not each._metrics}
    assert absent - FROM_DATA.keys() == set()
    assert FROM_DATA.keys() <= {_name(each) for each in bare}


def test_every_reason_of_the_profile_is_there_before_the_first(bare: list[MetricWrapperBase]) -> None:
    """`asked` among them, which recording rules count by itself."""
    profile.begin_metrics()
    (outcomes,) = (each for each in bare if each._name == "kindling_profile_outcomes")
    assert outcomes._metrics.keys() == {(each.value,) for each in (*Count, *Reason)}
    assert {sample.value for metric in outcomes.collect() for sample in metric.samples} == {0.0}
