"""The brief: all a text may say of one recommendation, in the mail's language, with an id for everything citable."""

from collections.abc import Iterator
from dataclasses import replace

from schemas.course import Course
from schemas.links import hosts_of, is_allowed_link
from schemas.program import Brand, Program
from schemas.recommendation import Recommendation, SignalFact
from services.composer.core import fields, told
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.judge import is_safe
from services.composer.core.gate.known import Known, known_from
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.locale import Locale, Locales, locale_of
from services.composer.core.phrasing import course_line, inside, lessons, skills_line
from services.composer.core.values import Brief, Fact, Further, Prompt

MOST_TAKEAWAYS = 3
SKILLS_NOTED = 3


def brief_of(
    recommendation: Recommendation, program: Program, prompt: Prompt, lexicons: Lexicons, locales: Locales
) -> Brief:
    """What the text of this mail may say; what the gate would refuse in a field is left out of it here."""
    request, course, brand = recommendation.request, recommendation.course, program.brand
    locale = locale_of(request.language, program, locales)
    known = known_from(locale.language, course_texts(course, locale), brand.banned_claims, prompt, lexicons)
    known = replace(known, voice=brand.voice)
    is_same_language = course.language == locale.language
    conversion, company = told.conversion_of(request.trigger, known), told.company_of(recommendation, known)
    topic = fields.topic_of(course, program, locale)
    person = told.told_of(recommendation, known, lambda each: _interest(each, program, locale, topic))
    names = (*person.facts, *((fact_of("fact:company", company),) if company else ()))
    job_known = told.judging(known, course_texts(course, locale), names, prompt)
    notes = fields.sound(course.takeaways, known)[:MOST_TAKEAWAYS] if is_same_language else ()
    quoted = fields.sound(fields.sentences_of(course.description), known) if is_same_language else ()
    brief = Brief(
        decision_id=request.decision_id,
        locale=locale,
        is_default_language=locale.language != request.language,
        act=locale.act(request.trigger.playbook, request.trigger.event_name),
        conversion=conversion,
        job=fields.job_of(recommendation, known, job_known, locale, conversion),
        goal=fields.goal_of(recommendation, known),
        interest=fields.interest_of(recommendation, program, locale),
        topic=topic,
        company=company,
        course=course,
        title=fields.title_of(course, known),
        sentences=tuple(each for each in quoted if each not in notes),
        takeaways=notes,
        skills=fields.sound(course.skills, known) if is_same_language else (),
        level=locale.words.levels[course.level],
        duration=locale.forms.duration(course.duration_minutes) if course.duration_minutes else None,
        facts=(),
        brand=brand.name,
        tone=brand.tone,
        banned=brand.banned_claims,
        lexicons=lexicons,
        further=tuple(_further(recommendation, brand, known, locale)),
        voice=brand.voice,
        stage=recommendation.job.stage,
    )
    brief = replace(brief, facts=tuple(_facts(brief, recommendation, program, person.facts)))
    brief = _with_reason(brief, recommendation, job_known)
    sentences = fields.sentences_of(course.description)
    left_out = told.not_told(brief, recommendation, known, job_known, sentences)
    return replace(brief, not_told=(*person.left_out, *brief.not_told, *left_out))


def _with_reason(brief: Brief, recommendation: Recommendation, known: Known) -> Brief:
    """The brief with the pick's reason as its last fact, or as left out of it."""
    reason = told.reason_of(recommendation, brief.facts, known)
    if isinstance(reason, Fact):
        return replace(brief, facts=(*brief.facts, reason))
    return brief if reason is None else replace(brief, not_told=(reason,))


def _facts(brief: Brief, recommendation: Recommendation, program: Program, person: tuple[Fact, ...]) -> Iterator[Fact]:
    yield from _course_facts(brief)
    if brief.conversion:
        yield fact_of("fact:conversion", brief.conversion)
    yield fact_of("fact:act", brief.act.because_untitled)
    yield fact_of("fact:topic", brief.topic or brief.locale.words.generic_topic)
    if brief.company:
        yield fact_of("fact:company", brief.company)
    if brief.job:
        yield fact_of("fact:job", brief.job)
    if brief.goal and not any(each.id == "fact:goal" for each in person):
        yield fact_of("fact:goal", brief.goal)
    yield from person
    for signal in (each for each in recommendation.request.snapshot.signals if each.weight > 0):
        yield fact_of(signal.id, _interest(signal, program, brief.locale, brief.topic))


def _course_facts(brief: Brief) -> Iterator[Fact]:
    course, forms = brief.course, brief.locale.forms
    if brief.title:
        yield fact_of("course:title", brief.title)
    for number, text in enumerate(brief.sentences):
        yield fact_of(f"course:description.{number}", text)
    for number, text in enumerate(brief.takeaways):
        yield fact_of(f"course:takeaway.{number}", text)
    if brief.skills:
        yield fact_of("course:skills", forms.joined(brief.skills))
    yield fact_of("course:level", brief.level)
    if brief.duration:
        yield fact_of("course:duration", brief.duration)
    if course.lessons:
        yield fact_of("course:lessons", lessons(course.lessons, brief.locale))
    if course.language != brief.language:
        yield fact_of("course:language", brief.locale.words.taught_in.format(language=forms.language(course.language)))
    if course.price_minor is not None and course.currency:
        yield fact_of("course:price", forms.money(course.price_minor, course.currency))


def _further(recommendation: Recommendation, brand: Brand, known: Known, locale: Locale) -> Iterator[Further]:
    """The further courses as they are listed; one that the gate would refuse is left out, for the mail's sake."""
    hosts, decision_id = hosts_of(brand), recommendation.request.decision_id
    for course in recommendation.also:
        title = " ".join(course.title.split())
        if is_allowed_link(course.url, hosts) and is_safe(title, known):
            note = _note(course, known, locale, decision_id)
            yield Further(course.id, title, course_line(course, locale), note, course.url)


def _note(course: Course, known: Known, locale: Locale, decision_id: str) -> str:
    """What the course is about in one line: its first skills, else its first sentence; empty in another language."""
    if course.language != known.language:
        return ""
    if skills := fields.sound(course.skills, known)[:SKILLS_NOTED]:
        return skills_line(decision_id, skills, locale)
    return next(iter(fields.sound(fields.sentences_of(course.description), known)), "")


def course_texts(course: Course, locale: Locale) -> tuple[str, ...]:
    """What the catalogue says of a course, as the rules take it for known."""
    length = locale.forms.duration(course.duration_minutes) if course.duration_minutes else ""
    numbers = (length, lessons(course.lessons or 0, locale))
    return (course.title, course.description, *course.takeaways, *course.skills, *numbers)


def _interest(signal: SignalFact, program: Program, locale: Locale, topic: str | None) -> str:
    """A signal as a topic, in the business's words: never the page, the time or the count."""
    titles = [program.signals.topics[name].title for name in signal.topics if name in program.signals.topics]
    named = [each.get(locale.language) or next(iter(each.values())) for each in titles]
    listed = ", ".join(inside(each, locale.words) for each in named)
    return listed or topic or locale.words.generic_topic
