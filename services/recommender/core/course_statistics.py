"""What everybody's behaviour says of a course: popularity, partners, topics, outcomes. Read by every ranking.

A course that is absent has none of it. The maps may be those of a view that is fed, or the fold's own state: nothing
is copied. Whoever changes a course's popularity says so by `note`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log2
from types import MappingProxyType
from typing import Protocol, assert_never

from schemas.standing import CourseRow, FollowingRow, PartnersRow, StandingRow, TopicRow, Unread
from services.recommender.core.weights import (
    CHANCE_FLOOR,
    CHANCE_POWER,
    FAVOUR_FLOOR,
    FAVOUR_POWER,
    FOLLOWERS_READ,
    OUTCOME_HALF_LIFE_DAYS,
    POPULARITY_FLOOR,
    POPULARITY_HALF_LIFE_DAYS,
    POPULARITY_PRIOR,
    WELCOME_SHARE,
)

DAY_MS = 86_400_000
NO_PARTNERS: Mapping[str, int] = MappingProxyType({})
NOTHING_NEXT: tuple[float, Mapping[str, float]] = (0.0, MappingProxyType({}))


class OfCourse(Protocol):
    """What is known of a course: a published row, or the fold's value of it; the fields are `CourseRow`'s."""

    @property
    def events(self) -> int:
        """Times it was taken."""
        ...

    @property
    def popularity(self) -> float:
        """Times it was taken, decayed to `at_ms`."""
        ...

    @property
    def at_ms(self) -> int:
        """The instant of `popularity`."""
        ...

    @property
    def partners(self) -> Mapping[str, int]:
        """How often this and another were taken by one person."""
        ...

    @property
    def good(self) -> float:
        """Mails that led to something, discounted to `outcome_ms`."""
        ...

    @property
    def bad(self) -> float:
        """Mails that did not, discounted to `outcome_ms`."""
        ...

    @property
    def outcome_ms(self) -> int:
        """The instant of `good` and `bad`."""
        ...


class OfTopic(Protocol):
    """What people with a topic took next; the fields are `TopicRow`'s."""

    @property
    def total(self) -> float:
        """The sum of `following`."""
        ...

    @property
    def following(self) -> Mapping[str, float]:
        """Weight by course."""
        ...


@dataclass(frozen=True, slots=True)
class Leaders:
    """A topic by the courses most took next: what its list reads."""

    total: float
    following: Mapping[str, float]


def leaders(topic: OfTopic) -> Leaders:
    """The topic's total, and the greatest of its weights: those that could not rank are left out once, not per read."""
    weights = topic.following
    if len(weights) <= FOLLOWERS_READ:
        return Leaders(topic.total, weights)
    best = sorted((-weight, each) for each, weight in weights.items())[:FOLLOWERS_READ]
    return Leaders(topic.total, {each: -weight for weight, each in best})


class CourseStatistics:
    """One view of all courses and topics.

    Law: popularity is one decay for all, which keeps every ratio; so neither a factor nor an order of courses depends
    on when it is asked, and none is computed before it is.
    """

    __slots__ = (
        "_base",
        "_courses",
        "_factors",
        "_favours",
        "_greatest",
        "_levels",
        "_newest",
        "_starts",
        "_sum",
        "_topics",
        "_trust",
    )

    def __init__(
        self, courses: Mapping[str, OfCourse] | None = None, topics: Mapping[str, OfTopic] | None = None
    ) -> None:
        self._courses: Mapping[str, OfCourse] = {} if courses is None else courses
        self._topics: Mapping[str, OfTopic] = {} if topics is None else topics
        self._levels: dict[str, float] = {}
        self._greatest: float | None = None
        self._base: float | None = None  # the instant that the sum is counted at: of the first event, in half-lives
        self._sum = 0.0  # of all popularities, each brought to the base
        self._trust: float | None = None  # as long as nothing moves it
        self._newest = 0.0  # the instant of the newest event, in half-lives
        # What was asked of a course, as long as nothing moves it; it all begins anew with each change.
        self._factors: dict[str, float] = {}
        self._favours: dict[str, float] = {}
        self._starts: dict[tuple[str, float], tuple[float, int]] = {}
        self.note(self._courses)

    def note(self, course_ids: Iterable[str]) -> None:
        """Take notice that these courses changed, came or went."""
        for kept in (self._factors, self._favours, self._starts):
            kept.clear()
        for each in course_ids:
            known = self._courses.get(each)
            if known is None or known.popularity <= 0:
                fell = self._levels.pop(each, None)
                self._count(fell, None)
            else:
                at = known.at_ms / (DAY_MS * POPULARITY_HALF_LIFE_DAYS)
                level = log2(known.popularity) + at
                fell, self._levels[each] = self._levels.get(each), level
                self._newest = max(self._newest, at)
                self._base = at if self._base is None else self._base
                self._count(fell, level)
                if self._greatest is None or level >= self._greatest:
                    self._greatest = level
                    continue
            if fell is not None and fell == self._greatest:
                self._greatest = max(self._levels.values(), default=None)

    def factor(self, course_id: str) -> float:
        """What nearness is multiplied by: √(popularity / greatest + .05), as far as it is to be trusted."""
        known = self._factors.get(course_id)
        return self._powered(course_id, self._factors, POPULARITY_FLOOR, 0.5) if known is None else known

    def favour(self, course_id: str) -> float:
        """What a score is weighed by: (popularity / greatest + .2)^.2, as far as it is to be trusted."""
        known = self._favours.get(course_id)
        return self._powered(course_id, self._favours, FAVOUR_FLOOR, FAVOUR_POWER) if known is None else known

    @property
    def trust(self) -> float:
        """How far popularity is to be trusted, 0 to 1: G / (G + 20), G the decayed events of all courses.

        What everybody likes is raised to this power: one enrolment in the whole system would else move its course to
        the top of everybody's list. G is as it was at the newest event, so that it does not hang on when it is asked.
        """
        if self._trust is None:
            events = 0.0 if self._base is None else max(self._sum, 0.0) * 2.0 ** (self._base - self._newest)
            self._trust = float(events / (events + POPULARITY_PRIOR))
        return self._trust

    def chance(self, course_id: str, rarity: float, welcome: float = WELCOME_SHARE) -> float:
        """What the odds of a course start from: ((share + .03)^.7 / (1 + events)^rarity)^trust.

        Of two that are as popular now, the one that was taken less before is rising. A course that nobody took yet is
        welcomed: it is given the share `welcome`, of one that is taken now and then.
        """
        if self._greatest is None:
            return 1.0
        known = self._starts.get((course_id, welcome))
        if known is None:
            events = self.events(course_id)
            share = self.share(course_id) if events else welcome
            known = float((share + CHANCE_FLOOR) ** (CHANCE_POWER * self.trust)), 1 + events
            self._starts[course_id, welcome] = known
        popular, taken = known
        return float(popular / taken ** (rarity * self.trust))

    def share(self, course_id: str) -> float:
        """Its popularity as a share of the most popular course's, 0 to 1."""
        level = self._levels.get(course_id)
        return 0.0 if level is None or self._greatest is None else float(2.0 ** (level - self._greatest))

    def _count(self, was: float | None, now: float | None) -> None:
        """Count one course's level of now instead of that of before in the sum of all."""
        if self._base is None:
            return
        self._trust = None
        for sign, level in ((-1, was), (1, now)):
            if level is not None:
                self._sum += sign * 2.0 ** (level - self._base)

    def _powered(self, course_id: str, kept: dict[str, float], floor: float, power: float) -> float:
        """(share + floor)^(power · trust), kept; 1 where nobody took anything."""
        if self._greatest is None:
            return 1.0
        made = kept[course_id] = float((self.share(course_id) + floor) ** (power * self.trust))
        return made

    def popularity(self, course_id: str, now_ms: int) -> float:
        """Times it was taken, each halved every 30 days up to `now_ms`."""
        level = self._levels.get(course_id)
        return 0.0 if level is None else float(2.0 ** (level - now_ms / (DAY_MS * POPULARITY_HALF_LIFE_DAYS)))

    def events(self, course_id: str) -> int:
        """How often it was taken in all."""
        known = self._courses.get(course_id)
        return 0 if known is None else known.events

    def together(self, course_id: str) -> Mapping[str, int]:
        """Its partners with how often both were taken by one person."""
        known = self._courses.get(course_id)
        return NO_PARTNERS if known is None else known.partners

    def after(self, topic: str) -> tuple[float, Mapping[str, float]]:
        """What people with this topic took next: the total of all weights, and the weight by course."""
        known = self._topics.get(topic)
        return NOTHING_NEXT if known is None else (known.total, known.following)

    def outcomes(self, course_id: str, now_ms: int) -> tuple[float, float]:
        """Mails of it that led to something and that did not, each halved every 90 days up to `now_ms`."""
        known = self._courses.get(course_id)
        if known is None:
            return 0.0, 0.0
        kept = 2.0 ** (-max(now_ms - known.outcome_ms, 0) / (DAY_MS * OUTCOME_HALF_LIFE_DAYS))
        return known.good * kept, known.bad * kept


class StatisticsView:
    """Course statistics that published rows are put into, one by one."""

    __slots__ = ("_courses", "_topics", "statistics")

    def __init__(self) -> None:
        self._courses: dict[str, CourseRow] = {}
        self._topics: dict[str, Leaders] = {}
        self.statistics = CourseStatistics(self._courses, self._topics)

    @property
    def courses(self) -> int:
        """How many courses have a row."""
        return len(self._courses)

    def put(self, row: StandingRow) -> None:
        """Take a row in place of the one before. What goes beyond the published counts is the fold's alone."""
        match row:
            case CourseRow():
                self._courses[row.course_id] = row
                self.statistics.note((row.course_id,))
            case TopicRow():
                self._topics[row.topic] = leaders(row)
            case PartnersRow() | FollowingRow() | Unread():
                pass
            case never:
                assert_never(never)

    def drop_course(self, course_id: str) -> None:
        """Forget a course whose row was taken back."""
        self._courses.pop(course_id, None)
        self.statistics.note((course_id,))

    def drop_topic(self, topic: str) -> None:
        """Forget a topic whose row was taken back."""
        self._topics.pop(topic, None)


NEUTRAL = CourseStatistics()
