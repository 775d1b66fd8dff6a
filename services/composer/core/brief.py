"""The brief: all a text may say of one recommendation, in the mail's language, with an id for everything citable."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from schemas.course import Course
from schemas.links import hosts_of, is_allowed_link
from schemas.program import Brand, Program
from schemas.recommendation import Recommendation, SignalFact
from services.composer.core import told
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.form import STEM, stems
from services.composer.core.gate.judge import is_safe, judge_text
from services.composer.core.gate.known import Known, known_from
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.tongue import foreign
from services.composer.core.phrasing import course_line, decapitalised, duration, joined, lessons
from services.composer.core.values import Act, Brief, Fact, Further, Prompt
from services.composer.core.words import Words
from services.composer.core.words_en import ENGLISH
from services.composer.core.words_es import SPANISH

WORDS: Mapping[str, Words] = {"en": ENGLISH, "es": SPANISH}
ACTS: Mapping[str, Act] = {
    "guide downloaded": "guide",
    "webinar registered": "webinar",
    "newsletter signed up": "newsletter",
    "trial started": "trial",
    "course enrolled": "enrolled",
    "course completed": "completed",
}
MOST_TAKEAWAYS = 3
MOST_SENTENCES = 6
SKILLS_NOTED = 3
JOB_CHARACTERS = (20, 200)
QUOTED_CHARACTERS = 320  # of one takeaway or sentence; a longer one is left out
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[\"“«¿¡(]?[A-ZÀ-ÞŒ0-9])")
_THIRD_PERSON = re.compile(
    r"^(?:the|a|this) (?:user|person|lead|reader|visitor|customer|recipient)\b"
    r"|^(?:el|la|este|esta) (?:usuari[oa]|persona|lead|lector|cliente)\b"
)


_TO_A_MODEL = re.compile(
    r"\b(?:your|the|every) (?:response|answer|reply|replies|output|message)\b|\btu (?:respuesta|salida|mensaje)\b"
)


def brief_of(recommendation: Recommendation, program: Program, prompt: Prompt, lexicons: Lexicons) -> Brief:
    """What the text of this mail may say; what the gate would refuse in a field is left out of it here."""
    request, course, brand = recommendation.request, recommendation.course, program.brand
    language, words = language_of(request.language, program)
    known = known_from(language, course_texts(course, words), brand.banned_claims, prompt, lexicons)
    is_same_language = course.language == language
    conversion, company = told.conversion_of(request.trigger, known), told.company_of(recommendation, known)
    person = told.told_of(recommendation, known, lambda each: _interest(each, program, language, words, course))
    names = (*person.facts, *((fact_of("fact:company", company),) if company else ()))
    job_known = told.judging(known, course_texts(course, words), names, prompt)
    brief = Brief(
        decision_id=request.decision_id,
        language=language,
        is_default_language=language != request.language,
        act=ACTS.get(request.trigger.event_name.casefold(), "other"),
        conversion=conversion,
        job=_job(recommendation, known, conversion, job_known),
        topic=_topic(course, program, language, words),
        company=company,
        course=course,
        title=course.title,
        sentences=tuple(_sound(_sentences(course.description), known)) if is_same_language else (),
        takeaways=tuple(_sound(course.takeaways, known))[:MOST_TAKEAWAYS] if is_same_language else (),
        skills=tuple(_sound(course.skills, known)) if is_same_language else (),
        level=words.levels[course.level],
        duration=duration(course.duration_minutes, words),
        facts=(),
        brand=brand.name,
        tone=brand.tone,
        banned=brand.banned_claims,
        further=tuple(_further(recommendation.also, brand, known)),
        lexicons=lexicons,
    )
    brief = replace(brief, facts=tuple(_facts(brief, recommendation, program, person.facts)))
    return replace(
        brief,
        not_told=(
            *person.left_out,
            *told.not_told(brief, recommendation, known, job_known, _sentences(course.description)),
        ),
    )


def language_of(wanted: str, program: Program) -> tuple[str, Words]:
    """The language of the mail and its words: the lead's, else the brand's first that has words, else English."""
    for language in (wanted, *program.brand.languages):
        if language in WORDS:
            return language, WORDS[language]
    return "en", ENGLISH


def _facts(brief: Brief, recommendation: Recommendation, program: Program, person: tuple[Fact, ...]) -> Iterator[Fact]:
    words = WORDS[brief.language]
    yield from _course_facts(brief, words)
    if brief.conversion:
        yield fact_of("fact:conversion", brief.conversion)
    yield fact_of("fact:act", words.because_untitled[brief.act])
    yield fact_of("fact:topic", brief.topic)
    if brief.company:
        yield fact_of("fact:company", brief.company)
    if brief.job:
        yield fact_of("fact:job", brief.job)
    yield from person
    for signal in (each for each in recommendation.request.snapshot.signals if each.weight > 0):
        yield fact_of(signal.id, _interest(signal, program, brief.language, words, brief.course))


def _course_facts(brief: Brief, words: Words) -> Iterator[Fact]:
    course = brief.course
    yield fact_of("course:title", brief.title)
    for number, text in enumerate(brief.sentences):
        yield fact_of(f"course:description.{number}", text)
    for number, text in enumerate(brief.takeaways):
        yield fact_of(f"course:takeaway.{number}", text)
    if brief.skills:
        yield fact_of("course:skills", joined(brief.skills, words))
    yield fact_of("course:level", brief.level)
    if brief.duration:
        yield fact_of("course:duration", brief.duration)
    if course.lessons:
        yield fact_of("course:lessons", lessons(course.lessons, words))
    if course.price_minor is not None and course.currency:
        yield fact_of("course:price", f"{course.price_minor / 100:.2f} {course.currency}")


def _further(courses: tuple[Course, ...], brand: Brand, known: Known) -> Iterator[Further]:
    """The further courses as they are listed; one that the gate would refuse is left out, for the mail's sake."""
    hosts, words = hosts_of(brand), WORDS[known.language]
    for course in courses:
        title = " ".join(course.title.split())
        if is_allowed_link(course.url, hosts) and is_safe(title, known):
            yield Further(
                course.id, title, course_line(course, known.language, words), _note(course, known), course.url
            )


def _note(course: Course, known: Known) -> str:
    """What the course is about in one line: its first skills, else its first sentence; empty in another language."""
    if course.language != known.language:
        return ""
    words = WORDS[known.language]
    if skills := tuple(_sound(course.skills, known))[:SKILLS_NOTED]:
        return f"{words.skills_label}: {joined(skills, words)}."
    return next(_sound(_sentences(course.description), known), "")


def course_texts(course: Course, words: Words) -> tuple[str, ...]:
    """What the catalogue says of a course, as the rules take it for known."""
    numbers = (duration(course.duration_minutes, words) or "", lessons(course.lessons or 0, words))
    return (course.title, course.description, *course.takeaways, *course.skills, *numbers)


def _interest(signal: SignalFact, program: Program, language: str, words: Words, course: Course) -> str:
    """A signal as a topic: never the page, the time or the count."""
    titles = [program.signals.topics[name].title for name in signal.topics if name in program.signals.topics]
    named = [each.get(language) or next(iter(each.values())) for each in titles]
    return ", ".join(decapitalised(each) for each in named) or _topic(course, program, language, words)


def _topic(course: Course, program: Program, language: str, words: Words) -> str:
    """The course's first topic that has a title in this language."""
    for name in course.topics:
        topic = program.signals.topics.get(name)
        if topic is not None and language in topic.title:
            return decapitalised(topic.title[language])
    return words.generic_topic


def _job(recommendation: Recommendation, known: Known, conversion: str | None, judged_by: Known) -> str | None:
    """The job as a sentence fit for a letter: a model's, near the course, that passes every rule of text; else None."""
    text = " ".join(recommendation.job.text.split())
    least, most = JOB_CHARACTERS
    if recommendation.rungs.get("job") != "llm" or not least <= len(text) <= most:
        return None
    plain = text.casefold()
    is_clumsy = (
        _THIRD_PERSON.search(plain) or _TO_A_MODEL.search(plain) or foreign(text, known.language, known.lexicons)
    )
    is_echo = conversion is not None and conversion.casefold() in text.casefold()
    is_near = bool(stems(text) & {word[:STEM] for word in known.words})
    if is_clumsy or is_echo or not is_near or judge_text(text, judged_by):
        return None
    return text if text[-1] in ".!?" else f"{text}."


def _sound(texts: tuple[str, ...], known: Known) -> Iterator[str]:
    tidied = (" ".join(each.split()) for each in texts)
    return (
        each
        for each in tidied
        if each
        and len(each) <= QUOTED_CHARACTERS
        and is_safe(each, known)
        and not foreign(each, known.language, known.lexicons)
    )


def _sentences(description: str) -> tuple[str, ...]:
    return tuple(_SENTENCE_END.split(" ".join(description.split())))[:MOST_SENTENCES]
