"""The rungs that need no model: a job from interests and conversion, a course composed for it, a reason for a pick.

The job's words come from the program and from what a server proved; nothing a browser said is quoted in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.course import Course, Level
from schemas.program import Topic
from schemas.recommendation import ImaginedCourse, Job, Pick, SignalFact
from services.recommender.core.asking.prompt_data import CONVERSION
from services.recommender.core.person import Person
from services.recommender.core.values import LEVELS, Selected, Understanding

MOST_CITES = 4
OTHERWISE = "otherwise"  # the rung of the course that goes where none fits
CAUTION = 0.6  # a rule is never surer than this
TOLD_OF_READER = frozenset({"role", "title", "industry", "goal"})
READY_KINDS = {"pricing", "cart", "checkout", "trial"}


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences of one language."""

    both: str
    topic: str
    conversion: str
    neither: str
    title: str
    bare_title: str
    description: str
    after: str
    covers: str
    reader: str
    levels: Mapping[Level, str]
    joint: str
    shared: str
    near: str
    explored: str
    otherwise: str


ENGLISH = Phrases(
    both="Get better at {topic} and put it to work, starting from “{conversion}”.",
    topic="Get better at {topic} and put it to work.",
    conversion="Take the next step after “{conversion}”.",
    neither="Find the one skill that helps most right now.",
    title="{topic} in practice",
    bare_title="The next step in practice",
    description="A practical course for {level} on {topic}.",
    after="It continues where “{conversion}” ends.",
    covers="It covers {titles}.",
    reader="It is made for: {reader}.",
    levels={"beginner": "beginners", "intermediate": "people with some practice", "advanced": "experienced people"},
    joint=" and ",
    shared="It is about {topic}, which is what this job needs.",
    near="Of the open courses it comes nearest to this job.",
    explored="One of the near courses, taken to learn whether it helps with jobs like this one.",
    otherwise="It is one of the courses that are open now.",
)
SPANISH = Phrases(
    both="Mejorar en {topic} y llevarlo a la práctica, a partir de «{conversion}».",
    topic="Mejorar en {topic} y llevarlo a la práctica.",
    conversion="Dar el siguiente paso después de «{conversion}».",
    neither="Encontrar la habilidad que más ayuda ahora mismo.",
    title="{topic} en la práctica",
    bare_title="El siguiente paso en la práctica",
    description="Un curso práctico para {level} sobre {topic}.",
    after="Continúa donde termina «{conversion}».",
    covers="Trata: {titles}.",
    reader="Está pensado para: {reader}.",
    levels={
        "beginner": "principiantes",
        "intermediate": "personas con algo de práctica",
        "advanced": "personas con experiencia",
    },
    joint=" y ",
    shared="Trata de {topic}, justo lo que pide este trabajo.",
    near="De los cursos abiertos es el que más se acerca a este trabajo.",
    explored="Uno de los cursos cercanos, elegido para saber si ayuda en trabajos como este.",
    otherwise="Es uno de los cursos que están abiertos ahora.",
)
PHRASES: Mapping[str, Phrases] = {"en": ENGLISH, "es": SPANISH}


def understood_by_rules(person: Person, courses: Mapping[str, Course]) -> Understanding:
    """What interests and conversion say, with no model asked."""
    imagined = composed(person, courses)
    return Understanding(job_by_rules(person), imagined, {"job": "rules", "imagine": "composed"}, imagined.level)


def job_by_rules(person: Person) -> Job:
    """The job by the strongest topic and the conversion, with the signals that speak for it."""
    return Job(
        text=_sentence(_phrases(person.language), person.titles[:1], person.conversion),
        stage=_stage(person.signals),
        confidence=_confidence(person),
        cites=supporting(person, tuple(person.topics)[:1]),
    )


def composed(person: Person, courses: Mapping[str, Course]) -> ImaginedCourse:
    """The course the interests ask for, for the record: it is never searched by, and never shown to the person."""
    phrases, titles, conversion = _phrases(person.language), person.titles, person.conversion
    level = reached_level(person, courses)
    topic = phrases.joint.join(map(_within, titles[:2])) or conversion or person.event
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
    phrases, picks, course = _phrases(person.language), by.picks, by.course
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
    phrases = _phrases(person.language)
    shared = next((topics[each].title for each in person.topics if each in course.topics and each in topics), None)
    if shared is None:
        return phrases.near
    return phrases.shared.format(topic=_within(shared.get(person.language) or next(iter(shared.values()))))


def supporting(person: Person, topics: Sequence[str]) -> tuple[str, ...]:
    """Ids of the heaviest signals of these topics, and always the conversion."""
    signals = (each.id for each in person.signals if set(each.topics) & set(topics))
    return (*tuple(signals)[: MOST_CITES - 1], CONVERSION)


def reached_level(person: Person, courses: Mapping[str, Course]) -> Level:
    """The highest level of a course in the history; a beginner's where there is none we know."""
    known = [courses[each].level for each in person.history if each in courses]
    return max(known, key=LEVELS.index, default="beginner")


def _within(title: str) -> str:
    """A title as it reads within a sentence: its first letter small, unless it begins with an acronym."""
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def _phrases(language: str) -> Phrases:
    return PHRASES.get(language, ENGLISH)


def _sentence(phrases: Phrases, titles: Sequence[str], conversion: str) -> str:
    if titles and conversion:
        return phrases.both.format(topic=_within(titles[0]), conversion=conversion)
    if titles:
        return phrases.topic.format(topic=_within(titles[0]))
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
