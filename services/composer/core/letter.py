"""The letter: every slot of the templates, from the copy, the brief and the brand. Links and footer come from here."""

from schemas.identity import message_id_of
from schemas.names import first_name
from schemas.program import Brand
from schemas.recommendation import Recommendation
from schemas.signing import Seal
from schemas.words import Words
from services.composer.core.phrasing import course_line, quoted
from services.composer.core.template import chosen, lesson_title, skills_line
from services.composer.core.values import Brief, Copy, Letter

SKILLS_SHOWN = 4


def letter_of(copy: Copy, brief: Brief, recommendation: Recommendation, brand: Brand, seal: Seal) -> Letter:
    """The letter; `seal` closes the unsubscribe link, and the lesson stands before the first sentence on the course."""
    locale, words, course = brief.locale, brief.locale.words, brief.course
    opening, bridge = split(copy, locale.gap)
    line = course_line(course, locale)
    why = explanation(brief, recommendation, brand)
    unsubscribe = unsubscribe_url(recommendation, brand, brief.language, seal)
    return Letter(
        language=brief.language,
        subject=copy.subject,
        preheader=copy.preheader,
        greeting=greeting(brief, recommendation.request.recipient.name, words),
        opening=opening,
        lesson_title=lesson_title(brief),
        lesson=brief.takeaways,
        bridge=bridge,
        card_label=chosen(brief.decision_id, "card", words.card_label),
        course_title=brief.title or words.generic_title,
        course_line=line,
        skills=skills_line(brief.decision_id, brief.skills[:SKILLS_SHOWN], locale),
        button=copy.call_to_action,
        course_url=course.url,
        closing=chosen(brief.decision_id, "closing", words.closing),
        sender=brand.sender.name,
        explanation=why,
        postal_address=" ".join(brand.postal_address.split()),
        unsubscribe_label=words.unsubscribe,
        unsubscribe_url=unsubscribe,
        further_title=words.further_title,
        further=brief.further,
    )


def split(copy: Copy, gap: str = " ") -> tuple[str, str]:
    """The sentences before the first that cites the course, and the rest; each as one paragraph."""
    texts = [each.text for each in copy.sentences]
    about = (any(cite.startswith("course:") for cite in each.cites) for each in copy.sentences)
    first = next((number for number, is_course in enumerate(about) if is_course), len(texts))
    return gap.join(texts[:first]), gap.join(texts[first:])


def greeting(brief: Brief, name: str | None, words: Words) -> str:
    """The greeting, by the verified first name where there is a plain one."""
    known = first_name(name)
    if known is None:
        return chosen(brief.decision_id, "greeting", words.greeting)
    return chosen(brief.decision_id, "greeting", words.greeting_named).format(name=known)


def explanation(brief: Brief, recommendation: Recommendation, brand: Brand) -> str:
    """Why this mail was received, in plain words."""
    words = brief.locale.words
    because = brief.act.because if brief.conversion else brief.act.because_untitled
    return words.explanation.format(
        because=because.format(conversion=quoted(brief.conversion or "", words)),
        date=brief.locale.forms.date(recommendation.request.consent.captured_at),
        brand=brand.name,
    )


def unsubscribe_url(recommendation: Recommendation, brand: Brand, language: str, seal: Seal) -> str:
    """The one-click link: a sealed token of message, person, address key, purpose and language."""
    request = recommendation.request
    fields = (
        message_id_of(request.decision_id),
        request.person,
        request.recipient.address_key,
        request.consent.purpose,
        language,
    )
    return f"{brand.public_url}/u/{seal.seal(fields)}"
