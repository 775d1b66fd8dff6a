"""What a transaction adds to the sums of the view, added up before it is written: a batch touches few of them."""

import sqlite3
from collections import Counter
from collections.abc import Iterable

import orjson

from services.console.adapters import view_schema as sql
from services.console.core.rows import Facets


class Sums:
    """Counts and costs by row; what comes to nothing is not written."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, int, str, str, str]] = Counter()
        self._costs: Counter[tuple[str, str, int, str, str, str]] = Counter()
        self._choices: Counter[tuple[str, str]] = Counter()
        self._labels: dict[str, str] = {}
        self._acts: Counter[tuple[int, str, str]] = Counter()
        self._act_costs: Counter[tuple[int, str, str]] = Counter()

    def add(self, facets: Facets, ended_at: int, by: int) -> None:
        """One decision more, or less."""
        rest = ended_at // sql.DAY_MICROS, facets.playbook, facets.arm, facets.ending
        for kind, value in ((sql.ALL, ""), *facets.marks):
            self._counts[kind, value, *rest] += by
            self._costs[kind, value, *rest] += by * facets.cost_micros
        plain = (("playbook", facets.playbook), ("arm", facets.arm), ("ending", facets.ending))
        for each in (*facets.marks, *plain):
            self._choices[each] += by
        self._labels |= facets.labels

    def add_acts(self, acts: Iterable[tuple[str, tuple[str, ...], int]], ended_at: int, by: int) -> None:
        """What one decision counts as, more or less."""
        span = ended_at // sql.ACT_MICROS
        for kind, name, cost_micros in acts:
            act = span, kind, orjson.dumps(name).decode()
            self._acts[act] += by
            self._act_costs[act] += by * cost_micros

    def write(self, connection: sqlite3.Connection) -> None:
        """Add all to what the tables hold."""
        counts = [(*row, count, self._costs[row]) for row, count in self._counts.items() if count or self._costs[row]]
        connection.executemany(sql.PUT_SUM, counts)
        choices = [
            (kind, value, self._labels.get(value, value), by) for (kind, value), by in self._choices.items() if by
        ]
        connection.executemany(sql.PUT_CHOICE, choices)
        gone = [(kind, value) for kind, value, _, by in choices if by < 0]
        connection.executemany("DELETE FROM choices WHERE kind = ? AND value = ? AND count <= 0", gone)
        acts = [
            (*act, count, self._act_costs[act]) for act, count in self._acts.items() if count or self._act_costs[act]
        ]
        connection.executemany(sql.PUT_ACT, acts)
