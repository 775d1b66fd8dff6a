"""The brief: all a text may say of one recommendation, in the mail's language, with an id for everything citable."""

from collections.abc import Iterator
from dataclasses import replace

from schemas.decision import NotTold
from schemas.program import Program
from services.composer.core.fields import fields_of
from services.composer.core.gate.facts import Fact, fact_of
from services.composer.core.offer import Offer
from services.composer.core.phrasing import lessons
from services.composer.core.told import reason_of, told_of
from services.composer.core.topics import topics_of
from services.composer.core.values import Brief


def brief_of(offer: Offer, program: Program) -> Brief:
    """What the text of this mail may say; what the gate would refuse in a field is left out of it here."""
    recommendation, locale, brand = offer.recommendation, offer.locale, program.brand
    request, course = recommendation.request, recommendation.course
    topics = topics_of(recommendation, program, locale)
    told = told_of(offer, topics.interests)
    fields = fields_of(offer, told)
    brief = Brief(
        decision_id=request.decision_id,
        locale=locale,
        is_default_language=locale.language != request.language,
        act=locale.act(request.trigger.playbook, request.trigger.event_name),
        conversion=told.conversion,
        job=fields.job,
        goal=fields.goal,
        interest=topics.interest,
        topic=topics.topic,
        company=told.company,
        course=course,
        title=fields.title,
        sentences=fields.sentences,
        takeaways=fields.takeaways,
        skills=fields.skills,
        level=locale.words.levels[course.level],
        duration=locale.forms.duration(course.duration_minutes) if course.duration_minutes else None,
        facts=(),
        brand=brand.name,
        tone=brand.tone,
        banned=brand.banned_claims,
        lexicons=offer.known.lexicons,
        further=fields.further,
        voice=brand.voice,
        stage=recommendation.job.stage,
    )
    facts = (*_course_facts(brief), *_person_facts(brief, told.facts), *topics.interests)
    reason = reason_of(recommendation, facts, told.known)
    return replace(
        brief,
        facts=(*facts, reason) if isinstance(reason, Fact) else facts,
        not_told=(
            *told.left_out,
            *((reason,) if isinstance(reason, NotTold) else ()),
            *told.unnamed,
            *fields.left_out,
        ),
    )


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


def _person_facts(brief: Brief, told: tuple[Fact, ...]) -> Iterator[Fact]:
    if brief.conversion:
        yield fact_of("fact:conversion", brief.conversion)
    yield fact_of("fact:act", brief.act.because_untitled)
    yield fact_of("fact:topic", brief.topic or brief.locale.words.generic_topic)
    if brief.company:
        yield fact_of("fact:company", brief.company)
    if brief.job:
        yield fact_of("fact:job", brief.job)
    if brief.goal and not any(each.id == "fact:goal" for each in told):
        yield fact_of("fact:goal", brief.goal)
    yield from told
