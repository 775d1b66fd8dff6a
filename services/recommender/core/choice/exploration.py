"""Which candidate is picked, and with what probability: the base choice, with a share of picks given to learning."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.course import Course
from schemas.program import Topic


@dataclass(frozen=True, slots=True)
class Choice:
    """The course picked; `propensity` is the probability with which this policy picks it."""

    course_id: str
    propensity: float
    is_exploration: bool


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of picks: uniform over the candidates, and the best of a neighbouring topic."""

    exploration: float
    neighbour: float


def choose(decision_id: str, ids: Sequence[str], base: str, neighbour: str | None, shares: Shares) -> Choice:
    """The pick of one decision: the same each time it is decided.

    Args:
        decision_id: what the draw is a hash of.
        ids: the candidates; `base`, the pick where nothing is tried out, is one of them.
        base: what the model or the fused rank picked.
        neighbour: the best candidate of a neighbouring topic, if there is one; else its share goes to `base`.
        shares: how often what is tried out.
    """
    odds = propensities(ids, base, neighbour, shares)
    drawn = draw(decision_id, "explore")
    picked = base
    if drawn < shares.exploration:
        picked = ids[int(draw(decision_id, "which") * len(ids))]
    elif neighbour is not None and drawn < shares.exploration + shares.neighbour:
        picked = neighbour
    return Choice(picked, odds[picked], is_exploration=picked != base)


def propensities(ids: Sequence[str], base: str, neighbour: str | None, shares: Shares) -> dict[str, float]:
    """ε/n for each, plus the neighbour's share, plus all the rest for the base choice. Law: they sum to 1."""
    aside = 0.0 if neighbour is None else shares.neighbour
    odds = dict.fromkeys(ids, shares.exploration / len(ids))
    odds[base] += 1 - shares.exploration - aside
    if neighbour is not None:
        odds[neighbour] += aside
    return odds


def neighbour_of(
    ids: Sequence[str], courses: Mapping[str, Course], own: Sequence[str], topics: Mapping[str, Topic]
) -> str | None:
    """The first candidate that is of a topic beside the person's own, and of none of these."""
    beside = {each for name in own if name in topics for each in topics[name].neighbours} - set(own)
    return next(
        (
            each
            for each in ids
            if beside.intersection(courses[each].topics) and not set(own) & set(courses[each].topics)
        ),
        None,
    )


def draw(decision_id: str, use: str) -> float:
    """A number in [0, 1) from the decision's hash, one for each use."""
    digest = hashlib.sha256(f"{decision_id}:{use}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
