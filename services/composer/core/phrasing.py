"""Small change of a language: counts, the line of a course, capitals, quotation marks."""

from schemas.course import Course
from schemas.words import Words
from services.composer.core.locale import Locale


def lessons(count: int, locale: Locale) -> str:
    """`11 lessons`."""
    return locale.words.lessons[locale.forms.plural(count)].format(n=locale.forms.number(count))


def course_line(course: Course, locale: Locale) -> str:
    """Level, duration, lessons, and the language where it is not the letter's."""
    words, level = locale.words, locale.words.levels[course.level]
    parts = [
        words.level_line.format(level=level, Level=capitalised(level)),
        locale.forms.duration(course.duration_minutes) if course.duration_minutes else "",
        lessons(course.lessons, locale) if course.lessons else "",
    ]
    if course.language != locale.language:
        parts.append(words.taught_in.format(language=locale.forms.language(course.language)))
    return " · ".join(part for part in parts if part)


def quoted(text: str, words: Words) -> str:
    """The text in the language's quotation marks."""
    return f"{words.quotes[0]}{text}{words.quotes[1]}"


def capitalised(text: str) -> str:
    """The text with a capital first letter and the rest untouched."""
    return text[:1].upper() + text[1:]


def inside(text: str, words: Words) -> str:
    """A title as it stands inside a sentence: with a small first letter where the language has it so.

    An abbreviation keeps its capitals in every language; the e of `e-mail` stands for a word and is small.
    """
    is_abbreviation = text[:2].isupper() and not text.startswith("E-")
    return text if not words.lowers or is_abbreviation else text[:1].lower() + text[1:]
