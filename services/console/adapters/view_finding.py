"""One page of the list out of the view: which index it is walked by, from where to where, and what it sums to.

A page is walked newest first by the index of its rarest filter; what else is asked for is looked at on the way. The
sums say beforehand on which days anything is, so that a rare choice is not searched for among all decisions.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain
from typing import Any

import orjson

from services.console.adapters import view_schema as sql
from services.console.core.query import EPOCH, Query, instant_of, micros_of
from services.console.core.values import PAGE_SIZE, Found, Row, Totals

MOST_PEOPLE = 200  # that one search looks at
MOST_COUNTED = 4_000  # decisions of one filter that are looked at for the totals of several
LAST = "\U0010ffff"
MARKS = ("course", "topic", "rung")
PLAIN = ("playbook", "arm", "ending")


@dataclass(frozen=True, slots=True)
class Walk:
    """What is walked: `source` with its index, `at` the column of its instants, and conditions with their values.

    `rest` are conditions that are looked at on the way.
    """

    source: str
    at: str
    first: tuple[str, ...]
    first_values: tuple[Any, ...]
    rest: tuple[str, ...] = ()
    rest_values: tuple[Any, ...] = ()


class Finding:
    """Reads; it shares the connection of the view."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, query: Query) -> Found:
        """The page of the query, newest first."""
        people = self._people(query.person.casefold()) if query.person else ()
        if query.person and not people:
            return Found((), Totals())
        is_cut = len(people) > MOST_PEOPLE
        walk = self._walk(query, people[:MOST_PEOPLE])
        totals = self._totals(query, walk, is_cut=is_cut)
        if not totals.count:
            return Found((), totals, is_cut=is_cut)
        return replace(self._page(query, walk, self._span(query)), totals=totals, is_cut=is_cut)

    def of_person(self, person: str, limit: int) -> tuple[Row, ...]:
        """The newest decisions of exactly this person, newest first."""
        statement = f"""
        {sql.ROWS} FROM decisions d INDEXED BY by_person WHERE d.person = ?
        ORDER BY d.ended_at DESC, d.decision_id DESC LIMIT ?
        """
        return tuple(_row(each) for each in self._connection.execute(statement, (person, limit)))

    def _people(self, name: str) -> tuple[str, ...]:
        found = self._connection.execute(
            "SELECT DISTINCT person FROM names WHERE name >= ? AND name < ? LIMIT ?",
            (name, name + LAST, MOST_PEOPLE + 1),
        )
        return tuple(person for (person,) in found)

    def _walk(self, query: Query, people: Sequence[str]) -> Walk:
        """By person, else by the rarest filter there is, else by time alone."""
        named = [(kind, getattr(query, kind)) for kind in (*MARKS, *PLAIN) if getattr(query, kind)]
        if people:
            first = f"d.person IN ({', '.join('?' * len(people))})"
            walk = Walk("decisions d INDEXED BY by_person", "d.ended_at", (first,), tuple(people))
        elif not named:
            return Walk("decisions d INDEXED BY by_time", "d.ended_at", (), ())
        else:
            rarest = min(named, key=self._count_of)
            named.remove(rarest)
            walk = _driver(*rarest)
        values = [[value] if kind in PLAIN else [kind, value] for kind, value in named]
        return replace(walk, rest=tuple(_also(kind) for kind, _ in named), rest_values=tuple(chain(*values)))

    def _count_of(self, named: tuple[str, str]) -> int:
        row = self._connection.execute("SELECT count FROM choices WHERE kind = ? AND value = ?", named).fetchone()
        return 0 if row is None else int(row[0])

    def _totals(self, query: Query, walk: Walk, *, is_cut: bool) -> Totals:
        if query.person or sum(bool(getattr(query, kind)) for kind in MARKS) > 1:
            return self._counted(walk, _of_day(query.day), is_cut=is_cut)
        count, sent, cost = 0, 0, 0
        for _, ending, number, paid in self._sums(query):
            count, cost = count + number, cost + paid
            sent += number if ending == "sent" else 0
        return Totals(count, sent, cost)

    def _counted(self, walk: Walk, span: tuple[int, int] | None, *, is_cut: bool) -> Totals:
        """By looking at each, and at no more than so many of the newest that the first filter finds."""
        within = () if span is None else (f"{walk.at} >= ? AND {walk.at} < ?",)
        newest = f"""
        SELECT d.place, d.ended_at, d.ending, d.arm, d.playbook, d.cost FROM {walk.source}
        WHERE {_all(*walk.first, *within)} ORDER BY {walk.at} DESC LIMIT ?
        """  # noqa: S608 constants of this file only
        statement = f"""
        SELECT count(*), ifnull(sum(ending = 'sent'), 0), ifnull(sum(cost), 0), (SELECT count(*) FROM ({newest}))
        FROM ({newest}) d WHERE {_all(*walk.rest)}
        """  # noqa: S608 constants of this file only
        looked_at = (*walk.first_values, *(span or ()), MOST_COUNTED + 1)
        found = self._connection.execute(statement, (*looked_at, *looked_at, *walk.rest_values)).fetchone()
        count, sent, cost, seen = found
        return Totals(count, sent, cost, is_at_least=is_cut or seen > MOST_COUNTED)

    def _sums(self, query: Query) -> Iterable[tuple[int, str, int, int]]:
        """Day, ending, count and cost of all that the query may find by at most one of course, topic and rung."""
        kind = next((each for each in MARKS if getattr(query, each)), sql.ALL)
        conditions, values = ["kind = ?", "value = ?"], [kind, getattr(query, kind, None) or ""]
        if query.day is not None:
            conditions.append("day = ?")
            values.append(_day_of(query.day))
        for each in PLAIN:
            if getattr(query, each):
                conditions.append(f"{each} = ?")
                values.append(getattr(query, each))
        statement = f"SELECT day, ending, count, cost FROM sums WHERE {' AND '.join(conditions)} AND count > 0"  # noqa: S608
        return self._connection.execute(statement, values)

    def _span(self, query: Query) -> tuple[int, int] | None:
        """From when to when the page lies at the widest; None where nobody can say."""
        if query.day is not None:
            return _of_day(query.day)
        filters = [kind for kind in (*MARKS, *PLAIN) if getattr(query, kind)]
        if query.person or len(filters) < 2 or sum(kind in MARKS for kind in filters) > 1:  # noqa: PLR2004
            return None
        by_day: dict[int, int] = {}
        for day, _, count, _ in self._sums(query):
            by_day[day] = by_day.get(day, 0) + count
        return _narrowed(by_day, query)

    def _page(self, query: Query, walk: Walk, span: tuple[int, int] | None) -> Found:
        conditions, values = [*walk.first, *walk.rest], [*walk.first_values, *walk.rest_values]
        if span is not None:
            conditions.append(f"{walk.at} >= ? AND {walk.at} < ?")
            values += span
        place = query.before or query.after
        if place is not None:
            sign = "<" if query.before else ">"
            conditions.append(f"{walk.at} {sign}= ? AND ({walk.at} {sign} ? OR d.decision_id {sign} ?)")
            values += [micros_of(place.at), micros_of(place.at), place.decision_id]
        order = "ASC" if query.after else "DESC"
        statement = f"""
        {sql.ROWS} FROM {walk.source} WHERE {_all(*conditions)}
        ORDER BY {walk.at} {order}, d.decision_id {order} LIMIT ?
        """
        found = [_row(each) for each in self._connection.execute(statement, (*values, PAGE_SIZE + 1))]
        is_more, rows = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
        if query.after:
            return Found(tuple(reversed(rows)), Totals(), has_newer=is_more, has_older=True)
        return Found(tuple(rows), Totals(), has_newer=query.before is not None, has_older=is_more)


def _driver(kind: str, value: str) -> Walk:
    """The walk by this filter."""
    if kind in PLAIN:
        return Walk(f"decisions d INDEXED BY by_{kind}", "d.ended_at", (f"d.{kind} = ?",), (value,))
    source = "marks k CROSS JOIN decisions d ON d.place = k.place"
    return Walk(source, "k.ended_at", ("k.kind = ?", "k.value = ?"), (kind, value))


def _all(*conditions: str) -> str:
    return " AND ".join(conditions) or "1"


def _also(kind: str) -> str:
    if kind in PLAIN:
        return f"d.{kind} = ?"
    marked = "m.kind = ? AND m.value = ? AND m.ended_at = d.ended_at AND m.place = d.place"
    return f"EXISTS (SELECT 1 FROM marks m WHERE {marked})"  # noqa: S608 constants of this file only


def _narrowed(by_day: dict[int, int], query: Query) -> tuple[int, int] | None:
    """The days that the page is on, given how many decisions each day has."""
    place = query.before or query.after
    here = None if place is None else micros_of(place.at) // sql.DAY_MICROS
    days = sorted(by_day, reverse=not query.after)
    if here is not None:
        days = [each for each in days if (each >= here if query.after else each <= here)]
    taken, whole = list[int](), 0
    for day in days:
        taken.append(day)
        whole += 0 if day == here else by_day[day]  # of the page's own day nobody knows how many are beyond the place
        if whole > PAGE_SIZE:
            break
    if not taken:
        return None
    return min(taken) * sql.DAY_MICROS, (max(taken) + 1) * sql.DAY_MICROS


def _day_of(day: date) -> int:
    return (day - EPOCH.date()) // timedelta(days=1)


def _of_day(day: date | None) -> tuple[int, int] | None:
    return None if day is None else (_day_of(day) * sql.DAY_MICROS, (_day_of(day) + 1) * sql.DAY_MICROS)


def _row(columns: Sequence[Any]) -> Row:
    name, person, stage, ending, reason, event_name, ended_at, retry_at, course, subject, outcome, rungs = columns
    retry = None if retry_at is None else instant_of(retry_at)
    return Row(
        name, person, stage, ending, reason, event_name, instant_of(ended_at), retry, course, subject, outcome,
        orjson.loads(rungs),
    )  # fmt: skip
