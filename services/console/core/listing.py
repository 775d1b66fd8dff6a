"""One page of the list, with the way to its neighbours."""

from dataclasses import dataclass
from urllib.parse import urlencode

from services.console.core.values import PAGE_SIZE, Found, Query, Row


@dataclass(frozen=True, slots=True)
class Listing:
    """What the list shows; `newer` and `older` are query strings, or None at an end."""

    query: Query
    rows: tuple[Row, ...]
    total: int
    pages: int
    newer: str | None
    older: str | None


def listing(query: Query, found: Found) -> Listing:
    """The page of the query. Law: following `older` from page 1 shows every row once."""
    pages = max(1, -(-found.total // PAGE_SIZE))
    return Listing(
        query=query,
        rows=found.rows,
        total=found.total,
        pages=pages,
        newer=_link(query, min(query.page - 1, pages)) if query.page > 1 else None,
        older=_link(query, query.page + 1) if query.page < pages else None,
    )


def _link(query: Query, page: int) -> str:
    given = {"ending": query.ending or "", "person": query.person, "page": str(page)}
    return "?" + urlencode({name: value for name, value in given.items() if value})
