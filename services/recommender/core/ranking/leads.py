"""The order of leads' courses: leads took none, so all there is to go by is what they said, read and like.

Scores are added, not ranks: in a thin catalogue a list's second is often far behind its first, and a rank forgets it.
Only what fits is shown: better three that fit than ten.
"""

from dataclasses import dataclass

from services.recommender.core.market import Fit, Market
from services.recommender.core.person import Person
from services.recommender.core.ranking.scaling import nearness, of_best
from services.recommender.core.retrieval.counted import FOLLOWED
from services.recommender.core.retrieval.interests import INTERESTS
from services.recommender.core.retrieval.interests import scores as interest_scores
from services.recommender.core.retrieval.retriever import Lists, weight_of
from services.recommender.core.retrieval.retrievers import NEAR, OF_WORDS
from services.recommender.core.rounding import to_six
from services.recommender.core.values import Hit, Ranking, Ranks, Scores
from services.recommender.core.weights import FITNESS_FLOOR, PLACES

NO_VECTOR = OF_WORDS | {INTERESTS.name, FOLLOWED.name}  # the lists that need none
COUNTED = FOLLOWED.name  # what people with these topics took next: on a first day they are too few to be believed


@dataclass(frozen=True, slots=True)
class Added:
    """What each list gives each course, weighed: their sum is the course's fitness; and the sum of all weights."""

    lists: Lists
    most: float


def lead_ranking(person: Person, lists: Lists, fit: Fit, of: Market, *, is_advised: bool) -> Ranking:
    """At most ten that fit, best first; `fit` is how a course suits. No ranks: nothing is known."""
    parts = added(person, lists, fit, of, is_advised=is_advised)
    places = ranks_of(parts.lists)
    return Ranking(best(parts, fit, of), places, "lanes" if places.keys() - NO_VECTOR else "words")


def added(person: Person, lists: Lists, fit: Fit, of: Market, *, is_advised: bool) -> Added:
    """The lists as shares of what each could give, times its weight; a list that found nothing is none."""
    scaled = {name: (nearness if name in NEAR else of_best)(scores) for name, scores in lists.items()}
    found = dict.fromkeys((each for scores in scaled.values() for each in scores), 1.0)
    liked = interest_scores(found, person, of.courses)
    scaled[INTERESTS.name] = of_best({each: score for each, score in liked.items() if each in found or fit(each)})
    weights = {name: weight_of(name, person, is_advised=is_advised) for name, scores in scaled.items() if scores}
    if COUNTED in weights:
        weights[COUNTED] *= of.statistics.trust
    weighed = {
        name: {each: weight * score for each, score in scaled[name].items()}
        for name, weight in weights.items()
        if weight
    }
    return Added(weighed, sum(weights.values()))


def best(parts: Added, fit: Fit, of: Market) -> tuple[Hit, ...]:
    """At most ten that fit, best first, ties by id: fitness times everybody's favour, of those over the floor.

    A course's fitness is the sum of its parts times how level and language suit; the floor is a share of what all lists
    together could give (`FITNESS_FLOOR`). Favour decides among what fits; it lets nothing in. Of ten courses or fewer
    the nearest and the farthest are not far apart, and all that were found are shown.
    """
    sums: dict[str, float] = {}
    for scores in parts.lists.values():
        for each, score in scores.items():
            sums[each] = sums.get(each, 0.0) + score
    least = FITNESS_FLOOR * parts.most if len(sums) > PLACES else 0.0
    fitting = (
        (fitness, each)
        for each, total in sums.items()
        if total >= least and (suits := fit(each)) and (fitness := total * suits) >= least
    )
    weighed = sorted((-to_six(fitness * of.statistics.favour(each)), each) for fitness, each in fitting)
    return tuple(Hit(each, -score) for score, each in weighed[:PLACES])


def ranks_of(lists: Lists) -> Ranks:
    """Each list's courses by rank, 1 first, equals with one rank, as decisions and pages show them."""
    return {name: _ranks(scores) for name, scores in lists.items()}


def _ranks(scores: Scores) -> dict[str, int]:
    first: dict[float, int] = {}
    for place, score in enumerate(sorted(scores.values(), reverse=True), start=1):
        first.setdefault(score, place)
    return {each: first[score] for each, score in scores.items()}
