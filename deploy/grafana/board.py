"""What a dashboard says, without a word of Grafana's JSON: rows of questions, each answered by queries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict, Unpack

GREEN, ORANGE, RED = "green", "orange", "red"
WITHIN = {"half within": "0.5", "99 % within": "0.99"}


class Kind(StrEnum):
    """How an answer is drawn."""

    FIGURE = "stat"
    GRAPH = "timeseries"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Query:
    """One expression in PromQL; the legend may name labels as `{{stage}}`."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One question and its answer.

    unit: Grafana's word for it, as `s`, `bytes`, `percentunit`.
    steps: from which value on which colour, rising; below the first it is `below`.
    runbooks: pages of docs/runbooks that say what to do.
    """

    title: str
    description: str
    queries: tuple[Query, ...]
    unit: str
    kind: Kind = Kind.GRAPH
    steps: tuple[tuple[float, str], ...] = ()
    below: str = GREEN
    runbooks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Questions that belong together, under the one they answer."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard; its uid is for life, since links are made of it."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]

    def panels(self) -> Iterator[Panel]:
        """Every question, top to bottom."""
        return (panel for row in self.rows for panel in row.panels)


class More(TypedDict, total=False):
    """What a panel may have besides its question."""

    steps: tuple[tuple[float, str], ...]
    below: str
    runbooks: tuple[str, ...]


def figure(title: str, description: str, expr: str, unit: str, **more: Unpack[More]) -> Panel:
    """A panel of one number."""
    return Panel(title, description, (Query(expr),), unit, kind=Kind.FIGURE, **more)


def graph(title: str, description: str, queries: Mapping[str, str], unit: str, **more: Unpack[More]) -> Panel:
    """A panel over time; `queries` is expressions by legend."""
    made = tuple(Query(expr, legend) for legend, expr in queries.items())
    return Panel(title, description, made, unit, **more)


def quantiles(histogram: str, *by: str) -> dict[str, str]:
    """Half and 99 % of what a histogram holds (its name with its selector), by these labels."""
    name, brace, selector = histogram.partition("{")
    labels = ", ".join((*by, "le"))
    shown = " ".join(f"{{{{{each}}}}}" for each in by)
    rate = f"sum by ({labels}) (rate({name}_bucket{brace}{selector}[$__rate_interval]))"
    return {f"{shown} {word}".strip(): f"histogram_quantile({share}, {rate})" for word, share in WITHIN.items()}
