"""The composer's values: what a text may say, the text, the letter, and why there is none."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from schemas.course import Course
from schemas.decision import NotTold, Refusal
from schemas.recommendation import Asked
from schemas.voice import SILENT, Voice
from schemas.words import ActWords
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.locale import Locale

Author: TypeAlias = Literal["model", "house"]
"""Whose phrases a copy is made of: a model's, or those of the words by language."""


class Wait(StrEnum):
    """Why a recommendation is set aside."""

    SUPPRESSIONS_UNREAD = "suppressions_unread"


class Reason(StrEnum):
    """Why a trigger ended here without a mail, or `composed`."""

    COMPOSED = "composed"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    GATE = "gate"  # none of its courses has a link that may be mailed
    RENDER = "render"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the text may say, by the id a sentence cites it with.

    `is_course`: from the catalogue or the brand, which may carry numbers and names; what a person typed may not.
    """

    id: str
    text: str
    is_course: bool = True


@dataclass(frozen=True, slots=True)
class Further:
    """One more course as a mail lists it; every text is the catalogue's or our own, and `note` may be empty."""

    course_id: str
    title: str
    line: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Brief:
    """All the text may say, and in which language. Nothing in it says where anybody clicked.

    `further` are listed by code below the course: no text speaks of them. A field that is None, or empty, is not
    known, or the gate would refuse it: words without it stand in its place. `stage` is that of the job.
    """

    decision_id: str
    locale: Locale
    is_default_language: bool
    act: ActWords
    conversion: str | None
    job: str | None
    goal: str | None
    interest: Fact | None
    topic: str | None
    company: str | None
    course: Course
    title: str | None
    sentences: tuple[str, ...]
    takeaways: tuple[str, ...]
    skills: tuple[str, ...]
    level: str
    duration: str | None
    facts: tuple[Fact, ...]
    brand: str
    tone: str
    banned: tuple[str, ...]
    lexicons: Lexicons
    further: tuple[Further, ...] = ()
    not_told: tuple[NotTold, ...] = ()
    voice: Voice = SILENT
    stage: str = ""

    @property
    def language(self) -> str:
        """The mail's language."""
        return self.locale.language

    def fact(self, identifier: str) -> Fact | None:
        """The fact of this id, if there is one."""
        return next((fact for fact in self.facts if fact.id == identifier), None)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and the ids of the facts it stands on."""

    text: str
    cites: tuple[str, ...]


class Field(StrEnum):
    """Where a line stands in a mail."""

    SUBJECT = "subject"
    PREHEADER = "preheader"
    SENTENCE = "sentence"
    BUTTON = "button"


@dataclass(frozen=True, slots=True)
class Line:
    """One text of a mail, where it stands, and the ids of the facts it stands on.

    A sentence must cite; another line that does not is judged by the whole brief, as records of before are.
    """

    field: Field
    text: str
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """The words of one mail; greeting, lesson, course card and footer come from code in every rung.

    `author` says whose phrases they are: of our own only what stands in their slots is to be proved.
    """

    subject: str
    preheader: str
    sentences: tuple[Sentence, ...]
    call_to_action: str
    subject_cites: tuple[str, ...] = ()
    preheader_cites: tuple[str, ...] = ()
    call_to_action_cites: tuple[str, ...] = ()
    author: Author = "model"

    def lines(self) -> tuple[Line, ...]:
        """Every text of it with its place, in the order of reading."""
        return (
            Line(Field.SUBJECT, self.subject, self.subject_cites),
            Line(Field.PREHEADER, self.preheader, self.preheader_cites),
            *(Line(Field.SENTENCE, each.text, each.cites) for each in self.sentences),
            Line(Field.BUTTON, self.call_to_action, self.call_to_action_cites),
        )

    def pieces(self) -> tuple[str, ...]:
        """Every text of it."""
        return tuple(each.text for each in self.lines())


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule of the gate that refused, what it saw, and the line it saw it in; of a whole mail none."""

    rule: str
    detail: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as committed: its id with version, its text, and the canary that no answer may hold."""

    id: str
    text: str
    canary: str


@dataclass(frozen=True, slots=True)
class Composed:
    """Words that passed the gate, the rung that wrote them, and all that was asked and refused on the way."""

    copy: Copy
    rung: Literal["llm", "template"]
    asked: tuple[Asked, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """Every slot of the templates, as plain text: the renderer escapes it and adds only layout."""

    language: str
    subject: str
    preheader: str
    greeting: str
    opening: str
    lesson_title: str
    lesson: tuple[str, ...]
    bridge: str
    card_label: str
    course_title: str
    course_line: str
    skills: str
    button: str
    course_url: str
    closing: str
    sender: str
    explanation: str
    postal_address: str
    unsubscribe_label: str
    unsubscribe_url: str
    further_title: str = ""
    further: tuple[Further, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter as both parts of a mail."""

    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Unrendered:
    """The renderer would not: what it said."""

    detail: str
