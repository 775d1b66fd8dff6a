"""Every metric is counted, every setting is read, and every name of a metric is one of a kind."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest

METRICS = frozenset({"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"})
OF_THE_FIELD = "gen_ai_"  # names that OpenTelemetry's conventions give
UNITS = (
    "_seconds",
    "_bytes",
    "_total",
    "_courses",
    "_pieces",
    "_addresses",
    "_suppressions",
    "_in_flight",
    "_owned",
    "_paused",
    "_aside",
    "_restarts",
    "_triggers",
    "_info",
    "_ratio",
    "_open",
    "_micros",
    "_persons",
    "_records",
)
SHARED = (
    "kindling_picks_total",
    "kindling_gate_refusals_total",
    "kindling_mail_cost_micros",
    "kindling_conversions_",
    "kindling_persons",
    "kindling_state_bytes",
    "kindling_feedback_total",
    "kindling_arms_total",
)
"""Names that say what of the whole is measured, wherever that is: dashboards and alerts speak of these."""


Trees = Mapping[str, ast.Module]


class Metric(NamedTuple):
    """One declaration: its file, constant, kind, and name for Prometheus."""

    path: str
    constant: str
    kind: str
    name: str
    what: str


@pytest.fixture(scope="session")
def metrics(trees: Trees) -> list[Metric]:
    """Every metric of a `metrics.py`."""
    return [metric for path, tree in trees.items() if path.startswith("services/") for metric in _metrics(path, tree)]


def test_metric_is_declared_in_the_list_of_its_service(metrics: list[Metric]) -> None:
    """Who wants to know what is measured reads one file."""
    assert [each for each in metrics if not each.path.endswith("/metrics.py")] == []


def test_metric_is_counted(metrics: list[Metric], trees: Trees, names: Mapping[str, frozenset[str]]) -> None:
    """No metric stays at nought because nobody counts it: another module of the service names it."""
    orphans = [
        each
        for each in metrics
        if not any(
            each.constant in read and path.startswith(_where(each.path)) and path != each.path
            for path, read in names.items()
        )
        and not any(
            path.startswith(_where(each.path)) and path != each.path and names[path] & _counting(trees[each.path], each)
            for path in trees
        )
    ]
    assert orphans == []


def test_metric_has_a_name_a_unit_and_a_meaning(metrics: list[Metric]) -> None:
    """`kindling_<service>_<thing>_<unit>`, `_total` for what only grows, and a sentence of what it counts."""
    ours = [each for each in metrics if not each.name.startswith(OF_THE_FIELD)]
    own = [each for each in ours if not each.name.startswith(SHARED)]
    assert [each for each in own if not re.fullmatch(rf"{_prefix(each.path)}[a-z_]+", each.name)] == []
    assert [each for each in ours if not each.name.endswith(UNITS)] == []
    assert [each for each in ours if each.name.endswith("_total") != (each.kind == "Counter")] == []
    assert [each for each in metrics if not each.what] == []


def test_metric_is_declared_once(metrics: list[Metric]) -> None:
    """Two metrics of one name would add up to nonsense."""
    assert {name: times for name, times in Counter(each.name for each in metrics).items() if times > 1} == {}


def test_setting_is_read(trees: Trees, names: Mapping[str, frozenset[str]]) -> None:
    """An operator never sets what nothing asks for."""
    declared = {
        (path, name) for path, tree in trees.items() if path.startswith("services/") for name in _settings(tree)
    }
    assert len(declared) > 30
    assert {
        (path, name)
        for path, name in declared
        if name not in _read_by_properties(trees[path])
        if not any(
            name in read
            for other, read in names.items()
            if other != path and other.startswith(("services/", "deploy/"))
        )
    } == set()


def test_setting_of_a_service_begins_with_its_name(trees: Trees) -> None:
    """`KINDLING_COMPOSER_…` is the composer's: one environment file serves all services."""
    strangers = {
        (path, name)
        for path, tree in trees.items()
        if path.startswith("services/") and path.endswith("/settings.py") and "/runtime/" not in path
        for name in _settings(tree)
        if not name.startswith((f"{path.split('/')[1]}_", "qdrant_"))
    }
    assert strangers == set()


def _metrics(path: str, tree: ast.Module) -> Iterator[Metric]:
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=constant)],
                value=ast.Call(
                    func=ast.Name(id=kind) | ast.Attribute(attr=kind),
                    args=[ast.Constant(value=str(name)), ast.Constant(value=str(what)), *_],
                ),
            ) if kind in METRICS:
                yield Metric(path, constant, kind, name, what)
            case _:
                pass


def _where(path: str) -> str:
    """Where a metric of this file may be counted: in its own service; the runtime's anywhere."""
    service = path.split("/")[1]
    return "services/" if service == "runtime" else f"services/{service}/"


def _prefix(path: str) -> str:
    service = path.split("/")[1]
    return "kindling_" if service == "runtime" else f"kindling_{service}_"


def _counting(tree: ast.Module, metric: Metric) -> set[str]:
    """The functions of the list itself that count the metric."""
    return {
        function.name
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        if any(isinstance(node, ast.Name) and node.id == metric.constant for node in ast.walk(function))
    }


def _settings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Settings"):
            for each in node.body:
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                    yield each.target.id


def _read_by_properties(tree: ast.Module) -> set[str]:
    """What the properties of a settings class read of it; a validator's reading is no use of a setting."""
    return {
        node.attr
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        if any(isinstance(each, ast.Name) and each.id == "property" for each in function.decorator_list)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
    }
