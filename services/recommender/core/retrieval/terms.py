"""Sparse vectors made one: of many texts, each with a weight of its own."""

from collections.abc import Callable, Iterable

from services.recommender.core.values import Terms

Weighted = Iterable[tuple[float, Terms]]


def heaviest(weighted: Weighted) -> Terms:
    """Every term with the greatest of its weights: a word said twice counts once."""
    return _merged(weighted, max)


def summed(weighted: Weighted) -> Terms:
    """Every term with the sum of its weights."""
    return _merged(weighted, lambda so_far, more: so_far + more)


def _merged(weighted: Weighted, merge: Callable[[float, float], float]) -> Terms:
    weights: dict[int, float] = {}
    for weight, terms in weighted:
        for each in terms.ids:
            weights[each] = merge(weights.get(each, 0.0), weight)
    ids = sorted(weights)
    return Terms(tuple(ids), tuple(weights[each] for each in ids))
