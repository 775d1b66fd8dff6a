"""The lowest rung: a letter composed from the brief alone, good enough to be read for itself.

Variants are chosen by the decision's id, so two leads seldom get the same skeleton and one lead always gets hers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.composer.core.brief import WORDS
from services.composer.core.phrasing import capitalised, chosen, decapitalised, joined, quoted, rotated
from services.composer.core.values import Brief, Copy, Sentence
from services.composer.core.words import Words

SUBJECT = (30, 60)  # characters: whole on a phone, and long enough to be about something
PREHEADER = (30, 90)
QUOTED_WORDS = 38  # of the course's own description
QUOTED_SENTENCES = 4
COUNTS: Mapping[str, tuple[str, ...]] = {"en": ("one", "two", "three"), "es": ("una", "dos", "tres")}
NOTE_CHARACTERS = 70  # of the first takeaway, in a preheader
FEW = 2  # below so many notes a subject does not count them


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the mail: its variants, and its shortest and longest measure in characters."""

    name: str
    variants: tuple[str, ...]
    measure: tuple[int, int]


def template_copy(brief: Brief) -> Copy:
    """The copy of the grounded template; its sentences quote the course and cite what they stand on."""
    words = WORDS[brief.language]
    slots = _slots(brief, words)
    subject = _fitting(brief, Place("subject", words.subjects, SUBJECT), slots)
    return Copy(
        subject=subject,
        preheader=_fitting(brief, Place("preheader", words.preheaders, PREHEADER), slots, unlike=subject),
        sentences=(*_opening(brief, words, slots), *_bridge(brief, words, slots)),
        call_to_action=chosen(brief.decision_id, "call", words.call_to_action),
        author="house",
    )


def _opening(brief: Brief, words: Words, slots: Mapping[str, str]) -> Iterator[Sentence]:
    if brief.conversion:
        thanks, cite = words.thanks[brief.act], "fact:conversion"
    else:
        thanks, cite = words.thanks_untitled[brief.act], "fact:act"
    yield Sentence(chosen(brief.decision_id, "thanks", thanks).format(**slots), (cite,))
    if brief.job:
        yield Sentence(chosen(brief.decision_id, "job", words.job).format(**slots), ("fact:job",))
    else:
        yield Sentence(chosen(brief.decision_id, "topic", words.topic).format(**slots), ("fact:topic",))
    if brief.takeaways:
        yield Sentence(chosen(brief.decision_id, "lesson", words.lesson), ("fact:topic",))


def _bridge(brief: Brief, words: Words, slots: Mapping[str, str]) -> Iterator[Sentence]:
    source = words.source if brief.takeaways else words.introduction
    yield Sentence(chosen(brief.decision_id, "source", source).format(**slots), ("course:title",))
    yield from _description(brief)
    yield Sentence(chosen(brief.decision_id, "fit", words.fit[brief.act]), ("fact:act",))
    if brief.company:
        company = chosen(brief.decision_id, "company", words.fit_company).format(**slots)
        yield Sentence(company, ("fact:company",))


def _description(brief: Brief) -> Iterator[Sentence]:
    """The course's own first sentences, whole, up to a measure."""
    used = 0
    for number, text in enumerate(brief.sentences[:QUOTED_SENTENCES]):
        used += len(text.split())
        if used > QUOTED_WORDS:
            return
        yield Sentence(text, (f"course:description.{number}",))


def _slots(brief: Brief, words: Words) -> dict[str, str]:
    """What the phrases' braces mean; an empty text rules out every variant that needs it."""
    notes = len(brief.takeaways)
    count = COUNTS[brief.language][notes - 1] if notes >= FEW else ""
    skill = brief.skills[0] if brief.skills else ""
    two = joined(brief.skills[:2], words) if len(brief.skills) > 1 else ""
    return {
        "title": quoted(brief.title, words),
        "topic": brief.topic,
        "Topic": capitalised(brief.topic),
        "conversion": quoted(brief.conversion, words) if brief.conversion else "",
        "job": decapitalised(brief.job or ""),
        "company": brief.company or "",
        "count": count,
        "Count": capitalised(count),
        "skill": skill,
        "note": shortened(brief.takeaways[0], NOTE_CHARACTERS) if brief.takeaways else "",
        "two_skills": two,
    }


def _fitting(brief: Brief, place: Place, slots: Mapping[str, str], *, unlike: str = "") -> str:
    """The first variant, from the decision's on, that has all its slots and fits; else the one nearest to fitting."""
    least, most = place.measure
    bare = {**slots, "title": brief.title} if place.name == "subject" else slots
    missing = [name for name, text in slots.items() if not text]
    texts = [
        each.format(**bare)
        for each in rotated(brief.decision_id, place.name, place.variants)
        if not any(f"{{{name}}}" in each for name in missing)
    ]
    fitting = [each for each in texts if least <= len(each) <= most and _is_news(each, unlike, brief)]
    if fitting:
        return fitting[0]
    return shortened(min(texts, key=lambda each: max(least - len(each), len(each) - most)), most)


def _is_news(text: str, unlike: str, brief: Brief) -> bool:
    """True unless both lines would show the same title."""
    return not (brief.title in text and brief.title in unlike)


def shortened(text: str, most: int) -> str:
    """The text, or as many of its first words as fit before an ellipsis."""
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0].rstrip(' ,:;“«')}…"
