"""The product's answer to a query: its own lists over an exact index, its own ranking; and its parts alone."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bench.recommendation.replay import Query
from bench.recommendation.search import ExactIndex
from schemas.course import Course
from services.recommender.core.hearing import Saying
from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.ranking.fusion import fused, ranks
from services.recommender.core.ranking.leads import added, best
from services.recommender.core.ranking.learners import Ranked, likely, listed, ordered, rarity_of
from services.recommender.core.ranking.popular import POPULAR, popular_scores
from services.recommender.core.ranking.reranker import MEASURED
from services.recommender.core.retrieval.centroids import Means
from services.recommender.core.retrieval.cooccurrence import history_topics
from services.recommender.core.retrieval.counted import followed
from services.recommender.core.retrieval.documents import key_words
from services.recommender.core.retrieval.known import Known
from services.recommender.core.retrieval.retriever import offset_of
from services.recommender.core.retrieval.retrievers import COUNTING, SEARCHING
from services.recommender.core.retrieval.said import SAID
from services.recommender.core.values import Filter, Hit, Terms
from services.recommender.core.weights import HISTORY_LAST, PLACES, RETRIEVERS, TOPIC_SOURCES
from services.recommender.ports import Words

Answers = dict[str, tuple[str, ...]]
"""Subject → the ids it would show, best first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One query's lists as the product ranks them, with what they came to."""

    who: Person
    market: Market
    ranked: Ranked
    places: tuple[Hit, ...]
    spent_s: float


class Product:
    """The recommender without its messages: what a decision is between reading the profile and the pick."""

    def __init__(self, courses: Mapping[str, Course], index: ExactIndex, words: Words) -> None:
        self._courses = courses
        self._index = index
        self._words = words
        means = Means()
        for course_id, vector in index.vectors.items():
            means.count(course_id, vector, courses[course_id].topics)
        self._means = means.of_topics()
        texts = {(key_words(each), each.language) for each in courses.values()}
        self._terms = {(text, language): words.query(text, language) for text, language in texts}

    def asked(self, query: Query) -> Asked:
        """The lists and places of a query.

        `spent_s` is CPU of this thread, in what is the product's own: everything but the index's search.
        """
        language = self._courses[query.history[0]].language
        began = time.thread_time()
        taken = frozenset(query.history)
        who = Person(language, query.history[:HISTORY_LAST], without=taken, taken=taken)
        market = Market(self._courses, Filter((language,), taken), query.statistics, taken=taken)
        known = Known(
            self._courses, self._words_of, stored=self._index.vectors, mean=self._index.mean, topic_means=self._means
        )
        wanted = {each: search for each in SEARCHING if (search := each.search(who, known, market.where)) is not None}
        paused = time.thread_time()
        hits = [self._index.search(each) for each in wanted.values()]
        resumed = time.thread_time()
        lists: dict[str, Mapping[str, float]] = {
            each.name: each.scores(found, offset_of(search, known.mean))
            for (each, search), found in zip(wanted.items(), hits, strict=True)
        }
        lists |= {each.name: each.scores(who, market) for each in COUNTING}
        fit = market.fit(None, language)
        ranked = listed(who, lists, fit, market)
        places = ordered(who, ranked, fit, market)
        spent_s = time.thread_time() - resumed + paused - began
        return Asked(who, market, ranked, places, spent_s)

    def interests_only(self, query: Query) -> tuple[str, ...]:
        """What a lead gets who only read of the topics of the course they begin with; nothing is embedded for them."""
        first = self._courses[query.history[0]]
        topics = history_topics([first.topics])
        texts = zip((each.replace("-", " ") for each in topics), TOPIC_SOURCES, strict=False)
        said = tuple(Saying("topic", text, weight) for text, weight in texts)
        who = Person(first.language, topics=topics, without=frozenset(query.history), sayings=said)
        market = Market(self._courses, Filter((first.language,), who.without), query.statistics)
        lists: dict[str, Mapping[str, float]] = {"topic": followed(who, market)}
        search = SAID.search(who, Known(self._courses, self._words.query), market.where)
        if search is not None:
            lists["said"] = SAID.scores(self._index.search(search))
        fit = market.fit(None, who.language)
        parts = added(who, {name: scores for name, scores in lists.items() if scores}, fit, market, is_advised=False)
        return _ids(best(parts, fit, market))

    def nothing_known(self, query: Query, language: str | None) -> tuple[str, ...]:
        """What is popular, in that language or in any."""
        languages = (
            tuple(sorted({each.language for each in self._courses.values()})) if language is None else (language,)
        )
        market = Market(self._courses, Filter(languages), query.statistics)
        admitted = [each for each in self._courses.values() if each.language in languages]
        found = {POPULAR: ranks(popular_scores(admitted, {}, market), RETRIEVERS[POPULAR].depth)}
        return _ids(fused(found, query.statistics.favour if language else None)[:PLACES])

    def _words_of(self, text: str, language: str) -> Terms:
        return self._terms[text, language]


def answers(asked: Asked) -> Answers:
    """The product whole, and without the welcome of what nobody took."""
    statistics, rarity = asked.market.statistics, rarity_of(asked.who)
    return {
        "kindling": _ids(asked.places),
        "no welcome for new": _ids(likely(asked.ranked, statistics, lambda each: statistics.chance(each, rarity, 0.0))),
    }


def parts(asked: Asked) -> Answers:
    """The product without popularity, without each list, each list alone, and the ranks of all lists fused instead."""
    ranked, fit = asked.ranked, asked.market.fit(None, asked.who.language)
    made = {
        "ranks fused": _ids(fused(ranked.ranks, asked.market.statistics.favour)[:PLACES]),
        "without popularity": _ids(likely(ranked, asked.market.statistics, lambda _: 1.0)),
    }
    for name in MEASURED:
        left = {each: found for each, found in ranked.ranks.items() if each != name}
        less = Ranked(left, replace(ranked.scores, **{MEASURED[name]: {}}))
        made[f"without {name}"] = _ids(ordered(asked.who, less, fit, asked.market))
    for name in MEASURED:
        made[f"{name} alone"] = _ids(fused({name: ranked.ranks.get(name, {})})[:PLACES])
    return made


def _ids(hits: tuple[Hit, ...]) -> tuple[str, ...]:
    return tuple(hit.course_id for hit in hits)
