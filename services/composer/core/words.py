"""The fixed words of one language, as data: `template.py` and `letter.py` fill the slots in braces.

Where a phrase has variants, the decision's id chooses. A phrase whose slot is empty is never chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.course import Level
from services.composer.core.values import Act

Variants = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """One language."""

    # subject and preheader
    subjects: Variants
    preheaders: Variants
    # the body, in its order
    thanks: Mapping[Act, Variants]
    thanks_untitled: Mapping[Act, Variants]
    job: Variants
    topic: Variants
    lesson: Variants
    source: Variants
    introduction: Variants
    fit: Mapping[Act, Variants]
    fit_company: Variants
    call_to_action: Variants
    # what code adds in every rung
    greeting: Variants
    greeting_named: Variants
    lesson_title: Mapping[int, Variants]
    card_label: str
    skills_label: str
    further_title: str
    closing: Variants
    because: Mapping[Act, str]
    because_untitled: Mapping[Act, str]
    explanation: str
    unsubscribe: str
    # small change
    levels: Mapping[Level, str]
    level_line: str
    hours: tuple[str, str]
    minutes: tuple[str, str]
    lessons: tuple[str, str]
    and_: str
    and_before: Mapping[str, str]
    months: tuple[str, ...]
    date: str
    quotes: tuple[str, str]
    taught_in: str
    language_names: Mapping[str, str]
    generic_topic: str
