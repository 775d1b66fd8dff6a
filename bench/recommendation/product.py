"""The product's answer to a query: its own lanes over an exact index, its own fusion; and its parts alone."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from bench.recommendation.replay import Query
from bench.recommendation.search import ExactIndex
from schemas.course import Course
from services.recommender.core.counted import history_topics
from services.recommender.core.documents import key_words
from services.recommender.core.fusion import fused, ranks
from services.recommender.core.lanes import centroid, decayed, interest, offsets, popular, searches, topic_means
from services.recommender.core.shortlisting import Market, Person, Ranks, first, ranked, weighed
from services.recommender.core.values import Filter, Hit, Vector
from services.recommender.core.weights import HISTORY_LAST, LANES, PLACES, WORDS_LAST
from services.recommender.ports import Words

LEFT_OUT = ("together", "text", "topic", "words")
Answers = dict[str, tuple[str, ...]]
"""Subject → the ids it would show, best first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One query's lanes as the product ranks them, with what they came of."""

    who: Person
    market: Market
    hits: Mapping[str, tuple[Hit, ...]]
    lanes: Ranks
    places: tuple[Hit, ...]
    spent_s: float


class Product:
    """The recommender without its messages: what a decision is between reading the profile and the pick."""

    def __init__(self, courses: Mapping[str, Course], index: ExactIndex, words: Words) -> None:
        self._courses = courses
        self._index = index
        self._means = topic_means(index.vectors, courses)
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
        lane = {"popular": ranks(popular(admitted, {}, query.standing), LANES["popular"].depth)}
        who = Person((), language or "en", {}, {})
        fit_all = first(who, lane, {}, market) if language else fused(lane)
        return tuple(hit.course_id for hit in fit_all[:PLACES])


def answers(asked: Asked) -> Answers:
    """The product whole, and without the place for a new course."""
    bare = weighed(asked.who, asked.lanes, asked.market)[:PLACES]
    return {"kindling": _ids(asked.places), "no place for new": _ids(bare)}


def parts(asked: Asked) -> Answers:
    """The product without everybody's favour, without each lane, and each lane alone."""
    made = {"without favour": _ids(fused(asked.lanes)[:PLACES])}
    for name in LEFT_OUT:
        left = {lane: found for lane, found in asked.lanes.items() if lane != name}
        made[f"without {name}"] = _ids(first(asked.who, left, asked.hits, asked.market))
    for name in LEFT_OUT:
        made[f"{name} alone"] = _ids(fused({name: asked.lanes.get(name, {})})[:PLACES])
    return made


def _ids(hits: tuple[Hit, ...]) -> tuple[str, ...]:
    return tuple(hit.course_id for hit in hits)
