"""Small change of a language: lists, durations, dates, capitals, and choosing a variant."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from schemas.course import Course
from services.composer.core.words import Words

HOUR_MINUTES = 60


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


def joined(items: Sequence[str], words: Words) -> str:
    """`a, b and c`, with the conjunction that the last item's first sound wants."""
    if len(items) < 2:  # noqa: PLR2004 a list of one has no conjunction
        return "".join(items)
    last = items[-1].casefold()
    conjunction = next((form for start, form in words.and_before.items() if last.startswith(start)), words.and_)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def counted(number: int, forms: tuple[str, str]) -> str:
    """The number with its noun, singular or plural."""
    return forms[number != 1].format(n=number)


def duration(minutes: int | None, words: Words) -> str | None:
    """`2 hours and 30 minutes`; None where it is not known."""
    if minutes is None:
        return None
    hours, rest = divmod(minutes, HOUR_MINUTES)
    parts = [counted(hours, words.hours)] if hours else []
    return joined([*parts, counted(rest, words.minutes)] if rest else parts, words)


def lessons(count: int, words: Words) -> str:
    """`11 lessons`."""
    return counted(count, words.lessons)


def course_line(course: Course, language: str, words: Words) -> str:
    """Level, duration, lessons, and the language where it is not the letter's."""
    level = words.levels[course.level]
    parts = [
        words.level_line.format(level=level, Level=capitalised(level)),
        duration(course.duration_minutes, words) or "",
        lessons(course.lessons, words) if course.lessons else "",
    ]
    if course.language != language:
        parts.append(words.taught_in.format(language=words.language_names.get(course.language, course.language)))
    return " · ".join(part for part in parts if part)


def dated(instant: datetime, words: Words) -> str:
    """The day in words."""
    return words.date.format(day=instant.day, month=words.months[instant.month - 1], year=instant.year)


def quoted(text: str, words: Words) -> str:
    """The text in the language's quotation marks."""
    return f"{words.quotes[0]}{text}{words.quotes[1]}"


def capitalised(text: str) -> str:
    """The text with a capital first letter and the rest untouched."""
    return text[:1].upper() + text[1:]


def decapitalised(text: str) -> str:
    """The text with a small first letter, unless its first word is an abbreviation."""
    return text[:1].lower() + text[1:] if not text[:2].isupper() else text
