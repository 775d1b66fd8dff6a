"""The fields of a brief, each judged before anything is written with it: what the gate would refuse is left out."""

import re
from collections.abc import Iterable

from schemas.course import Course
from schemas.program import Program
from schemas.recommendation import Recommendation
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.grounding import content
from services.composer.core.gate.judge import is_safe, judge_own, judge_text
from services.composer.core.gate.known import Known
from services.composer.core.gate.tongue import foreign
from services.composer.core.locale import Locale
from services.composer.core.phrasing import inside
from services.composer.core.values import Fact
from services.rules.folding import fold
from services.rules.stranger import is_phrase

MOST_SENTENCES = 6
JOB_CHARACTERS = (20, 200)
DENSE_JOB_CHARACTERS = (8, 120)  # where a character is a syllable or a word
GOAL_CHARACTERS = 80
TITLE_CHARACTERS = 120
COURSE_TITLE_CHARACTERS = 200  # as the catalogue has them
QUOTED_CHARACTERS = 320  # of one takeaway or sentence; a longer one is left out
_SENTENCE_END = re.compile(
    r"(?<=[.!?…])\s+(?=[\"“«„¿¡(]?[A-ZÀ-ÞŒ0-9])"
    r"|(?<=[。！？])(?=[^」』）])"  # noqa: RUF001 the full stops of Japanese
)
_THIRD_PERSON = re.compile(
    r"^(?:the|a|this) (?:user|person|lead|reader|visitor|customer|recipient)\b"
    r"|^(?:el|la|este|esta) (?:usuari[oa]|persona|lead|lector|cliente)\b"
)
_TO_A_MODEL = re.compile(
    r"\b(?:your|the|every) (?:response|answer|reply|replies|output|message)\b|\btu (?:respuesta|salida|mensaje)\b"
)


def title_of(course: Course, known: Known) -> str | None:
    """The course's title."""
    return safe(course.title, known, COURSE_TITLE_CHARACTERS)


def topic_of(course: Course, program: Program, locale: Locale) -> str | None:
    """The course's first topic that has a title in this language."""
    titles = (program.signals.topics[name].title for name in course.topics if name in program.signals.topics)
    return next((inside(each[locale.language], locale.words) for each in titles if locale.language in each), None)


def interest_of(recommendation: Recommendation, program: Program, locale: Locale) -> Fact | None:
    """The lead's strongest interest that the course is not about, by the id of the signal that shows it."""
    for signal in recommendation.request.snapshot.signals:
        for name in signal.topics if signal.weight > 0 else ():
            topic = program.signals.topics.get(name)
            if topic and name not in recommendation.course.topics and locale.language in topic.title:
                return fact_of(signal.id, inside(topic.title[locale.language], locale.words))
    return None


def job_of(
    recommendation: Recommendation, known: Known, judged_by: Known, locale: Locale, conversion: str | None
) -> str | None:
    """The job as a sentence fit for a letter: a model's, near the course, that passes every rule of text; else None.

    `judged_by` knows beside the course what the brief tells of person and company.
    """
    text = " ".join(recommendation.job.text.split())
    least, most = JOB_CHARACTERS if locale.words.spaces else DENSE_JOB_CHARACTERS
    if recommendation.rungs.get("job") != "llm" or not least <= len(text) <= most:
        return None
    plain = text.casefold()
    is_clumsy = (
        _THIRD_PERSON.search(plain) or _TO_A_MODEL.search(plain) or foreign(text, known.language, known.lexicons)
    )
    is_echo = conversion is not None and conversion.casefold() in text.casefold()
    shared, _ = content(text, known)
    if is_clumsy or is_echo or not shared or judge_own(text, judged_by):
        return None
    return text if text[-1] in ".!?。" else f"{text}{'.' if locale.words.spaces else '。'}"


def goal_of(recommendation: Recommendation, known: Known) -> str | None:
    """The lead's goal in their own words: one a server verified, short, in the mail's language, past every rule."""
    for fact in recommendation.request.snapshot.facts:
        if fact.name == "goal" and fact.is_verified:
            goal = safe(fact.value, known, GOAL_CHARACTERS)
            return goal if goal and _is_own_words(goal, known) else None
    return None


def is_short(text: str, known: Known) -> bool:
    """True for a phrase of what somebody is or does: nothing asks, tells or ends in it."""
    return is_phrase(text, known.language, known.safety.lexicon)


def safe(text: str | None, known: Known, most: int = TITLE_CHARACTERS) -> str | None:
    """The text in one line, where it is short enough and no rule of safety refuses it."""
    tidy = " ".join((text or "").split())
    return tidy if tidy and len(tidy) <= most and is_safe(tidy, known) else None


def sound(texts: Iterable[str], known: Known) -> tuple[str, ...]:
    """The course's own texts that a mail in this language may quote, each once."""
    tidied = (" ".join(each.split()) for each in texts)
    quotable = (
        each
        for each in tidied
        if each
        and len(each) <= QUOTED_CHARACTERS
        and is_safe(each, known)
        and not foreign(each, known.language, known.lexicons)
    )
    return tuple({fold(each): each for each in quotable}.values())


def sentences_of(description: str) -> tuple[str, ...]:
    """The first sentences of a description."""
    return tuple(each.strip() for each in _SENTENCE_END.split(" ".join(description.split())))[:MOST_SENTENCES]


def _is_own_words(text: str, known: Known) -> bool:
    """True for a phrase of the mail's language that a letter may quote."""
    is_foreign = foreign(text, known.language, known.lexicons)
    return is_short(text, known) and not judge_text(text, known) and not is_foreign
