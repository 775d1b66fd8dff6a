"""Scores of one list as figures of 0 to 1, so that lists of different kinds can be added."""

from services.recommender.core.values import Scores


def of_best(scores: Scores) -> dict[str, float]:
    """Each score as a share of the greatest: what BM25 and counts become."""
    best = max(scores.values(), default=0.0)
    return {each: score / best for each, score in scores.items()} if best > 0 else {}


def nearness(similar: Scores) -> dict[str, float]:
    """Where each similarity lies between the least, 0, and the greatest, 1.

    So it hangs on no embedder's way to spread its cosines.
    """
    least = min(similar.values(), default=0.0)
    span = max(similar.values(), default=0.0) - least
    return (
        {each: (score - least) / span for each, score in similar.items()} if span > 0 else dict.fromkeys(similar, 1.0)
    )
