"""The courses that mails showed, each as one trial: what was heard of it, and what courses.signals was told.

Nothing that names a person, or joins two signals of one, leaves here. Law: repeats, links and late events tell nothing
twice below the caps.
"""

import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from schemas.clean import CleanEvent
from schemas.standing import Outcome, Word
from services.profile.core.feedback import further, is_course, named

DECISION = 36  # characters of a decision's id, with which a row's key begins
WORD_OF: dict[str, Word] = {
    "clicked": "clicked", "unsubscribed": "refused", "complained": "refused", "converted": "converted",
}  # fmt: skip
DAY_MS = 86_400_000
MARK_BYTES = 6  # of the hash of a link; a mail has four to tell apart
MOST_CUTS = 8  # of a clicked address: what may be the link, before what was put after it
_RANK = {"": 0, "nothing": 1, "clicked": 2, "refused": 3, "converted": 4}  # in the order of a touch's words
_UNKNOWN_RANK = 5  # of a later version's word: above all, so that nothing is told after it
_CUT = re.compile("[?&#]")


class Mail(Struct, array_like=True, frozen=True, order=True, gc=False):
    """A course of a mail, the strongest outcome heard and told of it, and when the touch ends."""

    course: str
    heard: str
    told: str
    ends_ms: int


Mails: TypeAlias = dict[str, Mail]
"""By decision; a further course has a row of its own, whose key goes on with a slash and the hash of its link."""


def heard(mails: Mails, decision: str, asked_ms: int, ends_ms: int, event: CleanEvent) -> list[Outcome]:
    """What feedback about a mail says of its courses."""
    note(mails, decision, ends_ms, event)
    word = WORD_OF.get(event["feedback"]["word"], "")
    return [told for key in about(mails, decision, word, event) for told in tell(mails, key, word, asked_ms)]


def note(mails: Mails, decision: str, ends_ms: int, event: CleanEvent) -> None:
    """Note the courses of a mail."""
    course = named(event)
    row = mails.get(decision, Mail("", "", "", ends_ms))
    if not row.course and is_course(course) and all(course != mails[each].course for each in _others(mails, decision)):
        row = replace(row, course=course)
    mails[decision] = row
    for each, url in further(event).items():
        mails.setdefault(key_of(decision, hash_of(url)), Mail(each, "", "", row.ends_ms))


def tell(mails: Mails, key: str, word: Word | str, asked_ms: int) -> list[Outcome]:
    """Note a word; gives what courses.signals is told, where it is news."""
    row = mails[key]
    strongest = max(word, row.heard, key=_rank)
    is_news = bool(row.course) and _rank(strongest) > _rank(row.told)
    mails[key] = replace(row, heard=strongest, told=strongest if is_news else row.told)
    if not is_news:
        return []
    day_ms = asked_ms - asked_ms % DAY_MS  # to the millisecond it would say which decision this was
    return [Outcome(course_id=row.course, word=strongest, was=row.told or None, occurred_ms=day_ms)]


def forget(mails: Mails, decision: str) -> None:
    """Drop all that is kept of a decision's mail."""
    for key in (decision, *_others(mails, decision)):
        mails.pop(key, None)


def merge(mails: Mails, other: Mails) -> None:
    """Add the other's mails. Law: associative, commutative, idempotent."""
    for key, row in other.items():
        mails[key] = max(row, mails.get(key, row), key=lambda each: (_rank(each.told), _rank(each.heard), each))


def about(mails: Mails, decision: str, word: Word | str, event: CleanEvent) -> tuple[str, ...]:
    """The rows that a word is about: a refusal is of the whole mail, a click or conversion of one course.

    Of which one the clicked link says, else the course named; where neither is a further course's, the first.
    """
    others = _others(mails, decision)
    if not word or not others:
        return (decision,)
    if word == "refused":
        return (decision, *others)
    links = (key_of(decision, hash_of(each)) for each in _cuts(event.get("url", "")))
    of_course = (each for each in others if mails[each].course == named(event))
    return (next((each for each in links if each in mails), next(of_course, decision)),)


def key_of(decision: str, link: str) -> str:
    """The key of the row of a course, by the hash of its link; empty for the course that the mail is about."""
    return f"{decision}/{link}" if link else decision


def link_of(key: str) -> str:
    """The hash of the link with which a row's key goes on; empty where it does not."""
    return key[DECISION + 1 :]


def hash_of(url: str) -> str:
    """By which a link is known again."""
    return blake2b(url.encode(), digest_size=MARK_BYTES).hexdigest()


def count_of(mails: Mails, decision: str) -> int:
    """How many links of courses the mail is known to have."""
    return 1 + len(_others(mails, decision))


def _others(mails: Mails, decision: str) -> tuple[str, ...]:
    """The rows of the further courses of the decision's mail."""
    return tuple(sorted(each for each in mails if each != decision and each[:DECISION] == decision))


def _rank(word: str) -> int:
    return _RANK.get(word, _UNKNOWN_RANK)


def _cuts(url: str) -> Iterator[str]:
    """The address, then ever less of what trackers may have put after a link."""
    yield url
    for end in reversed([match.start() for match in _CUT.finditer(url)][:MOST_CUTS]):
        yield url[:end]
