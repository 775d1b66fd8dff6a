"""The rungs that need no model: a job from interests and conversion, a course composed for it, a reason for a pick.

The job's words come from the program and from what a server proved; nothing a browser said is quoted in them.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from schemas.course import Course, Level
from schemas.program import Topic
from schemas.recommendation import ImaginedCourse, Job, Pick, SignalFact
from services.recommender.core.asking.phrases import Phrases, phrases_in, within
from services.recommender.core.asking.prompt_data import CONVERSION
from services.recommender.core.person import Person
from services.recommender.core.values import LEVELS, Selected, Understanding

MOST_CITES = 4
OTHERWISE = "otherwise"  # the rung of the course that goes where none fits
CAUTION = 0.6  # a rule is never surer than this
TOLD_OF_READER = frozenset({"role", "title", "industry", "goal"})
READY_KINDS = {"pricing", "cart", "checkout", "trial"}


def understood_by_rules(person: Person, courses: Mapping[str, Course]) -> Understanding:
    """What interests and conversion say, with no model asked."""
    imagined = composed(person, courses)
    return Understanding(job_by_rules(person), imagined, {"job": "rules", "imagine": "composed"}, imagined.level)


def job_by_rules(person: Person) -> Job:
    """The job by the strongest topic and the conversion, with the signals that speak for it."""
    return Job(
        text=_sentence(phrases_in(person.language), person.titles[:1], person.conversion),
        stage=_stage(person.signals),
        confidence=_confidence(person),
        cites=supporting(person, tuple(person.topics)[:1]),
    )


def composed(person: Person, courses: Mapping[str, Course]) -> ImaginedCourse:
    """The course the interests ask for, for the record: it is never searched by, and never shown to the person."""
    phrases, titles, conversion = phrases_in(person.language), person.titles, person.conversion
    level = reached_level(person, courses)
    topic = phrases.joint.join(within(each, phrases) for each in titles[:2]) or conversion or person.event
    read = [each.title for each in person.signals[:5]]
    reader = ", ".join(each.value for each in person.facts if each.name in TOLD_OF_READER)
    sentences = (
        phrases.description.format(level=phrases.levels[level], topic=topic),
        phrases.after.format(conversion=conversion) if conversion else "",
        phrases.covers.format(titles="; ".join(read)) if read else "",
        phrases.reader.format(reader=reader) if reader else "",
    )
    title = phrases.title.format(topic=titles[0]) if titles else conversion or phrases.bare_title
    return ImaginedCourse(title=title, description=" ".join(filter(None, sentences)), skills=titles, level=level)


def pick_of(person: Person, by: Selected, topics: Mapping[str, Topic]) -> Pick:
    """The pick of the course chosen, with the reply's reason where that is of this course, else with a rule's."""
    phrases, picks, course = phrases_in(person.language), by.picks, by.course
    cites: tuple[str, ...]
    if by.rung == OTHERWISE:
        reason, cites = phrases.otherwise, (CONVERSION,)
    elif picks is not None and next(iter(picks.fits)) == course.id:
        reason, cites = picks.reason, picks.cites
    else:
        reason, cites = _pick_reason(person, course, topics), supporting(person, course.topics)
    return Pick(
        course_id=course.id,
        reason=phrases.explored if by.is_exploration else reason,
        cites=cites,
        propensity=by.propensity,
        is_exploration=by.is_exploration,
    )


def _pick_reason(person: Person, course: Course, topics: Mapping[str, Topic]) -> str:
    phrases = phrases_in(person.language)
    shared = next((topics[each].title for each in person.topics if each in course.topics and each in topics), None)
    if shared is None:
        return phrases.near
    return phrases.shared.format(topic=within(shared.get(person.language) or next(iter(shared.values())), phrases))


def supporting(person: Person, topics: Sequence[str]) -> tuple[str, ...]:
    """Ids of the heaviest signals of these topics, and always the conversion."""
    signals = (each.id for each in person.signals if set(each.topics) & set(topics))
    return (*tuple(signals)[: MOST_CITES - 1], CONVERSION)


def reached_level(person: Person, courses: Mapping[str, Course]) -> Level:
    """The highest level of a course in the history; a beginner's where there is none we know."""
    known = [courses[each].level for each in person.history if each in courses]
    return max(known, key=LEVELS.index, default="beginner")


def _sentence(phrases: Phrases, titles: Sequence[str], conversion: str) -> str:
    if titles and conversion:
        return phrases.both.format(topic=within(titles[0], phrases), conversion=conversion)
    if titles:
        return phrases.topic.format(topic=within(titles[0], phrases))
    return phrases.conversion.format(conversion=conversion) if conversion else phrases.neither


def _stage(signals: Sequence[SignalFact]) -> Literal["problem", "exploring", "comparing", "ready"]:
    if any(each.kind in READY_KINDS for each in signals):
        return "ready"
    if len({each.item for each in signals if each.item}) > 1:
        return "comparing"
    return "exploring" if len(signals) > 1 else "problem"


def _confidence(person: Person) -> float:
    weights = tuple(person.topics.values())
    share = weights[0] / max(person.evidence, sum(weights)) if weights else 0.0
    return round(CAUTION * share, 2)
