"""What courses.signals is told: a course taken, once per person and course; what became of a mail, once per word.

A mail that shows several courses is one trial of each: a row of its own tells what became of it. Nothing that names a
person, or joins two signals of one, leaves here. Law: repeats, links and late events tell nothing twice below the caps.
"""

import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from schemas.clean import CleanEvent
from schemas.course import SLUG_PATTERN
from schemas.standing import EARLIER_KEPT, Outcome, Taken, Word
from services.profile.core.rules import Rules
from services.profile.core.state import DECISION, MAX_TOOK, State, keep_newest

WORD_OF: dict[str, Word] = {
    "clicked": "clicked", "unsubscribed": "refused", "complained": "refused", "converted": "converted",
}  # fmt: skip
_RANK = {"": 0, "nothing": 1, "clicked": 2, "refused": 3, "converted": 4}  # in the order of a touch's words
_UNKNOWN_RANK = 5  # of a later version's word: above all, so that nothing is told after it
REACHED = frozenset({"sent", "delivered", "autoresponded", "opened", "clicked", "converted"})  # what may have been read
DAY_MS = 86_400_000
MARK_BYTES = 6  # of the hash of a link; a mail has four to tell apart
MOST_CUTS = 8  # of a clicked address: what may be the link, before what was put after it
_CUT = re.compile("[?&#]")
_SLUG = re.compile(SLUG_PATTERN.removesuffix("$"))


def is_course(item: str) -> bool:
    """True if a catalogue can hold a course of this id; what else a person takes is told nobody."""
    return _SLUG.fullmatch(item) is not None


def took(state: State, course: str, time_ms: int) -> list[Taken | Outcome]:
    """What taking a course says: that it was taken, where this is new; that a mail which recommended it led to it."""
    if not is_course(course):
        return []
    told: list[Taken | Outcome] = []
    times: dict[str, int] = state["took"]
    if course not in times:
        newest = sorted(times, key=lambda each: (-times[each], each))
        later = [each for each in newest if times[each] > time_ms]
        told.append(
            Taken(
                course_id=course,
                earlier=tuple(each for each in newest if times[each] <= time_ms)[:EARLIER_KEPT],
                later=tuple(later[-EARLIER_KEPT:]),
                occurred_ms=time_ms,
            )
        )
    times[course] = min(time_ms, times.get(course, time_ms))
    keep_newest(times, MAX_TOOK)
    for key, row in list(state["mail"].items()):
        if row[0] == course and (touch := state["touch"].get(key[:DECISION])) and touch[0] <= time_ms <= row[3]:
            told += _heard(state, key, "converted")
    return told


def named(event: CleanEvent) -> str:
    """The course that feedback names: as a rule the one its mail is about; empty where it names none."""
    course = (event.get("properties") or {}).get("course")
    return course if isinstance(course, str) else ""


def further(event: CleanEvent) -> dict[str, str]:
    """The courses that feedback says its mail showed beside the one it is about, and where their links lead."""
    also, first = event["feedback"].get("also", {}), named(event)
    return {course: url for course, url in also.items() if is_course(course) and course != first}


def heard(state: State, decision: str, event: CleanEvent, rules: Rules) -> list[Taken | Outcome]:
    """What trusted feedback about a touch says of the courses that its mail showed."""
    touch, mails, course = state["touch"][decision], state["mail"], named(event)
    if touch[4] != "ask":
        return []
    known, word, told, ends_ms = mails.get(decision, ["", "", "", ends_at(touch, rules)])
    if not known and is_course(course) and all(course != mails[each][0] for each in _others(mails, decision)):
        known = course
    mails[decision] = [known, word, told, ends_ms]
    for each, url in further(event).items():
        mails.setdefault(_key(decision, url), [each, "", "", ends_ms])
    said = WORD_OF.get(event["feedback"]["word"], "")
    return [signal for key in _about(mails, decision, said, event) for signal in _heard(state, key, said)]


def forget(state: State, decision: str) -> None:
    """Drop all that is kept of a decision's mail."""
    for key in (decision, *_others(state["mail"], decision)):
        state["mail"].pop(key, None)


def ended(state: State, now_ms: int) -> list[Taken | Outcome]:
    """That mails which had their time led to nothing; a state that is owned remembers that it was told."""
    told: list[Taken | Outcome] = []
    for key, row in sorted(state["mail"].items()):
        if not row[2] and row[3] <= now_ms:
            touch = state["touch"].get(key[:DECISION])
            if touch is not None and row[0] and touch[5] in REACHED:
                told += _heard(state, key, "nothing")
            else:  # nobody could have read it, or nobody says which course it was about
                del state["mail"][key]
    return told


def next_end(state: State) -> int | None:
    """When the first mail of which nothing was told yet has had its time, in milliseconds; None where there is none."""
    return min((row[3] for row in state.get("mail", {}).values() if not row[2]), default=None)


def ends_at(touch: list[Any], rules: Rules) -> int:
    """When a touch ends: no rule looks at it any more. What is heard later still counts."""
    return int(max(touch[0] + rules.memory_ms, touch[1]))


def merge_mails(mails: dict[str, list[Any]], other: dict[str, list[Any]]) -> None:
    """Add the other's mails. Law: associative, commutative, idempotent."""
    for key, row in other.items():
        mails[key] = max(row, mails.get(key, row), key=lambda each: (_rank(each[2]), _rank(each[1]), each))


def _about(mails: dict[str, list[Any]], decision: str, word: Word | str, event: CleanEvent) -> tuple[str, ...]:
    """The rows that a word is about: a refusal is of the whole mail, a click or conversion of one course.

    Of which one the clicked link says, else the course named; where neither is a further course's, the first.
    """
    others = _others(mails, decision)
    if not word or not others:
        return (decision,)
    if word == "refused":
        return (decision, *others)
    links = (_key(decision, each) for each in _cuts(event.get("url", "")))
    of_course = (each for each in others if mails[each][0] == named(event))
    return (next((each for each in links if each in mails), next(of_course, decision)),)


def _others(mails: dict[str, list[Any]], decision: str) -> tuple[str, ...]:
    """The rows of the further courses of the decision's mail."""
    return tuple(each for each in mails if each != decision and each[:DECISION] == decision)


def _rank(word: str) -> int:
    return _RANK.get(word, _UNKNOWN_RANK)


def _key(decision: str, url: str) -> str:
    return f"{decision}/{blake2b(url.encode(), digest_size=MARK_BYTES).hexdigest()}"


def _cuts(url: str) -> Iterator[str]:
    """The address, then ever less of what trackers may have put after a link."""
    yield url
    for end in reversed([match.start() for match in _CUT.finditer(url)][:MOST_CUTS]):
        yield url[:end]


def _heard(state: State, key: str, word: Word | str) -> list[Taken | Outcome]:
    course, known, told, ends_ms = state["mail"][key]
    strongest = max(word, known, key=_rank)
    is_news = bool(course) and _rank(strongest) > _rank(told)
    state["mail"][key] = [course, strongest, strongest if is_news else told, ends_ms]
    if not is_news:
        return []
    asked_ms = state["touch"][key[:DECISION]][0]
    day_ms = asked_ms - asked_ms % DAY_MS  # to the millisecond it would say which decision this was
    return [Outcome(course_id=course, word=strongest, was=told or None, occurred_ms=day_ms)]
