"""What a plain recommender would answer: each gets the same candidates, and what was known at the same instant."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from bench.recommendation.product import Answers
from bench.recommendation.replay import Query
from bench.recommendation.search import ExactIndex, Scores
from schemas.course import Course
from services.recommender.core.ranking.fusion import fused, ranks
from services.recommender.core.retrieval.documents import key_words, words_text
from services.recommender.core.retrieval.terms import summed
from services.recommender.core.retrieval.vectors import direction
from services.recommender.core.values import Filter, Hit, Terms
from services.recommender.core.weights import HISTORY_DECAY, HISTORY_LAST, PLACES, WORDS_LAST
from services.recommender.ports import Words

DEPTH = 100


class Baselines:
    """Popularity, item-kNN, TF-IDF, BM25, embeddings alone, and the two text lanes fused plainly."""

    def __init__(self, courses: Mapping[str, Course], index: ExactIndex, words: Words) -> None:
        self._courses = courses
        self._index = index
        self._queries = {each.id: words.query(key_words(each), each.language) for each in courses.values()}
        self._tfidf = _Tfidf([words.query(words_text(each), each.language) for each in courses.values()])

    def answers(self, query: Query) -> Answers:
        """The ids of each baseline, best first."""
        history, index = query.history[:HISTORY_LAST], self._index
        where = Filter((self._courses[history[0]].language,), frozenset(query.history))
        terms = summed((HISTORY_DECAY**place, self._queries[each]) for place, each in enumerate(history[:WORDS_LAST]))
        bm25 = index.best(index.words_scores(terms), where, DEPTH, least=1e-12)
        tfidf = index.best(self._tfidf.scores([index.place[each] for each in history]), where, DEPTH, least=1e-12)
        steps = [(HISTORY_DECAY**place, index.vector(each)) for place, each in enumerate(history)]
        centred, raw = direction(steps, index.mean), direction(steps, None)
        near = index.best(index.near_scores(centred), where, DEPTH, least=-2.0) if centred else ()
        raw_near = index.best(index.near_scores(raw), where, DEPTH, least=-2.0) if raw else ()
        both = {"text": _ranks(near), "words": _ranks(bm25)}
        return {
            "popularity": self._popular(query, where),
            "item-kNN": _neighbours(query, where, self._courses),
            "TF-IDF": _ids(tfidf),
            "BM25": _ids(bm25),
            "e5": _ids(near),
            "e5, not centred": _ids(raw_near),
            "e5 + BM25": _ids(fused(both)),
        }

    def _popular(self, query: Query, where: Filter) -> tuple[str, ...]:
        shares = {
            each.id: query.statistics.share(each.id)
            for each in self._courses.values()
            if each.language in where.languages and each.id not in where.without
        }
        return tuple(ranks(shares, PLACES))


class _Tfidf:
    """Binary term frequency times ln(N / n), by cosine."""

    def __init__(self, documents: list[Terms]) -> None:
        holding = Counter(term for each in documents for term in each.ids)
        idf = {term: math.log(len(documents) / n) for term, n in holding.items()}
        self._count = len(documents)
        self._vectors = [_unit({term: idf[term] for term in each.ids}) for each in documents]
        lists: dict[int, list[tuple[int, float]]] = {}
        for place, vector in enumerate(self._vectors):
            for term, weight in vector.items():
                lists.setdefault(term, []).append((place, weight))
        self._postings = {
            term: (np.array([each for each, _ in rows]), np.array([weight for _, weight in rows]))
            for term, rows in lists.items()
        }

    def scores(self, history: list[int]) -> Scores:
        """The product of each document with the history's sum, each step back half."""
        wanted: dict[int, float] = {}
        for back, place in enumerate(history[:WORDS_LAST]):
            for term, weight in self._vectors[place].items():
                wanted[term] = wanted.get(term, 0.0) + weight * HISTORY_DECAY**back
        scores = np.zeros(self._count)
        for term, weight in wanted.items():
            places, weights = self._postings[term]
            scores[places] += weight * weights
        return scores


def _unit(vector: dict[int, float]) -> dict[int, float]:
    length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {term: value / length for term, value in vector.items()}


def _neighbours(query: Query, where: Filter, courses: Mapping[str, Course]) -> tuple[str, ...]:
    """Σ over the history of together / √(events · events)."""
    statistics, scores = query.statistics, dict[str, float]()
    for taken in query.history[:HISTORY_LAST]:
        for each, count in statistics.together(taken).items():
            cosine = count / math.sqrt(statistics.events(taken) * max(statistics.events(each), 1))
            scores[each] = scores.get(each, 0.0) + cosine
    return tuple(ranks(scores, PLACES, lambda each: each not in where.without and _speaks(courses[each], where)))


def _speaks(course: Course, where: Filter) -> bool:
    return course.language in where.languages


def _ranks(hits: Sequence[Hit]) -> dict[str, int]:
    return {hit.course_id: place for place, hit in enumerate(hits, start=1)}


def _ids(hits: Sequence[Hit]) -> tuple[str, ...]:
    return tuple(hit.course_id for hit in hits[:PLACES])
