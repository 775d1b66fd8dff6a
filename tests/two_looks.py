"""A Prometheus that looked twice: before a story and after it, so that every count rose between two scrapes.

The worst moment for `increase` and `rate`: of a series that is born with its first count they see no rise. `promtool`
asks each panel of it with the house's rules, in a second and without waiting.
"""

import json
import shutil
import subprocess
import urllib.parse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from deploy.local import observe
from tests.panels import Drawn, got

Sample: TypeAlias = tuple[str, frozenset[tuple[str, str]]]
Page: TypeAlias = Mapping[Sample, str]
BEFORE, AFTER = 3, 12  # seconds, with a scrape in each
SUFFIXES = ("_total", "_bucket", "_sum", "_count")
FROM_DATA: Mapping[str, str] = {
    "kindling_records_total": "reasons are each handler's own; what was emitted is there",
    "kindling_gate_refusals_total": "rules stand in the modules of the gate",
    "kindling_composer_readings_total": "faults; answers and invalid ones are there",
    "kindling_recommender_company_total": "27 reasons from 4 sources, most of them never",
    "kindling_ingest_requests_total": "statuses; 200 of each route is there",
    "kindling_ingest_webhook_events_total": "ESPs that nobody here has",
    "kindling_console_requests_total": "pages that nobody opens, and statuses",
    "kindling_feedback_total": "words that alarm nobody, by provider; of other providers each is there",
    "kindling_llm_escalations_total": "why, and only where there is a larger model",
    "gen_ai_client_operation_duration_seconds": "faults; answers are there",
    "gen_ai_client_token_usage": "an endpoint need not count tokens",
}
"""Counters and histograms of which a series may be born later, each with why: what that is, and what is there."""


def page_at(url: str, at_s: float) -> Page:
    """Every series of the services' processes as last scraped at a moment, in unix time, and its value."""
    words = urllib.parse.urlencode({"query": '{job="kindling"}', "time": f"{at_s:.3f}"})
    series = got(f"{url}/api/v1/query?{words}")["data"]["result"]
    return {(each["metric"]["__name__"], _labels(each["metric"])): each["value"][1] for each in series}


def born(before: Page, after: Page) -> list[str]:
    """The series of counters and histograms that were born between, but those whose labels come with the data."""
    new = [(name, labels) for name, labels in after.keys() - before.keys() if name.endswith(SUFFIXES)]
    bare = {name: name if name.endswith("_total") else name.rpartition("_")[0] for name, _ in new}
    return sorted(f"{name} {sorted(labels)}" for name, labels in new if bare[name] not in FROM_DATA)


def unfilled(before: Page, after: Page, panels: Iterable[Drawn], folder: Path) -> str:
    """What promtool says of panels that show nothing; empty where each shows something.

    Raises:
        RuntimeError: there is no promtool.
    """
    promtool = shutil.which("promtool")
    if promtool is None:
        raise RuntimeError("promtool is not here: install prometheus")
    rules = observe.at_once(observe.rules())
    for name, each in rules.items():
        recording = {"groups": [_recording(group) for group in each["groups"]]}
        (folder / name).write_text(yaml.dump(recording, Dumper=yaml.CSafeDumper), encoding="utf-8")
    asked = [
        {"expr": _is_filled(panel), "eval_time": f"{BEFORE + AFTER}s", "exp_samples": [{"labels": "{}", "value": 1}]}
        for panel in panels
    ]
    series = [_series(sample, before.get(sample, "_"), value) for sample, value in after.items() if value != "NaN"]
    test = {"interval": "1s", "input_series": series, "promql_expr_test": asked}
    whole = {"rule_files": sorted(rules), "evaluation_interval": "1s", "tests": [test]}
    (folder / "test.yaml").write_text(yaml.dump(whole, Dumper=yaml.CSafeDumper), encoding="utf-8")
    done = subprocess.run(
        [promtool, "test", "rules", "test.yaml"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    return "" if done.returncode == 0 else f"{done.stdout}{done.stderr}"


def _recording(group: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without its alerts: the only panels that show them are those of alerts, which promtool is not asked."""
    return {**group, "rules": [each for each in group["rules"] if "record" in each]}


def _is_filled(panel: Drawn) -> str:
    """1 where at some moment some series of the panel is a number."""
    numbers = " or ".join(f"(({each.expr}) == ({each.expr}))" for each in panel.asked)
    return f"count_over_time(count({numbers})[{BEFORE + AFTER}s:1s]) > bool 0"


def _series(sample: Sample, before: str, after: str) -> Mapping[str, str]:
    name, labels = sample
    words = ",".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in sorted(labels))
    values = " ".join([before.replace("NaN", "_")] * BEFORE + [after] * AFTER)
    return {"series": f"{name}{{{words}}}", "values": values}


def _labels(metric: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((key, value) for key, value in metric.items() if key != "__name__")
