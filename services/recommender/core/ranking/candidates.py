"""The courses to pick from: the lists of all retrievers, ranked the way of leads or of learners."""

from schemas.course import Level
from schemas.recommendation import Candidate
from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.ranking.leads import lead_ranking
from services.recommender.core.ranking.learners import learner_ranking
from services.recommender.core.ranking.outcome_prior import appeal
from services.recommender.core.ranking.popular import popular_ranking
from services.recommender.core.retrieval.retriever import Lists
from services.recommender.core.retrieval.retrievers import ADVISED
from services.recommender.core.values import Found, Ranking, Shortlist, Understanding

NOTHING_KNOWN = Ranking((), {}, "")


def found_of(person: Person, understood: Understanding, lists: Lists, of: Market) -> Found:
    """At most ten to pick from; and those there would be by the same lists had no model imagined a course.

    A lead's may be fewer, or none: what does not fit does not fill up the ten. Where nothing at all is known to go by,
    they are what is popular.
    """
    ways = [(lists, understood.is_advised)]
    if understood.is_advised:
        ways.append(({name: scores for name, scores in lists.items() if name not in ADVISED}, False))
    found = [_shortlist(person, understood, each, of, is_advised=is_advised) for each, is_advised in ways]
    return Found(chosen=found[0], alone=found[-1])


def level_of(person: Person, understood: Understanding, *, is_advised: bool) -> Level | None:
    """What a model says or the history shows; a beginner's of one who has hardly begun; else it is not known."""
    if is_advised and understood.imagined is not None:
        return understood.imagined.level
    return understood.level if person.history or person.is_beginning else None


def _shortlist(person: Person, understood: Understanding, lists: Lists, of: Market, *, is_advised: bool) -> Shortlist:
    level = level_of(person, understood, is_advised=is_advised)
    fit, ranking = of.fit(level, person.language), NOTHING_KNOWN
    if understood.imagined is not None and person.history:
        ranking = learner_ranking(person, lists, fit, of)
    elif understood.imagined is not None:
        ranking = lead_ranking(person, lists, fit, of, is_advised=is_advised)
    if not ranking.ranks:
        ranking = popular_ranking(person, of)
    courses = {hit.course_id: of.courses[hit.course_id] for hit in ranking.hits}
    candidates = tuple(
        Candidate(
            course_id=each,
            title=courses[each].title,
            lanes={name: ranking.ranks[name][each] for name in sorted(ranking.ranks) if each in ranking.ranks[name]},
            score=score,
        )
        for each, score in ranking.hits
    )
    appeals = {each.id: appeal(each, person, of) for each in courses.values()}
    return Shortlist(candidates, courses, ranking.rung, appeals)
