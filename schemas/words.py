"""The fixed words of one language, as data: `words/<language>.yaml`, shipped with the composer or a business's own.

Slots stand in braces. Where a phrase has variants, the decision's id chooses one whose slots can all be filled.
"""

from collections.abc import Callable
from string import Formatter
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints

from schemas.course import Level
from schemas.values import Value

MOST_CHARACTERS = 300  # of one phrase
PluralForm: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(zero|one|two|few|many|other)$")]  # of CLDR


def with_slots(*allowed: str) -> AfterValidator:
    """A check that a phrase has no slot but these."""
    return AfterValidator(_only(frozenset(allowed)))


def _only(allowed: frozenset[str]) -> Callable[[str], str]:
    def check(phrase: str) -> str:
        expected = ", ".join(f"{{{each}}}" for each in sorted(allowed)) or "none"
        try:
            parts = [*Formatter().parse(phrase)]
        except ValueError as error:
            raise ValueError(f"expected slots in braces, of {expected}: {error}") from None
        for _, name, spec, conversion in parts:
            if name is not None and (name not in allowed or spec or conversion):
                raise ValueError(f"expected no slot but {expected}; {{{name}}} came")
        return phrase

    return check


Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS)]
Plain: TypeAlias = Annotated[Text, with_slots()]
OfAct: TypeAlias = Annotated[Text, with_slots("conversion")]
OfFit: TypeAlias = Annotated[Text, with_slots("count")]
Line: TypeAlias = Annotated[
    Text,
    with_slots(
        "company", "conversion", "count", "Count", "goal", "interest", "Interest", "Job", "note", "skill", "title",
        "topic", "Topic", "two_skills",
    ),
]  # fmt: skip
Plains: TypeAlias = Annotated[tuple[Plain, ...], Field(min_length=1)]
Lines: TypeAlias = Annotated[tuple[Line, ...], Field(min_length=1)]


class ActWords(Value):
    """How a mail speaks of what the lead did, in one language; `{conversion}` is its title in quotation marks.

    `because` completes the sentence that says why a mail was received; `untitled` serves where no title is known.
    """

    subjects: tuple[Line, ...] = Field(default=(), description="of this act alone; they go before those of all acts")
    thanks: Annotated[tuple[OfAct, ...], Field(min_length=1, description="first line of the mail")]
    thanks_untitled: Plains
    because: OfAct
    because_untitled: Plain
    fit: Annotated[tuple[OfFit, ...], Field(min_length=1)] = Field(
        description="why the course goes with that act; the last line before its card; `{count}` of the notes"
    )


class PlainWords(Value):
    """The plainest mail: nothing of it is the lead's or the course's, so it stands where all else is refused."""

    subject: Plain
    preheader: Plain
    opening: Plain
    course: Plain
    call_to_action: Plain


class Words(Value):
    """One language."""

    language: Plain = Field(description="its name, with the form of address, as a model is told it")
    locale: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(_[A-Z][A-Za-z]+)*$")] = Field(
        description="of CLDR: how lists, counts, lengths, dates, money and languages are written"
    )
    quotes: tuple[str, str]
    lowers: bool = Field(default=True, description="a title loses its capital inside a sentence; in German it does not")
    spaces: bool = Field(default=True, description="words stand apart, and sentences; in Japanese they do not")
    and_before: dict[str, tuple[str, str]] = Field(
        default={}, description="a list's last item that begins so: the conjunction it has, and the one it wants"
    )
    # subject and preheader; `leads` need something of the lead and go first
    subjects_of_leads: Lines
    subjects: Lines
    preheaders: Lines
    # the body, in its order
    act: ActWords = Field(description="of an act that the business says nothing of")
    job: Annotated[tuple[Annotated[Text, with_slots("job")], ...], Field(min_length=1)]
    goal: Annotated[tuple[Annotated[Text, with_slots("goal")], ...], Field(min_length=1)]
    interest: Lines
    topic: Lines
    source: Lines
    introduction: Lines
    fit_company: Lines
    call_to_action: Plains
    plain: PlainWords
    # what code adds in every rung
    greeting: Plains
    greeting_named: Annotated[tuple[Annotated[Text, with_slots("name")], ...], Field(min_length=1)]
    lesson_title: Plains
    lesson_titles: Lines
    card_label: Plains
    skills_line: Annotated[tuple[Annotated[Text, with_slots("skills")], ...], Field(min_length=1)]
    further_title: Plain
    closing: Plains
    explanation: Annotated[Text, with_slots("because", "date", "brand")]
    unsubscribe: Plain
    # small change
    levels: dict[Level, Plain]
    level_line: Annotated[Text, with_slots("level", "Level")]
    lessons: dict[PluralForm, Annotated[Text, with_slots("n")]]
    counts: dict[Literal[2, 3], Plain] = Field(description="two and three, as a subject counts notes")
    taught_in: Annotated[Text, with_slots("language")]
    generic_topic: Plain
    generic_title: Plain = Field(description="stands for a course that cannot be named")
