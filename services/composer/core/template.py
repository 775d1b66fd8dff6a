"""The lowest rung: a letter composed from the brief alone, good enough to be read for itself.

Variants are chosen by the decision's id, so two leads seldom get the same skeleton and one lead always gets theirs.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.composer.core.locale import Locale
from services.composer.core.phrasing import capitalised, inside, quoted
from services.composer.core.values import Brief, Copy, Sentence

SUBJECT = (30, 60)  # characters: whole on a phone, and long enough to be about something
PREHEADER = (30, 90)
DENSE_SUBJECT = (12, 32)  # where a character is a syllable or a word
DENSE_PREHEADER = (14, 48)
QUOTED_WORDS = 38  # of the course's own description
WORD_CHARACTERS = 3  # of a language that writes no spaces
QUOTED_SENTENCES = 4
NOTE_CHARACTERS = 70  # of the first takeaway, in a preheader
DENSE_NOTE_CHARACTERS = 36
SENTENCE_ENDS = ".!?。"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the mail: its variants, best first, the words where none can be, and its measure in characters."""

    variants: tuple[str, ...]
    plain: str
    measure: tuple[int, int]


def template_copy(brief: Brief) -> Copy:
    """The copy of the grounded template; its sentences quote the course and cite what they stand on."""
    words, slots = brief.locale.words, slots_of(brief)
    subjects = (
        *rotated(brief.decision_id, "subject", (*brief.act.subjects, *words.subjects_of_leads)),
        *rotated(brief.decision_id, "subject", words.subjects),
    )
    preheaders = rotated(brief.decision_id, "preheader", words.preheaders)
    measures = (SUBJECT, PREHEADER) if words.spaces else (DENSE_SUBJECT, DENSE_PREHEADER)
    bare = {**slots, "title": brief.title or ""}
    subject = _fitting(brief, Place(subjects, words.plain.subject, measures[0]), bare)
    return Copy(
        subject=subject,
        preheader=_fitting(brief, Place(preheaders, words.plain.preheader, measures[1]), slots, unlike=subject),
        sentences=(*_opening(brief, slots), *_bridge(brief, slots)),
        call_to_action=chosen(brief.decision_id, "call", words.call_to_action),
        author="house",
    )


def plain_copy(brief: Brief) -> Copy:
    """The copy that nothing of the lead or the course is in."""
    plain = brief.locale.words.plain
    sentences = (Sentence(plain.opening, ("fact:topic",)), Sentence(plain.course, ("course:level", "fact:topic")))
    return Copy(plain.subject, plain.preheader, sentences, plain.call_to_action, author="house")


def lesson_title(brief: Brief) -> str:
    """The heading over the course's notes, which counts them where it can."""
    words, slots = brief.locale.words, slots_of(brief)
    if not slots["count"]:
        return chosen(brief.decision_id, "lesson_title", words.lesson_title)
    return said(brief, "lesson_title", words.lesson_titles, slots) or words.lesson_title[0]


def skills_line(decision_id: str, skills: Sequence[str], locale: Locale) -> str:
    """What a course practises, as a line of its own; empty where nothing is known of it."""
    listed = locale.forms.joined(skills)
    return chosen(decision_id, "skills", locale.words.skills_line).format(skills=listed) if skills else ""


def variant(decision_id: str, place: str, count: int) -> int:
    """A number below `count`, the same for one decision and place for ever, evenly spread over decisions."""
    digest = hashlib.sha256(f"{decision_id}|{place}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % count


def chosen(decision_id: str, place: str, variants: Sequence[str]) -> str:
    """The decision's variant for this place."""
    return variants[variant(decision_id, place, len(variants))]


def rotated(decision_id: str, place: str, variants: Sequence[str]) -> tuple[str, ...]:
    """All variants, beginning with the decision's."""
    start = variant(decision_id, place, len(variants))
    return (*variants[start:], *variants[:start])


def _opening(brief: Brief, slots: Mapping[str, str]) -> Iterator[Sentence]:
    act = brief.act
    thanks, cite = (act.thanks, "fact:conversion") if brief.conversion else (act.thanks_untitled, "fact:act")
    yield Sentence(chosen(brief.decision_id, "thanks", thanks).format(**slots), (cite,))
    yield _about(brief, slots)


def _about(brief: Brief, slots: Mapping[str, str]) -> Sentence:
    """What the lead may want to get done: the job, their goal, what else they are interested in, or the topic."""
    words = brief.locale.words
    if brief.job:
        return Sentence(chosen(brief.decision_id, "job", words.job).format(**slots), ("fact:job",))
    if brief.goal:
        return Sentence(chosen(brief.decision_id, "goal", words.goal).format(**slots), ("fact:goal",))
    if brief.interest and (text := said(brief, "interest", words.interest, slots)):
        return Sentence(text, (brief.interest.id, "fact:topic"))
    text = said(brief, "topic", words.topic, slots)
    return Sentence(text or words.plain.opening, ("fact:topic",))


def _bridge(brief: Brief, slots: Mapping[str, str]) -> Iterator[Sentence]:
    words = brief.locale.words
    source = words.source if brief.takeaways else words.introduction
    text = said(brief, "source", source, slots) or words.plain.course
    yield Sentence(text, ("course:title" if brief.title else "course:level", "fact:topic"))
    yield from _description(brief)
    company = said(brief, "company", words.fit_company, slots) if brief.company else ""
    if company:
        yield Sentence(company, ("fact:company",))
    elif fit := said(brief, "fit", brief.act.fit, slots):
        yield Sentence(fit, ("fact:act",))


def _description(brief: Brief) -> Iterator[Sentence]:
    """The course's own first sentences, whole, up to a measure."""
    used = 0
    for number, text in enumerate(brief.sentences[:QUOTED_SENTENCES]):
        used += len(text.split()) if brief.locale.words.spaces else len(text) // WORD_CHARACTERS
        if used > QUOTED_WORDS:
            return
        yield Sentence(text, (f"course:description.{number}",))


def slots_of(brief: Brief) -> dict[str, str]:
    """What the phrases' braces mean; an empty text rules out every variant that needs it."""
    words = brief.locale.words
    count = next((word for number, word in words.counts.items() if number == len(brief.takeaways)), "")
    topic, interest = brief.topic or "", brief.interest.text if brief.interest else ""
    most = NOTE_CHARACTERS if words.spaces else DENSE_NOTE_CHARACTERS
    note = shortened(brief.takeaways[0], most) if brief.takeaways else ""
    return {
        "title": quoted(brief.title, words) if brief.title else "",
        "topic": topic,
        "Topic": capitalised(topic),
        "interest": interest,
        "Interest": capitalised(interest),
        "conversion": quoted(brief.conversion, words) if brief.conversion else "",
        "job": inside(brief.job or "", words),
        "Job": capitalised((brief.job or "").rstrip(SENTENCE_ENDS)),
        "goal": quoted(brief.goal, words) if brief.goal else "",
        "company": brief.company or "",
        "count": count,
        "Count": capitalised(count),
        "skill": brief.skills[0] if brief.skills else "",
        "note": note,
        "two_skills": brief.locale.forms.joined(brief.skills[:2]) if len(brief.skills) > 1 else "",
    }


def _filled(variants: Sequence[str], slots: Mapping[str, str]) -> Iterator[str]:
    """The variants all of whose slots hold something, filled."""
    missing = [name for name, text in slots.items() if not text]
    return (each.format(**slots) for each in variants if not any(f"{{{name}}}" in each for name in missing))


def said(brief: Brief, place: str, variants: Sequence[str], slots: Mapping[str, str]) -> str:
    """The first variant, from the decision's on, that has all its slots; empty where none has."""
    return next(_filled(rotated(brief.decision_id, place, variants), slots), "")


def _fitting(brief: Brief, place: Place, slots: Mapping[str, str], *, unlike: str = "") -> str:
    """The first variant that has all its slots and fits; else one cut to fit; else the plain words."""
    least, most = place.measure
    texts = [each for each in _filled(place.variants, slots) if _is_news(each, unlike, brief)]
    fitting = next((each for each in texts if least <= len(each) <= most), None)
    if fitting is not None:
        return fitting
    long = [each for each in texts if len(each) > most]
    return shortened(min(long, key=len), most) if long else place.plain


def _is_news(text: str, unlike: str, brief: Brief) -> bool:
    """True unless both lines would show the same title."""
    return not (brief.title and brief.title in text and brief.title in unlike)


def shortened(text: str, most: int) -> str:
    """The text, or as many of its first words as fit before an ellipsis."""
    if len(text) <= most:
        return text
    words = text[:most].rsplit(" ", 1)
    return f"{(words[0] if len(words) > 1 else text[: most - 1]).rstrip(' ,:;“«„「、')}…"
