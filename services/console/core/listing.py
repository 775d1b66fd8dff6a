"""One page of the list, with the way to its neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.console.core.query import Place, Query
from services.console.core.values import Choice, Found, Row, Totals


@dataclass(frozen=True, slots=True)
class Listing:
    """What the list shows; `newer` and `older` are query strings, or None at an end.

    `choices`: the values that a filter may have, by its name. `is_cut`: the search names more people than are shown.
    """

    query: Query
    rows: tuple[Row, ...]
    totals: Totals
    newer: str | None
    older: str | None
    choices: Mapping[str, tuple[Choice, ...]]
    is_cut: bool


def listing(query: Query, found: Found, choices: Mapping[str, tuple[Choice, ...]]) -> Listing:
    """The page of the query. Law: following `older` from the first page shows every row once."""
    newer = query.at(after=_place(found.rows[0])) if found.rows and found.has_newer else None
    older = query.at(before=_place(found.rows[-1])) if found.rows and found.has_older else None
    return Listing(
        query=query,
        rows=found.rows,
        totals=found.totals,
        newer=None if newer is None else newer.link(),
        older=None if older is None else older.link(),
        choices=choices,
        is_cut=found.is_cut,
    )


def _place(row: Row) -> Place:
    return Place(row.ended_at, row.decision_id)
