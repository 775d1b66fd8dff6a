"""The courses to pick from: the lists of all retrievers, ranked the way of leads or of learners."""

from collections.abc import Iterable, Mapping, Sequence

from schemas.course import Course, Level
from schemas.recommendation import Candidate
from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.ranking import leads, learners
from services.recommender.core.ranking.fusion import fused, ranks
from services.recommender.core.ranking.outcome_prior import novelty, posterior
from services.recommender.core.retrieval.counted import FOLLOWED
from services.recommender.core.retrieval.interests import INTERESTS
from services.recommender.core.retrieval.retriever import Lists
from services.recommender.core.retrieval.retrievers import OF_WORDS
from services.recommender.core.values import Hit, Policy, Shortlist, Understanding
from services.recommender.core.weights import PLACES, RETRIEVERS

FEWEST = 3  # below it the business's own language is searched too
OF_A_LEADS_WORDS = OF_WORDS | {INTERESTS.name, FOLLOWED.name}  # what needs no vector
POPULAR = "popular"
Ranks = Mapping[str, Mapping[str, int]]


def languages(person: Person, understood: Understanding, policy: Policy) -> tuple[str, ...]:
    """In which languages courses are looked for: the person's; for leads the business's own beside it, for less.

    The arm `usual` gets what is popular in the person's own, as ever.
    """
    is_usual = understood.imagined is None
    if is_usual or person.history or policy.default_language == person.language:
        return (person.language,)
    return (person.language, policy.default_language)


def wider(found: Shortlist, searched: tuple[str, ...], policy: Policy) -> tuple[str, ...] | None:
    """The languages to search again in, where too few were found in the person's own; else None."""
    if len(found.candidates) >= FEWEST or policy.default_language in searched:
        return None
    return (*searched, policy.default_language)


def concluded(person: Person, understood: Understanding, lists: Lists, of: Market) -> Shortlist:
    """At most ten, best first; where nothing at all is known to go by, what is popular.

    A lead's may be fewer, or none: what does not fit does not fill up the ten.
    """
    level, is_advised = level_of(person, understood), understood.is_advised
    if person.history:
        ranked = learners.listed(person, lists, of)
        places, places_of = learners.ordered(person, level, ranked, of), ranked.ranks
    else:
        parts = leads.added(person, lists, of, is_advised=is_advised)
        places, places_of = leads.best(person, level, of, parts), leads.ranks_of(parts.lists)
    if not places_of:
        return popular_choice(person, of)
    has_vectors = places_of.keys() - (OF_WORDS if person.history else OF_A_LEADS_WORDS)
    rung = "lanes" if has_vectors else "words"
    return _shortlist(person, places, places_of, of, rung)


def level_of(person: Person, understood: Understanding) -> Level | None:
    """What a model says or the history shows; a beginner's of one who has hardly begun; else it is not known."""
    is_known = understood.is_advised or bool(person.history)
    level = understood.imagined.level if understood.imagined else None
    return level if is_known or person.is_beginning else None


def popular_choice(person: Person, of: Market) -> Shortlist:
    """The popular courses of the person's language and topics, with nothing else personal."""
    scores = popular((each for each in of.courses.values() if of.admits(each.id)), person.topics, of)
    found = {POPULAR: ranks(scores, RETRIEVERS[POPULAR].depth)}
    places = fused(found, lambda each: of.fit(each, None, person.language) * of.standing.favour(each), PLACES)
    return _shortlist(person, places, found, of, POPULAR)


def popular(courses: Iterable[Course], topics: Mapping[str, float], of: Market) -> dict[str, float]:
    """Courses by what everybody likes, those of the person's topics first: nothing personal but the topics."""
    return {
        each.id: (sum(topics.get(topic, 0.0) for topic in each.topics) + 0.01) * of.standing.factor(each.id)
        for each in courses
    }


def _shortlist(person: Person, places: Sequence[Hit], lists: Ranks, of: Market, rung: str) -> Shortlist:
    courses = {hit.course_id: of.courses[hit.course_id] for hit in places}
    appeals = {
        each.id: posterior(each.id, person.at_ms, of.standing) * novelty(each, person.passed_over, of.courses)
        for each in courses.values()
    }
    return Shortlist(tuple(_candidate(hit, lists, courses) for hit in places), courses, rung, appeals)


def _candidate(hit: Hit, lists: Ranks, courses: Mapping[str, Course]) -> Candidate:
    at = {name: lists[name][hit.course_id] for name in sorted(lists) if hit.course_id in lists[name]}
    return Candidate(course_id=hit.course_id, title=courses[hit.course_id].title, lanes=at, score=hit.score)
