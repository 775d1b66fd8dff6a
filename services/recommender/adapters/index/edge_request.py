"""A search as a request to Qdrant's embedded engine: what it asks by, and among which points."""

from collections.abc import Set as AbstractSet

import qdrant_edge as edge

from services.recommender.adapters.index.point import DENSE, KINDS, OPEN, SPARSE, STATUS, kinds
from services.recommender.core.values import Filter, Search, Terms

IS_OPEN = edge.FieldCondition(key=STATUS, match=edge.MatchValue(OPEN))
OF_WHAT_IS_THERE = edge.SearchParams(idf=edge.IdfParams(corpus=edge.Filter(must=[IS_OPEN])))
"""Document frequencies of the points that are there: else the engine's count holds what was ever removed."""


def request(search: Search, limit: int, there: AbstractSet[str]) -> edge.QueryRequest:
    """The request for so many hits; `there` are the languages of all points, and maybe of some that are gone."""
    near = search.near
    if isinstance(near, Terms):
        query, params = edge.Query.Nearest(sparse(near), using=SPARSE), OF_WHAT_IS_THERE
    else:
        query, params = edge.Query.Nearest(list(near), using=DENSE), None
    where = None if _admits_all(search.where, there) else _filter(search.where)
    return edge.QueryRequest(limit=limit, query=query, filter=where, params=params, with_payload=False)


def sparse(terms: Terms) -> edge.SparseVector:
    """The terms as the engine has them."""
    return edge.SparseVector(list(terms.ids), list(terms.weights))


def _admits_all(where: Filter, there: AbstractSet[str]) -> bool:
    """Whether a filter would leave out no point: it would cost an eighth of a search for nothing (2026-11)."""
    return not where.topics and there <= set(where.languages)


def _filter(where: Filter) -> edge.Filter:
    asked = kinds(where)
    match = edge.MatchValue(asked[0]) if len(asked) == 1 else edge.MatchAny(asked)
    return edge.Filter(must=[edge.FieldCondition(key=KINDS, match=match)])
