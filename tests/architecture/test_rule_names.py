"""What a rule or a page asks Prometheus for is a metric of ours, by labels and values that it has."""

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from schemas.llm import Fault
from tests.architecture import prometheus_rules as rules

ROOT = Path(__file__).parents[2]
SERVICES = ("runtime", "ingest", "profile", "recommender", "composer", "connector", "console")
OF_PROMETHEUS = frozenset(
    {"up", "process_start_time_seconds", "process_cpu_seconds_total", "process_resident_memory_bytes"}
)
OF_EVERY_SERIES = frozenset({"job", "instance"})
STAGES = frozenset({"collector", "ingest", "profile", "recommender", "standing", "composer", "connector", "console"})
QUESTIONS = frozenset({"company", "job+imagine", "pick", "copy", "reader"})
ELSEWHERE = {"kindling_paused": frozenset({"switch"})}  # declared where mail is paused


def _declared() -> Mapping[str, frozenset[str]]:
    """Every name a process shows, with its labels."""
    found: dict[str, frozenset[str]] = dict(ELSEWHERE)
    for service in SERVICES:
        module = importlib.import_module(f"services.{service}.metrics")
        for metric in vars(module).values():
            if isinstance(metric, MetricWrapperBase):
                labels = frozenset(metric._labelnames)
                match metric._type:
                    case "counter":
                        found[f"{metric._name}_total"] = labels
                    case "histogram":
                        found |= {f"{metric._name}_{each}": labels | {"le"} for each in ("bucket", "sum", "count")}
                    case _:
                        found[metric._name] = labels
    return found


DECLARED = _declared()


def test_names_of_an_expression_are_its_metrics_alone() -> None:
    """Neither functions, labels, windows nor words of PromQL are among them."""
    expr = """sum by (a, b) (rate(one_total{a="x"}[5m])) / on (c) group_left two offset 2d > 1.5e3
    unless (max_over_time(three[1h]) > bool 4 and four_bucket{le="1.0",b=~"y|z"} == 1)"""
    assert rules.named(expr) == {"one_total", "two", "three", "four_bucket"}
    assert list(rules.selected(expr)) == [
        ("one_total", "a", "x"),
        ("four_bucket", "le", "1.0"),
        ("four_bucket", "b", "y|z"),
    ]


def test_expression_names_only_metrics_that_exist() -> None:
    """A renamed metric takes rules and pages along: of what is not there, no alert ever fires."""
    recorded = {each["record"] for each in rules.rules() if "record" in each}
    there = DECLARED.keys() | OF_PROMETHEUS | recorded
    assert [(where, sorted(gone)) for where, expr in rules.expressions() if (gone := rules.named(expr) - there)] == []
    empty = {expr for _, expr in rules.expressions() if not rules.named(expr)}
    assert [each for each in empty if not each.startswith("vector(")] == []


def test_expression_selects_by_labels_that_the_metric_has() -> None:
    """And a stage by a word that is one."""
    wrong = []
    for where, expr in rules.expressions():
        for metric, label, words in rules.selected(expr):
            stages = QUESTIONS if metric.startswith("gen_ai") else STAGES
            is_known = metric not in DECLARED or label in DECLARED[metric] | OF_EVERY_SERIES
            if not is_known or (label == "stage" and not set(words.split("|")) <= stages):
                wrong.append((where, metric, label, words))
    assert wrong == []


def test_fault_by_which_a_model_is_away_is_one_that_the_client_tells() -> None:
    """The rule's list is of words of ours."""
    [expr] = [each["expr"] for each in rules.rules() if each.get("record") == "model:kindling_model_away:ratio15m"]
    [listed] = {value for _, label, value in rules.selected(expr) if label == "error_type"}
    assert set(listed.split("|")) <= set(Fault)
    assert len(set(listed.split("|"))) == len(listed.split("|")) > 1


def test_page_names_only_settings_that_exist() -> None:
    """A setting of a page can be set."""
    declared = set(_settings())
    assert {
        (path.stem, name)
        for path in (ROOT / "docs" / "runbooks").glob("*.md")
        for name in re.findall(r"\b(?:KINDLING|OPENAI)_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))
        if name not in declared
    } == set()


def _settings() -> Iterator[str]:
    """The variables that some class of settings reads."""
    for path in [*(ROOT / "services").glob("*/settings.py"), ROOT / "services/runtime/llm_settings.py"]:
        for name in re.findall(r"^    ([a-z]\w+): ", path.read_text(encoding="utf-8"), re.MULTILINE):
            yield name.upper() if name.startswith("openai") else f"KINDLING_{name.upper()}"
