"""What a fused score is weighed by where no model picks: what became of mails of the course, and what she ignored."""

from collections.abc import Mapping, Sequence

from schemas.course import Course
from services.recommender.core.course_statistics import CourseStatistics
from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.weights import (
    APPEAL_LEAST,
    APPEAL_MOST,
    NOVELTY_LEFT,
    NOVELTY_LOSS,
    OUTCOME_PRIOR_BAD,
    OUTCOME_PRIOR_GOOD,
)


def appeal(course: Course, person: Person, of: Market) -> float:
    """What a score of the course is weighed by: its outcomes' posterior, less its likeness to what was ignored."""
    return novelty(course, person.passed_over, of.courses) * posterior(course.id, person.at_ms, of.statistics)


def posterior(course_id: str, now_ms: int, statistics: CourseStatistics) -> float:
    """The mean of its discounted Beta over the prior's, within ½ and 2: 1 where no mail of it says anything.

    Law: as its outcomes age it goes back to 1.
    """
    good, bad = statistics.outcomes(course_id, now_ms)
    prior = OUTCOME_PRIOR_GOOD / (OUTCOME_PRIOR_GOOD + OUTCOME_PRIOR_BAD)
    mean = (OUTCOME_PRIOR_GOOD + good) / (OUTCOME_PRIOR_GOOD + OUTCOME_PRIOR_BAD + good + bad)
    return min(max(mean / prior, APPEAL_LEAST), APPEAL_MOST)


def novelty(course: Course, passed_over: Sequence[str | None], courses: Mapping[str, Course]) -> float:
    """1, less for a course with the topics of one she ignored; each mail since gives back half of what is lost."""
    lost = (
        NOVELTY_LOSS * NOVELTY_LEFT**place * likeness(course, courses[each])
        for place, each in enumerate(passed_over)
        if each is not None and each in courses
    )
    return 1.0 - max(lost, default=0.0)


def likeness(one: Course, other: Course) -> float:
    """The share of their topics that both have, 0 to 1."""
    mine, theirs = set(one.topics), set(other.topics)
    return len(mine & theirs) / len(mine | theirs)
