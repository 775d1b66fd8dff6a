"""All steps in order of time through the product's fold; each query sees what was known at its instant, no more."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bench.recommendation.dataset import Data, Step
from schemas.standing import EARLIER_KEPT, Taken
from services.recommender.core.course_statistics import CourseStatistics, Leaders, leaders
from services.recommender.core.statistics_fold import State, fold
from services.recommender.core.weights import TOPIC_LAST

Kind: TypeAlias = Literal["all", "thin", "nobody", "cold"]
THIN_TARGETS = 3


@dataclass(frozen=True, slots=True)
class Query:
    """What is to be foretold for a learner, and what is known then.

    `all` is after her last known step, `thin` after her first, `nobody` before it; `cold` is as `all`, where what is
    to be foretold are courses that nobody is known to have taken. `history` is newest first; `statistics` are live: ask
    it before the replay goes on.
    """

    kind: Kind
    learner: str
    history: tuple[str, ...]
    targets: tuple[str, ...]
    statistics: CourseStatistics
    now_ms: int


def queries(data: Data, learners: frozenset[str] | None = None) -> Iterator[Query]:
    """Every query of the protocol, of these learners; None: of all."""
    steps_of, known = _by_learner(data.steps)
    replay = Replay(data)
    for step in data.steps:
        history = replay.take(step)
        if learners is not None and step.learner not in learners:
            continue
        mine = [each.course_id for each in steps_of[step.learner]]
        done = len(history)
        if done == 1:
            targets = tuple(mine[1 : 1 + THIN_TARGETS])
            yield Query("thin", step.learner, history, targets, replay.read(history), step.at_ms)
        if done == known[step.learner] and len(mine) > done:
            yield Query("all", step.learner, history, tuple(mine[done:]), replay.read(history), step.at_ms)


def cold_queries(data: Data, learners: frozenset[str] | None = None) -> Iterator[Query]:
    """The queries of `all` where a tenth of the courses is stripped of every step: those alone are to be foretold."""
    stripped = frozenset(each for each in data.courses if is_stripped(each))
    steps_of, _ = _by_learner(data.steps)
    kept = [each for each in data.steps if each.course_id not in stripped]
    known = Counter(each.learner for each in kept if not each.is_future)
    replay = Replay(data)
    for step in kept:
        history = replay.take(step)
        if len(history) != known[step.learner] or (learners is not None and step.learner not in learners):
            continue
        future = (each.course_id for each in steps_of[step.learner] if each.is_future)
        if targets := tuple(each for each in future if each in stripped):
            yield Query("cold", step.learner, history, targets, replay.read(history), step.at_ms)


def first_steps(data: Data, learners: frozenset[str] | None = None) -> Iterator[Query]:
    """Before a learner's first step: nothing is known of her."""
    steps_of, _ = _by_learner(data.steps)
    replay = Replay(data)
    for step in data.steps:
        mine = steps_of[step.learner]
        if mine[0] is step and (learners is None or step.learner in learners):
            targets = tuple(each.course_id for each in mine[:THIN_TARGETS])
            yield Query("nobody", step.learner, (), targets, replay.read(()), step.at_ms)
        replay.take(step)


class Replay:
    """The fold over steps, and each learner's history so far."""

    def __init__(self, data: Data) -> None:
        self._topics = {each.id: each.topics for each in data.courses.values()}
        self._histories: dict[str, tuple[str, ...]] = {}
        self._state = State()
        self._leaders: dict[str, Leaders] = {}
        self._statistics = CourseStatistics(self._state.courses, self._leaders)

    def take(self, step: Step) -> tuple[str, ...]:
        """Fold one step; gives the learner's history with it, newest first."""
        before = self._histories.get(step.learner, ())
        taken = Taken(course_id=step.course_id, earlier=before[:EARLIER_KEPT], occurred_ms=step.at_ms)
        fold(self._state, taken, self._topics)
        self._statistics.note((step.course_id,))
        self._histories[step.learner] = (step.course_id, *before)
        return self._histories[step.learner]

    def read(self, history: Sequence[str]) -> CourseStatistics:
        """The statistics of now. Their topics are brought up to date where this history will ask, as rows do it."""
        for topic in {each for course in history[:TOPIC_LAST] for each in self._topics[course]}:
            if topic in self._state.topics:
                self._leaders[topic] = leaders(self._state.topics[topic])
        return self._statistics


def is_stripped(course_id: str) -> bool:
    """True for a tenth of all courses, the same each time."""
    return int.from_bytes(hashlib.sha256(course_id.encode()).digest()[:4]) % 10 == 0


def half(learner: str) -> Literal["a", "b"]:
    """Weights are chosen on half a and reported on half b; the data's own split is by the hash's last bit."""
    return "b" if hashlib.sha256(learner.encode()).digest()[-1] >> 1 & 1 else "a"


def share_of(learners: Sequence[str], part: int, of: int) -> frozenset[str]:
    """One part in so many of the learners, by hash."""
    return frozenset(each for each in learners if hashlib.sha256(each.encode()).digest()[0] % of == part)


def _by_learner(steps: Sequence[Step]) -> tuple[dict[str, list[Step]], Counter[str]]:
    """Each learner's steps in order, and how many of them are known."""
    of: dict[str, list[Step]] = {}
    for each in steps:
        of.setdefault(each.learner, []).append(each)
    return of, Counter(each.learner for each in steps if not each.is_future)
