"""What a panel asks for is on the page of metrics, or recorded by a rule, by labels that it has."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.architecture import prometheus_rules as rules
from tests.panels import labels_of, panels

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
OF_PROMETHEUS = {
    "up": frozenset[str](),
    "process_start_time_seconds": frozenset[str](),
    "process_cpu_seconds_total": frozenset[str](),
    "process_resident_memory_bytes": frozenset[str](),
    "ALERTS": frozenset({"alertname", "alertstate", "severity", "stage"}),
}
OF_EVERY_SERIES = frozenset({"job", "instance"})
SUFFIXES = ("bucket", "sum", "count")
BY = re.compile(r"\bby\s*\(([^)]*)\)")
JOINED = re.compile(r"\bgroup_left\s*\(")


def _told() -> Mapping[str, frozenset[str]]:
    """Every metric of the page with its labels, a histogram by its three names."""
    found: dict[str, frozenset[str]] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("| `"):
            continue
        name, kind, labels = (each.strip() for each in line.strip("| ").split(" | ")[:3])
        known = frozenset(re.findall(r"(?:^|; )`(\w+)`:", labels))
        name = name.strip("`")
        if kind == "histogram":
            found |= {f"{name}_{each}": known | {"le"} for each in SUFFIXES}
        else:
            found[name] = known
    return found


def _recorded() -> Mapping[str, frozenset[str]]:
    """Every recorded name with the labels that its rule keeps or sets."""
    found: dict[str, frozenset[str]] = {}
    for rule in rules.rules():
        if "record" in rule:
            kept = {word.strip() for group in BY.findall(rule["expr"]) for word in group.split(",")}
            found[rule["record"]] = found.get(rule["record"], frozenset()) | kept | set(rule.get("labels", {}))
    return found


THERE = {**_told(), **_recorded(), **OF_PROMETHEUS}


def test_page_of_metrics_is_read_whole() -> None:
    """Counters, gauges and histograms, each with its labels."""
    told = _told()
    assert told["kindling_dead_letters_total"] == {"stage", "reason"}
    assert told["kindling_persons"] == frozenset()
    assert told["kindling_end_to_end_seconds_bucket"] == {"path", "le"}
    assert len(told) > 80


def test_panel_names_only_metrics_that_exist() -> None:
    """Of what is not there a panel would stay empty for ever."""
    for panel in panels():
        for asked in panel.asked:
            assert rules.named(asked.expr), panel.key
            assert rules.named(asked.expr) - THERE.keys() == frozenset(), panel.key


def test_panel_names_only_labels_that_its_metrics_have() -> None:
    """Where it selects, where it sums, and in the legend, which sees what the sum keeps."""
    for panel in panels():
        for asked in panel.asked:
            for metric, label, _ in rules.selected(asked.expr):
                assert label in THERE[metric] | OF_EVERY_SERIES, (panel.key, metric, label)
            labels = OF_EVERY_SERIES.union(*(THERE[name] for name in rules.named(asked.expr)))
            summed = {word.strip() for group in BY.findall(asked.expr) for word in group.split(",")}
            assert summed <= labels, panel.key
            is_summed = bool(summed) and not JOINED.search(asked.expr)
            assert labels_of(asked.legend) <= (summed if is_summed else labels), panel.key
