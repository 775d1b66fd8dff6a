"""The rules of deploy/prometheus as tests read them: alerts, what an expression names, the cases of each alert."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parents[2] / "deploy" / "prometheus"
PAGES = Path(__file__).parents[2] / "docs" / "runbooks"
RULE_FILES = tuple(sorted([*HERE.glob("rules/*.yaml"), *HERE.glob("slo/generated/*.yaml")]))
_WORDS = frozenset(
    {"and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "group_left", "group_right"}
)
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NAME = re.compile(r"(?<![\w:.])([a-zA-Z_:][\w:]*)(?!\s*\()(?![\w:])")


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as Prometheus reads it."""

    name: str
    expr: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """One alert in one state of the world; `fires` is what is expected of it."""

    alert: str
    name: str
    fires: bool


def parsed(path: Path) -> Any:
    """What a file of YAML holds; by the parser in C, since there are thousands of lines."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@functools.cache
def rules() -> tuple[Mapping[str, Any], ...]:
    """Every rule of every file, recorded or alerting."""
    return tuple(rule for path in RULE_FILES for group in parsed(path)["groups"] for rule in group["rules"])


def alerts() -> tuple[Alert, ...]:
    """Every alert; one that is page and ticket is there twice."""
    return tuple(
        Alert(each["alert"], each["expr"], each.get("labels", {}), each["annotations"])
        for each in rules()
        if "alert" in each
    )


@functools.cache
def cases() -> tuple[Case, ...]:
    """Every case of every test file."""
    found = []
    for path in sorted(HERE.glob("tests/*.yaml")):
        for test in parsed(path)["tests"]:
            found += [
                Case(each["alertname"], test["name"], bool(each["exp_alerts"])) for each in test["alert_rule_test"]
            ]
    return tuple(found)


def named(expr: str) -> frozenset[str]:
    """Every metric or recorded name that an expression asks for."""
    bare = re.sub(r"#[^\n]*", "", expr)
    bare = re.sub(r"\{[^}]*\}", " ", bare)
    bare = re.sub(r"\[[^\]]*\]", " ", bare)
    bare = _GROUPING.sub(" ", bare)
    return frozenset(_NAME.findall(bare)) - _WORDS


def selected(expr: str) -> Iterator[tuple[str, str, str]]:
    """Every metric with the name and words of each label it is selected by; the words as they stand, `|` between."""
    for metric, selector in re.findall(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}", expr):
        for label, words in re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"', selector):
            yield metric, label, words


def expressions() -> Iterator[tuple[str, str]]:
    """Every expression of a rule, and every line of a page's PromQL, with where it stands."""
    for rule in rules():
        yield str(rule.get("alert") or rule["record"]), rule["expr"]
    for path in sorted(PAGES.glob("*.md")):
        for block in re.findall(r"```promql\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
            yield from ((path.stem, line) for line in block.splitlines() if line.strip())
