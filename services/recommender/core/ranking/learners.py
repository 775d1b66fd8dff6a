"""The order of learners' courses: of persons who took some, by weighted ranks and then by the odds.

The figures were measured on real learners (`bench/recommendation`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log

from services.recommender.core.course_statistics import CourseStatistics
from services.recommender.core.market import Fit, Market
from services.recommender.core.person import Person
from services.recommender.core.ranking.fusion import fused, ranks
from services.recommender.core.ranking.reranker import NO_SCORES, ListScores, judged_sums, multiplied
from services.recommender.core.ranking.scaling import nearness
from services.recommender.core.retrieval.interests import INTERESTS
from services.recommender.core.retrieval.interests import scores as interest_scores
from services.recommender.core.retrieval.retriever import Lists
from services.recommender.core.retrieval.retrievers import NEAR, OF_WORDS
from services.recommender.core.values import Hit, Ranking, Scores
from services.recommender.core.weights import PLACES, RARITY, RARITY_GROWTH, RETRIEVERS, WEIGHED


@dataclass(frozen=True, slots=True)
class Ranked:
    """Each list's ranks, 1 first, and what those that go by the courses a person took say in figures."""

    ranks: Mapping[str, Mapping[str, int]]
    scores: ListScores = NO_SCORES


def learner_ranking(person: Person, lists: Lists, fit: Fit, of: Market) -> Ranking:
    """The first ten by the odds; `fit` is how a course suits. No ranks: nothing is known."""
    ranked = listed(person, lists, fit, of)
    rung = "lanes" if ranked.ranks.keys() - OF_WORDS else "words"
    return Ranking(ordered(person, ranked, fit, of), ranked.ranks, rung)


def listed(person: Person, lists: Lists, fit: Fit, of: Market) -> Ranked:
    """The lists ranked, nearness weighed by popularity; a list that is off, or finds nothing, is none."""
    weighed = {name: _weighed(name, scores, person, of) for name, scores in lists.items()}
    scores = ListScores(
        near=nearness(lists.get("text", {})),
        words=lists.get("words", {}),
        together=lists.get("together", {}),
        topic=lists.get("topic", {}),
    )
    found = {
        name: ranks(scores, RETRIEVERS[name].depth, fit) for name, scores in weighed.items() if RETRIEVERS[name].learner
    }
    return Ranked({name: of_list for name, of_list in found.items() if of_list}, scores)


def ordered(person: Person, ranked: Ranked, fit: Fit, of: Market) -> tuple[Hit, ...]:
    """The first ten by the odds, each course weighed by how it fits the person."""
    rarity = rarity_of(person)
    return likely(ranked, of.statistics, lambda each: of.statistics.chance(each, rarity) * fit(each))


def likely(ranked: Ranked, statistics: CourseStatistics, chance: Callable[[str], float]) -> tuple[Hit, ...]:
    """The first places by the odds: the best of the fused ranks, ordered by all that is said of them."""
    found = fused(ranked.ranks, statistics.favour, WEIGHED)
    return multiplied(found, judged_sums(ranked.ranks), ranked.scores, chance, PLACES)


def rarity_of(person: Person) -> float:
    """How much what many took before counts against a course: more, the more courses the person took."""
    return RARITY + RARITY_GROWTH * log(max(len(person.history), 1))


def near_scores(near: Scores, statistics: CourseStatistics) -> dict[str, float]:
    """(similarity / best)² times the course's factor."""
    best = max(near.values(), default=1.0)
    factor = statistics.factor
    return {each: (share := score / best) * share * factor(each) for each, score in near.items()}


def _weighed(name: str, scores: Scores, person: Person, of: Market) -> Scores:
    if name == INTERESTS.name:
        return interest_scores(near_scores(scores, of.statistics), person, of.courses)
    return near_scores(scores, of.statistics) if name in NEAR else scores
