"""What is popular: for who gives nothing else to go by, and for the arm `usual`, always."""

from collections.abc import Iterable, Mapping

from schemas.course import Course
from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.ranking.fusion import fused, ranks
from services.recommender.core.values import Ranking
from services.recommender.core.weights import PLACES, RETRIEVERS

POPULAR = "popular"


def popular_ranking(person: Person, of: Market) -> Ranking:
    """The popular courses of the person's language and topics, with nothing else personal."""
    scores = popular_scores(of.courses.values(), person.topics, of)
    fit = of.fit(None, person.language)
    found = {POPULAR: ranks(scores, RETRIEVERS[POPULAR].depth, fit)}
    fitting = fused(found, lambda each: fit(each) * of.statistics.favour(each), PLACES)
    return Ranking(fitting, found, POPULAR)


def popular_scores(courses: Iterable[Course], topics: Mapping[str, float], of: Market) -> dict[str, float]:
    """Courses by what everybody likes, those of the person's topics first: nothing personal but the topics."""
    return {
        each.id: (sum(topics.get(topic, 0.0) for topic in each.topics) + 0.01) * of.statistics.factor(each.id)
        for each in courses
    }
