"""What of a row no mail will say: the rules of safety asked of each text as the composer asks them of a mail's.

Such a row is taken: its course can be found and mailed, only not in those words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from schemas.course import Course
from services.rules.cited import cited_of
from services.rules.folding import sentences
from services.rules.layer import refusing
from services.rules.safety import Safety
from services.rules.speech import banned_claim

TITLE = "title"
MOST_SENTENCES = 6  # of a description that a mail may quote, the first
MOST_NAMED = 5  # fields of one row in its sentence


@dataclass(frozen=True, slots=True)
class Judge:
    """What a mail is held to: the words and suffixes of safety, and the claims the business never makes."""

    safety: Safety
    banned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsafe:
    """A row's texts that no mail quotes: each by its field and the rule that refuses it."""

    line: int
    id: str
    found: tuple[tuple[str, str], ...]

    @property
    def sentence(self) -> str:
        """Which texts, by which rule, and what a mail does instead."""
        named = ", ".join(f"{field} ({rule})" for field, rule in self.found[:MOST_NAMED])
        rest = f" and {len(self.found) - MOST_NAMED} more" if len(self.found) > MOST_NAMED else ""
        done = (
            "no mail names the course, which gives way to another or goes under generic words"
            if any(field == TITLE for field, _ in self.found)
            else "mails leave that out"
        )
        return f"{self.id}: {named}{rest}: expected texts that a mail may quote; {done}: mend them"


def unsafe(line: int, course: Course, judge: Judge) -> Unsafe | None:
    """What of this row a mail will not say; None where all of it may be, and of a course that is withdrawn.

    What a course is about may be talked about in its texts, as it may in its mail.
    """
    if course.status != "open":
        return None
    cited = cited_of((course.title, course.description, *course.takeaways, *course.skills))
    found = tuple(
        (field, rule)
        for field, text in _texts(course)
        if (rule := refusing(text, course.language, judge.safety, cited) or _banned(text, judge)) is not None
    )
    return Unsafe(line, course.id, found) if found else None


def _texts(course: Course) -> Iterator[tuple[str, str]]:
    yield TITLE, " ".join(course.title.split())
    quoted = islice(sentences(" ".join(course.description.split())), MOST_SENTENCES)
    for name, texts in (("description", quoted), ("takeaways", course.takeaways), ("skills", course.skills)):
        yield from ((f"{name}.{number}", " ".join(text.split())) for number, text in enumerate(texts))


def _banned(text: str, judge: Judge) -> str | None:
    return None if banned_claim(text, judge.banned) is None else "banned_claim"
