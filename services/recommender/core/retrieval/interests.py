"""By the person's topics: near the means of their courses' vectors, so that no text is embedded."""

from collections.abc import Mapping

from schemas.course import Course
from services.recommender.core.person import Person
from services.recommender.core.retrieval.known import Known
from services.recommender.core.retrieval.retriever import Searching
from services.recommender.core.retrieval.vectors import direction
from services.recommender.core.values import Filter, Scores, Vector


def query(person: Person, known: Known) -> Vector | None:
    """The direction of a learner's topics; a lead's are not searched by: `shares` says of what others found."""
    if not person.history:
        return None
    means = known.topic_means
    return direction(((weight, means[each]) for each, weight in person.topics.items() if each in means), known.mean)


def within(person: Person, where: Filter) -> Filter:
    """Only among courses of these topics."""
    return Filter(where.languages, where.without, tuple(person.topics))


def scores(near: Scores, person: Person, courses: Mapping[str, Course]) -> dict[str, float]:
    """Σ weight of shared topics, times nearness; and the weight of a course the person came back to."""
    found = {
        each: sum(person.topics.get(topic, 0.0) for topic in courses[each].topics) * score
        for each, score in near.items()
        if each in courses
    }
    for each, weight in person.items.items():
        if each in courses:
            found[each] = found.get(each, 0.0) + weight
    return found


INTERESTS = Searching("interests", "near", query, within=within)
