"""What courses.signals is told: a course taken, once per person and course; what became of a mail, once per word.

Nothing that names a person leaves here. Law: repeats, links and late events tell nothing twice below the caps.
"""

import re
from typing import Any

from schemas.clean import FeedbackFact
from schemas.course import SLUG_PATTERN
from schemas.standing import EARLIER_KEPT, Outcome, Taken, Word
from services.profile.core.rules import Rules
from services.profile.core.state import MAX_TOOK, State, keep_newest

WORD_OF: dict[str, Word] = {
    "clicked": "clicked", "unsubscribed": "refused", "complained": "refused", "converted": "converted",
}  # fmt: skip
RANK = {"": 0, "nothing": 1, "clicked": 2, "refused": 3, "converted": 4}  # in the order of a touch's words
REACHED = frozenset({"sent", "delivered", "autoresponded", "opened", "clicked"})  # what may have been read
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
    for decision, row in list(state["mail"].items()):
        if row[0] == course and (touch := state["touch"].get(decision)) and touch[0] <= time_ms <= row[3]:
            told += _heard(state, decision, "converted")
    return told


def heard(state: State, decision: str, fact: FeedbackFact, course: str, rules: Rules) -> list[Taken | Outcome]:
    """What trusted feedback about a touch says of the course that its mail recommended."""
    touch = state["touch"][decision]
    if touch[4] != "ask":
        return []
    known, word, told, ends_ms = state["mail"].get(decision, ["", "", "", ends_at(touch, rules)])
    if not known and is_course(course):
        known = course
    state["mail"][decision] = [known, word, told, ends_ms]
    return _heard(state, decision, WORD_OF.get(fact["word"], ""))


def ended(state: State, now_ms: int) -> list[Taken | Outcome]:
    """That mails which had their time led to nothing; a state that is owned remembers that it was told."""
    told: list[Taken | Outcome] = []
    for decision, row in sorted(state["mail"].items()):
        if not row[2] and row[3] <= now_ms:
            touch = state["touch"].get(decision)
            if touch is not None and row[0] and touch[5] in REACHED:
                told += _heard(state, decision, "nothing")
            else:  # nobody could have read it, or nobody says which course it was about
                del state["mail"][decision]
    return told


def next_end(state: State) -> int | None:
    """When the first mail of which nothing was told yet has had its time, in milliseconds; None where there is none."""
    return min((row[3] for row in state.get("mail", {}).values() if not row[2]), default=None)


def ends_at(touch: list[Any], rules: Rules) -> int:
    """When a touch ends: no rule looks at it any more. What is heard later still counts."""
    return int(max(touch[0] + rules.memory_ms, touch[1]))


def merge_mails(mails: dict[str, list[Any]], other: dict[str, list[Any]]) -> None:
    """Add the other's mails. Law: associative, commutative, idempotent."""
    for decision, row in other.items():
        mails[decision] = max(row, mails.get(decision, row), key=lambda each: (RANK[each[2]], RANK[each[1]], each))


def _heard(state: State, decision: str, word: Word | str) -> list[Taken | Outcome]:
    course, known, told, ends_ms = state["mail"][decision]
    strongest = max(word, known, key=RANK.__getitem__)
    is_news = bool(course) and RANK[strongest] > RANK[told]
    state["mail"][decision] = [course, strongest, strongest if is_news else told, ends_ms]
    if not is_news:
        return []
    asked_ms = state["touch"][decision][0]
    return [Outcome(course_id=course, decision_id=decision, word=strongest, was=told or None, occurred_ms=asked_ms)]
