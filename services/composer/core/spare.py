"""The course that is mailed: the one picked, or the next that fits where that one can be in no mail of the brand's."""

from schemas.course import Course
from schemas.decision import Refusal
from schemas.links import hosts_of, is_allowed_link
from schemas.program import Brand, Program
from schemas.recommendation import MOST_SPARES, Recommendation
from services.composer.core.brief import course_texts
from services.composer.core.dialogue import refused
from services.composer.core.gate.judge import unsafe
from services.composer.core.gate.known import Known, known_from
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.locale import Locales, locale_of
from services.composer.core.values import Finding, Prompt

ATTEMPT = "course"


def mailable(
    recommendation: Recommendation, program: Program, prompt: Prompt, lexicons: Lexicons, locales: Locales
) -> tuple[Recommendation | None, tuple[Refusal, ...]]:
    """The recommendation with the first of its courses that can be mailed by name, and why those before it cannot.

    The pick stays what was picked. Where none can be named it is the first whose link may be mailed, under generic
    words; where there is none such, None.
    """
    dropped: list[Refusal] = []
    locale, banned = locale_of(recommendation.request.language, program, locales), program.brand.banned_claims
    fitting = (*recommendation.also, *recommendation.spares)[:MOST_SPARES]
    for course in (recommendation.course, *fitting):
        known = known_from(locale.language, course_texts(course, locale), banned, prompt, lexicons)
        if not (findings := _findings(course, known, program.brand)):
            return _about(recommendation, course), tuple(dropped)
        dropped += refused(ATTEMPT, findings)
    hosts = hosts_of(program.brand)
    linked = (each for each in (recommendation.course, *fitting) if is_allowed_link(each.url, hosts))
    nameless = next((_about(recommendation, each) for each in linked), None)
    return nameless, tuple(dropped)


def _findings(course: Course, known: Known, brand: Brand) -> tuple[Finding, ...]:
    """What keeps this course out of a mail, where its link leads, or out of its words: its title."""
    found = [*unsafe(" ".join(course.title.split()), known)]
    if not is_allowed_link(course.url, hosts_of(brand)):
        found.append(Finding("mail_links", course.url[:120]))
    return tuple(Finding(each.rule, f"{course.id}: {each.detail}") for each in found)


def _about(recommendation: Recommendation, course: Course) -> Recommendation:
    if course is recommendation.course:
        return recommendation
    also = tuple(each for each in recommendation.also if each is not course)
    return recommendation.model_copy(update={"course": course, "also": also, "spares": ()})
