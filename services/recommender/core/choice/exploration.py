"""Which of the fitting courses goes: the first, or now and then another of them, to learn about it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.course import Course
from schemas.program import Topic
from services.recommender.core.values import Picks


@dataclass(frozen=True, slots=True)
class Tries:
    """How often another that fits is tried out, and the decision that the draw is a hash of."""

    decision_id: str
    share: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The course picked; `propensity` is the probability with which this policy picks it."""

    course_id: str
    propensity: float
    is_exploration: bool


def choice_of(
    picks: Picks, courses: Mapping[str, Course], own: Sequence[str], topics: Mapping[str, Topic], tries: Tries
) -> Choice:
    """The first that fits, unless this decision is one that tries another that fits as well.

    Args:
        picks: what fits, the best first.
        courses: each of them in full.
        own: the topics of the person's interests.
        topics: the program's, with their neighbours.
        tries: how often, of which decision.
    """
    base, *others = picks.fitting
    as_good = [each for each in others if picks.fits[each] == "yes" or picks.fits[base] == "partly"]
    return choose(tries.decision_id, base, to_try(as_good, courses, own, topics), tries.share)


def choose(decision_id: str, base: str, other: str | None, share: float) -> Choice:
    """The pick of one decision: the same each time it is decided.

    Args:
        decision_id: what the draw is a hash of.
        base: the pick where nothing is tried out.
        other: the course to try out, if there is one; else the share goes to `base`.
        share: how often, of decisions, from 0 to 1.
    """
    odds = propensities(base, other, share)
    picked = other if other is not None and draw(decision_id, "explore") < share else base
    return Choice(picked, odds[picked], is_exploration=picked != base)


def propensities(base: str, other: str | None, share: float) -> dict[str, float]:
    """The share for the course tried out, all the rest for the base choice. Law: they sum to 1."""
    return {base: 1.0} if other is None else {base: 1 - share, other: share}


def to_try(
    others: Sequence[str], courses: Mapping[str, Course], own: Sequence[str], topics: Mapping[str, Topic]
) -> str | None:
    """The one of these to try out: of topics new to the person first, of these one beside their own; then as they come.

    Args:
        others: ids, the best first.
        courses: each of them in full.
        own: the topics of the person's interests.
        topics: the program's, with their neighbours.
    """
    mine = set(own)
    beside = {each for name in own if name in topics for each in topics[name].neighbours}

    def strangeness(course_id: str) -> tuple[bool, bool]:
        of = set(courses[course_id].topics)
        return not of & mine, bool(of & beside)

    return max(others, key=strangeness, default=None)  # of equals the first


def draw(decision_id: str, use: str) -> float:
    """A number in [0, 1) from the decision's hash, one for each use."""
    digest = hashlib.sha256(f"{decision_id}:{use}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
