"""The product's answer to a query: its own lanes over an exact index, its own fusion; and its parts alone."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bench.recommendation.replay import Query
from bench.recommendation.search import ExactIndex
from schemas.course import Course
from services.recommender.core.ranking.candidates import (
    Lanes,
    Market,
    Person,
    first,
    likely,
    ranked,
    rarity_of,
    weighed,
)
from services.recommender.core.ranking.fusion import fused, ranks
from services.recommender.core.ranking.reranker import MEASURED
from services.recommender.core.retrieval.centroids import Means
from services.recommender.core.retrieval.cooccurrence import history_topics
from services.recommender.core.retrieval.documents import key_words
from services.recommender.core.retrieval.lanes import centroid, decayed, interest, offsets, popular, searches
from services.recommender.core.values import Filter, Hit, Vector
from services.recommender.core.weights import HISTORY_LAST, LANES, PLACES, WORDS_LAST
from services.recommender.ports import Words

Answers = dict[str, tuple[str, ...]]
"""Subject → the ids it would show, best first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One query's lanes as the product ranks them, with what they came of."""

    who: Person
    market: Market
    hits: Mapping[str, tuple[Hit, ...]]
    lanes: Lanes
    places: tuple[Hit, ...]
    spent_s: float


class Product:
    """The recommender without its messages: what a decision is between reading the profile and the pick."""

    def __init__(self, courses: Mapping[str, Course], index: ExactIndex, words: Words) -> None:
        self._courses = courses
        self._index = index
        means = Means()
        for course_id, vector in index.vectors.items():
            means.count(course_id, vector, courses[course_id].topics)
        self._means = means.of_topics()
        self._terms = {each.id: words.query(key_words(each), each.language) for each in courses.values()}

    def asked(self, query: Query, topics: Mapping[str, float] | None = None) -> Asked:
        """The lanes and places of a query. `topics` are interests; their course is taken for unknown.

        `spent_s` is CPU of this thread, in what is the product's own: everything but the index's search.
        """
        known = query.history if topics is None else ()
        language = self._courses[query.history[0]].language
        began = time.thread_time()
        history = known[:HISTORY_LAST]
        who = Person(history, language, topics or {}, {})
        market = Market(self._courses, Filter((language,), frozenset(query.history)), query.standing)
        mean = self._index.mean
        vectors: dict[str, Vector | None] = {
            "text": centroid([self._index.vector(each) for each in history], mean),
            "interests": interest(who.topics, self._means, mean),
        }
        terms = decayed([self._terms[each] for each in history[:WORDS_LAST]])
        wanted = searches(vectors, {"words": terms}, market.where, who.topics)
        paused = time.thread_time()
        hits = {name: self._index.search(each) for name, each in wanted.items()}
        resumed = time.thread_time()
        lanes = ranked(who, hits, market, offsets(vectors, mean))
        places = first(who, lanes, hits, market)
        spent_s = time.thread_time() - resumed + paused - began
        return Asked(who, market, hits, lanes, places, spent_s)

    def interests_of(self, query: Query) -> dict[str, float]:
        """The topics of the course she begins with, as if she had only read of them."""
        return history_topics([self._courses[query.history[0]].topics])

    def nothing_known(self, query: Query, language: str | None) -> tuple[str, ...]:
        """What is popular, in that language or in any."""
        languages = (
            tuple(sorted({each.language for each in self._courses.values()})) if language is None else (language,)
        )
        market = Market(self._courses, Filter(languages), query.standing)
        admitted = [each for each in self._courses.values() if each.language in languages]
        lanes = Lanes({"popular": ranks(popular(admitted, {}, query.standing), LANES["popular"].depth)})
        who = Person((), language or "en", {}, {})
        fit_all = first(who, lanes, {}, market) if language else fused(lanes.ranks)
        return tuple(hit.course_id for hit in fit_all[:PLACES])


def answers(asked: Asked) -> Answers:
    """The product whole, and without the welcome of what nobody took."""
    standing, rarity = asked.market.standing, rarity_of(asked.who)
    return {
        "kindling": _ids(asked.places),
        "no welcome for new": _ids(likely(asked.lanes, standing, lambda each: standing.chance(each, rarity, 0.0))),
    }


def parts(asked: Asked) -> Answers:
    """The product without popularity, without each lane, each lane alone, and the ranks of all lanes fused instead."""
    lanes = asked.lanes
    made = {
        "ranks fused": _ids(fused(lanes.ranks, asked.market.standing.favour)[:PLACES]),
        "without popularity": _ids(likely(lanes, asked.market.standing, lambda _: 1.0)),
    }
    for name in MEASURED:
        left = {lane: found for lane, found in lanes.ranks.items() if lane != name}
        less = Lanes(left, replace(lanes.evidence, **{MEASURED[name]: {}}))
        made[f"without {name}"] = _ids(weighed(asked.who, less, asked.market)[:PLACES])
    for name in MEASURED:
        made[f"{name} alone"] = _ids(fused({name: lanes.ranks.get(name, {})})[:PLACES])
    return made


def _ids(hits: tuple[Hit, ...]) -> tuple[str, ...]:
    return tuple(hit.course_id for hit in hits)
