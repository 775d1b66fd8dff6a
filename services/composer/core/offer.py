"""The course that is mailed: the one picked, or the next that fits where that one can be in no mail of the brand's."""

from dataclasses import dataclass, replace

from schemas.course import Course
from schemas.decision import Refusal
from schemas.links import hosts_of, is_allowed_link
from schemas.program import Program
from schemas.recommendation import MOST_SPARES, Recommendation
from services.composer.core.gate.judge import unsafe
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.locale import Locale, Locales, locale_of
from services.composer.core.phrasing import lessons
from services.composer.core.values import Finding, Prompt

ATTEMPT = "course"


@dataclass(frozen=True, slots=True)
class Offer:
    """One course to one lead: the recommendation about it, the mail's language, what the course lets a text say.

    `linked` are the addresses of the recommendation's courses that a mail may lead to.
    """

    recommendation: Recommendation
    locale: Locale
    known: Known
    linked: frozenset[str]


def mailable(
    recommendation: Recommendation, program: Program, prompt: Prompt, lexicons: Lexicons, locales: Locales
) -> tuple[Offer | None, tuple[Refusal, ...]]:
    """The first of the recommendation's courses that can be mailed by name, and why those before it cannot.

    The pick stays what was picked. Where none can be named it is the first whose link may be mailed, under generic
    words; where there is none such, None.
    """
    dropped: list[Refusal] = []
    nameless: Offer | None = None
    frame = _frame(recommendation, program, prompt, lexicons, locales)
    for course in (recommendation.course, *(*recommendation.also, *recommendation.spares)[:MOST_SPARES]):
        offer = _about(course, frame)
        found = [*unsafe(" ".join(course.title.split()), offer.known)]
        if course.url not in offer.linked:
            found.append(Finding("mail_links", course.url[:120]))
        elif nameless is None:
            nameless = offer
        if not found:
            return offer, tuple(dropped)
        dropped += (Finding(each.rule, f"{course.id}: {each.detail}").refusal(ATTEMPT) for each in found)
    return nameless, tuple(dropped)


def offer_of(
    recommendation: Recommendation, program: Program, prompt: Prompt, lexicons: Lexicons, locales: Locales
) -> Offer:
    """The offer of the course that was picked, whatever it is."""
    return _about(recommendation.course, _frame(recommendation, program, prompt, lexicons, locales))


def _frame(
    recommendation: Recommendation, program: Program, prompt: Prompt, lexicons: Lexicons, locales: Locales
) -> Offer:
    """What every offer of this recommendation has, whichever its course."""
    brand, hosts = program.brand, hosts_of(program.brand)
    locale = locale_of(recommendation.request.language, program, locales)
    courses = (recommendation.course, *recommendation.also, *recommendation.spares)
    linked = frozenset(each.url for each in courses if is_allowed_link(each.url, hosts))
    known = Known(locale.language, lexicons, prompt, banned=brand.banned_claims, voice=brand.voice)
    return Offer(recommendation, locale, known, linked)


def _about(course: Course, frame: Offer) -> Offer:
    """The offer of one of its courses; any but the picked one leaves no spare."""
    about, texts = frame.recommendation, _texts(course, frame.locale)
    if course is not about.course:
        also = tuple(each for each in about.also if each is not course)
        about = about.model_copy(update={"course": course, "also": also, "spares": ()})
    return replace(frame, recommendation=about, known=frame.known.saying(texts))


def _texts(course: Course, locale: Locale) -> tuple[str, ...]:
    """What the catalogue says of a course, as the rules take it for known."""
    length = locale.forms.duration(course.duration_minutes) if course.duration_minutes else ""
    numbers = (length, lessons(course.lessons or 0, locale))
    return (course.title, course.description, *course.takeaways, *course.skills, *numbers)
