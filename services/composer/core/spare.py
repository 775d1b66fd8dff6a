"""The course that is mailed: the one picked, or the next that fits where that one can be in no mail of the brand's."""

from schemas.course import Course
from schemas.decision import Refusal
from schemas.links import hosts_of, is_allowed_link
from schemas.program import Program
from schemas.recommendation import MOST_SPARES, Recommendation
from services.composer.core.brief import course_texts, language_of
from services.composer.core.dialogue import refused
from services.composer.core.gate.judge import unsafe
from services.composer.core.gate.known import known_from
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.values import Finding, Prompt

ATTEMPT = "course"


def mailable(
    recommendation: Recommendation, program: Program, prompt: Prompt, lexicons: Lexicons
) -> tuple[Recommendation, tuple[Refusal, ...]]:
    """The recommendation with the first of its courses that may be mailed, and why those before it may not.

    The pick stays what was picked. Where none may be mailed the recommendation is as it came: the gate ends it.
    """
    dropped: list[Refusal] = []
    fitting = (*recommendation.also, *recommendation.spares)[:MOST_SPARES]
    for course in (recommendation.course, *fitting):
        if not (findings := _findings(course, recommendation.request.language, program, prompt, lexicons)):
            return _about(recommendation, course), tuple(dropped)
        dropped += refused(ATTEMPT, findings)
    return recommendation, ()


def _findings(course: Course, wanted: str, program: Program, prompt: Prompt, lexicons: Lexicons) -> tuple[Finding, ...]:
    """What every copy about this course would be refused for: where its link leads, and its title."""
    language, words = language_of(wanted, program)
    known = known_from(language, course_texts(course, words), program.brand.banned_claims, prompt, lexicons)
    found = [*unsafe(" ".join(course.title.split()), known)]
    if not is_allowed_link(course.url, hosts_of(program.brand)):
        found.append(Finding("mail_links", course.url[:120]))
    return tuple(Finding(each.rule, f"{course.id}: {each.detail}") for each in found)


def _about(recommendation: Recommendation, course: Course) -> Recommendation:
    if course is recommendation.course:
        return recommendation
    also = tuple(each for each in recommendation.also if each is not course)
    return recommendation.model_copy(update={"course": course, "also": also, "spares": ()})
