"""The index of the replay: exact, over all courses at once, by numpy. It answers as the product's index port does."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bench.recommendation.vectors import Matrix
from schemas.course import Course
from services.recommender.core.retrieval.documents import words_text
from services.recommender.core.values import Filter, Hit, Search, Terms, Vector
from services.recommender.ports import Words

Scores = npt.NDArray[np.float64]


class ExactIndex:
    """Dense by cosine, words by BM25, both filtered before they are ranked."""

    def __init__(self, courses: Mapping[str, Course], matrix: Matrix, words: Words) -> None:
        self.ids = tuple(courses)
        self.place = {each: number for number, each in enumerate(self.ids)}
        self.matrix = matrix
        self.mean: Vector = tuple(float(each) for each in matrix.mean(axis=0))
        self._languages = np.array([each.language for each in courses.values()])
        self._topics = [frozenset(each.topics) for each in courses.values()]
        documents = [words.document(words_text(each), each.language) for each in courses.values()]
        self._postings = _postings(documents)
        self._vectors = {each: tuple(float(value) for value in row) for each, row in zip(self.ids, matrix, strict=True)}
        self._admitted: dict[tuple[tuple[str, ...], tuple[str, ...]], npt.NDArray[np.bool_]] = {}

    def vector(self, course_id: str) -> Vector:
        """The stored vector."""
        return self._vectors[course_id]

    @property
    def vectors(self) -> Mapping[str, Vector]:
        """All stored vectors."""
        return self._vectors

    def search(self, search: Search) -> tuple[Hit, ...]:
        """The hits, best first, ties by course id."""
        near, is_words = search.near, isinstance(search.near, Terms)
        scores = self.words_scores(near) if isinstance(near, Terms) else self.near_scores(near)
        return self.best(scores, search.where, search.limit, least=1e-12 if is_words else -2.0)

    def near_scores(self, direction: Vector) -> Scores:
        """Cosine to each course; the direction is of unit length."""
        return (self.matrix @ np.array(direction, dtype=np.float32)).astype(np.float64)

    def words_scores(self, terms: Terms) -> Scores:
        """BM25 of each course."""
        scores = np.zeros(len(self.ids))
        for each, weight in zip(terms.ids, terms.weights, strict=True):
            if each in self._postings:
                places, weights = self._postings[each]
                scores[places] += weight * weights
        return scores

    def best(self, scores: Scores, where: Filter, limit: int, least: float) -> tuple[Hit, ...]:
        """The best admitted courses of at least that score."""
        masked = np.where(self._admits(where), np.round(scores, 5), -np.inf)
        masked[[self.place[each] for each in where.without if each in self.place]] = -np.inf
        limit = min(limit, len(masked))
        cut = np.partition(masked, len(masked) - limit)[len(masked) - limit]
        places = np.flatnonzero((masked >= max(cut, least)) & np.isfinite(masked))
        found = sorted((-float(masked[each]), self.ids[each]) for each in places)
        return tuple(Hit(each, -score) for score, each in found[:limit])

    def _admits(self, where: Filter) -> npt.NDArray[np.bool_]:
        key = (where.languages, where.topics)
        if key not in self._admitted:
            mask = np.isin(self._languages, where.languages)
            if where.topics:
                mask &= np.array([not each.isdisjoint(where.topics) for each in self._topics])
            self._admitted[key] = mask
        return self._admitted[key]


def _postings(documents: Sequence[Terms]) -> dict[int, tuple[npt.NDArray[np.int64], Scores]]:
    """Term → places of the courses that have it, and their weight times the term's inverse document frequency."""
    count = len(documents)
    holding = Counter(term for each in documents for term in each.ids)
    lists: dict[int, list[tuple[int, float]]] = {}
    for place, document in enumerate(documents):
        for term, weight in zip(document.ids, document.weights, strict=True):
            lists.setdefault(term, []).append((place, weight))
    return {
        term: (
            np.array([place for place, _ in rows]),
            np.array([weight for _, weight in rows])
            * math.log((count - holding[term] + 0.5) / (holding[term] + 0.5) + 1),
        )
        for term, rows in lists.items()
    }
