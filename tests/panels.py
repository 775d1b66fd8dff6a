"""The committed dashboards as tests read them, and what a Prometheus answers to their panels."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "deploy" / "grafana" / "dashboards"
WITHIN_S = 30.0
SELDOM = frozenset({"error_type", "last_status", "fault", "why", "scope", "gen_ai_token_type"})
"""Labels that are empty in health, or of a query that then finds nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One expression of a panel, as Prometheus takes it; `is_now` is asked of one moment, and not over time."""

    expr: str
    legend: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """One panel of a committed dashboard; `place` is columns and lines of the grid: from, and up to, each."""

    uid: str
    title: str
    asked: tuple[Asked, ...]
    place: tuple[int, int, int, int]
    json: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """Its dashboard and its question."""
        return self.uid, self.title


def dashboards() -> Mapping[str, Any]:
    """Every committed dashboard by its file's name."""
    return {each.name: json.loads(each.read_text(encoding="utf-8")) for each in sorted(FOLDER.glob("*.json"))}


def panels(rate_interval: str = "5s") -> Iterator[Drawn]:
    """Every panel that asks something; Grafana's own interval is put in."""
    for dashboard in dashboards().values():
        for panel in dashboard["panels"]:
            grid = panel["gridPos"]
            place = (grid["x"], grid["x"] + grid["w"], grid["y"], grid["y"] + grid["h"])
            asked = tuple(
                Asked(
                    each["expr"].replace("$__rate_interval", rate_interval),
                    each["legendFormat"],
                    each.get("instant", False),
                )
                for each in panel.get("targets", ())
            )
            yield Drawn(dashboard["uid"], panel["title"], asked, place, panel)


def answer(url: str, asked: Asked, since_s: float, until_s: float) -> list[Mapping[str, Any]]:
    """The series that a Prometheus answers, a point a second; those of no number are left out.

    Raises:
        AssertionError: it does not take the expression.
    """
    found = said_of(url, asked, since_s, until_s)
    assert found["status"] == "success", (asked.expr, found)
    series: list[Mapping[str, Any]] = found["data"]["result"]
    return [each for each in series if any(value != "NaN" for _, value in each.get("values", [each.get("value")]))]


def said_of(url: str, asked: Asked, since_s: float, until_s: float) -> Any:
    """What a Prometheus says to an expression, as it says it."""
    if asked.is_now:
        words = {"query": asked.expr, "time": str(until_s)}
        return got(f"{url}/api/v1/query?{urllib.parse.urlencode(words)}")
    words = {"query": asked.expr, "start": str(since_s), "end": str(until_s), "step": "1"}
    return got(f"{url}/api/v1/query_range?{urllib.parse.urlencode(words)}")


def got(url: str) -> Any:
    """What a Prometheus on this machine says to a GET, an error too."""
    try:
        with urllib.request.urlopen(url, timeout=WITHIN_S) as response:  # noqa: S310 our own loopback address
            return json.load(response)
    except urllib.error.HTTPError as error:
        return json.load(error)


def labels_of(legend: str) -> frozenset[str]:
    """The labels that a legend names."""
    return frozenset(re.findall(r"\{\{(\w+)\}\}", legend))
