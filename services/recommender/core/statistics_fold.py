"""What everybody's behaviour says of courses and topics, folded signal by signal in the order of the log.

The state is mutable for speed: one person's signal touches every course she took before. What a topic leads to hangs
on the catalogue as it is when the signal comes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from schemas.standing import (
    FOLLOWING_PUBLISHED,
    PART_ENTRIES,
    PARTNERS_PUBLISHED,
    CourseRow,
    CourseSignal,
    FollowingRow,
    Outcome,
    PartnersRow,
    Row,
    StandingRow,
    Taken,
    TopicRow,
    Unread,
)

DAY_MS = 86_400_000
POPULARITY_HALF_LIFE_MS = 30 * DAY_MS  # the best of a grid over 80,500 real course events
OUTCOME_HALF_LIFE_MS = 90 * DAY_MS  # mails are few: a quarter is what a course has to show what it leads to
LAST_WEIGHTS = (1.0, 0.7, 0.49, 0.343)  # .7^r of the last four courses, newest first; same events as above
LED_TO: Mapping[str, tuple[float, float]] = {
    "nothing": (0.0, 1.0),
    "clicked": (1.0, 0.0),
    "converted": (1.0, 0.0),
    "refused": (0.0, 1.0),
}
"""One mail is one trial, good or bad: its whole is 1 whatever the word."""

N = TypeVar("N", int, float)


@dataclass(slots=True)
class CourseTally:
    """One course: what `CourseRow` publishes, with all of its partners."""

    events: int = 0
    popularity: float = 0.0
    at_ms: int = 0
    partners: dict[str, int] = field(default_factory=dict)
    good: float = 0.0
    bad: float = 0.0
    outcome_ms: int = 0


@dataclass(slots=True)
class TopicTally:
    """One topic: what people with it took next, all of it."""

    total: float = 0.0
    following: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """Every course and topic of which anything is known."""

    courses: dict[str, CourseTally] = field(default_factory=dict)
    topics: dict[str, TopicTally] = field(default_factory=dict)

    def course(self, course_id: str) -> CourseTally:
        """The course's tally, made where it is new."""
        found = self.courses.get(course_id)
        if found is None:
            found = self.courses[course_id] = CourseTally()
        return found

    def topic(self, topic: str) -> TopicTally:
        """The topic's tally, made where it is new."""
        found = self.topics.get(topic)
        if found is None:
            found = self.topics[topic] = TopicTally()
        return found

    @property
    def keys(self) -> set[str]:
        """The keys of everything there is."""
        return {f"course:{each}" for each in self.courses} | {f"topic:{each}" for each in self.topics}


def fold(state: State, signal: CourseSignal, courses_topics: Mapping[str, Sequence[str]]) -> set[str]:
    """Fold one signal into the state; gives the keys of the rows it touched.

    Laws: the same log gives the same state to the last bit; partners and numbers of events hang on no order.
    """
    if isinstance(signal, Taken):
        return _taken(state, signal, courses_topics)
    if isinstance(signal, Unread) or signal.word not in LED_TO:  # a later version's: nothing here counts it
        return set()
    _answered(state.course(signal.course_id), signal)
    return {f"course:{signal.course_id}"}


def rows(state: State, keys: Collection[str]) -> Iterator[Row]:
    """The rows to publish of the touched keys, in order of the keys. Law: `restore` of every row gives the state."""
    for key in sorted(keys):
        kind, _, name = key.partition(":")
        if kind == "course":
            yield from _course_rows(name, state.courses[name])
        else:
            yield from _topic_rows(name, state.topics[name])


def restore(rows: Iterable[StandingRow]) -> State:
    """The state that the latest row of each key holds, in any order of the rows."""
    state = State()
    for row in rows:
        match row:
            case CourseRow():
                course = state.course(row.course_id)
                course.events, course.popularity, course.at_ms = row.events, row.popularity, row.at_ms
                course.good, course.bad, course.outcome_ms = row.good, row.bad, row.outcome_ms
                course.partners.update(row.partners)
            case PartnersRow():
                state.course(row.course_id).partners.update(row.partners)
            case TopicRow():
                topic = state.topic(row.topic)
                topic.total = row.total
                topic.following.update(row.following)
            case FollowingRow():
                state.topic(row.topic).following.update(row.following)
            case _:  # a later version's: it stays on the topic, for whoever knows it
                pass
    return state


def _taken(state: State, signal: Taken, courses_topics: Mapping[str, Sequence[str]]) -> set[str]:
    course_id, time_ms = signal.course_id, signal.occurred_ms
    course = state.course(course_id)
    course.events += 1
    if time_ms >= course.at_ms:
        course.popularity = course.popularity * _share(time_ms - course.at_ms, POPULARITY_HALF_LIFE_MS) + 1.0
        course.at_ms = time_ms
    else:
        course.popularity += _share(course.at_ms - time_ms, POPULARITY_HALF_LIFE_MS)
    touched = {f"course:{course_id}"}
    own, courses = course.partners, state.courses
    for other in (*signal.earlier, *signal.later) if signal.later else signal.earlier:
        if other == course_id:
            continue
        own[other] = own.get(other, 0) + 1
        tally = courses.get(other)
        if tally is None:
            tally = courses[other] = CourseTally()
        theirs = tally.partners
        theirs[course_id] = theirs.get(course_id, 0) + 1
        touched.add("course:" + other)
    for other, weight in zip(signal.earlier, LAST_WEIGHTS, strict=False):
        for name in courses_topics.get(other, ()):
            topic = state.topic(name)
            topic.total += weight
            topic.following[course_id] = topic.following.get(course_id, 0.0) + weight
            touched.add("topic:" + name)
    return touched


def _answered(course: CourseTally, signal: Outcome) -> None:
    good, bad = LED_TO[signal.word]
    if signal.was is not None:
        was = LED_TO.get(signal.was, (0.0, 0.0))
        good, bad = good - was[0], bad - was[1]
    late_ms = course.outcome_ms - signal.occurred_ms
    old, new = (_share(-late_ms, OUTCOME_HALF_LIFE_MS), 1.0) if late_ms <= 0 else (
        1.0, _share(late_ms, OUTCOME_HALF_LIFE_MS)
    )  # fmt: skip
    course.good = max(0.0, course.good * old + good * new)  # what is taken back may miss nought by a rounding
    course.bad = max(0.0, course.bad * old + bad * new)
    course.outcome_ms = max(course.outcome_ms, signal.occurred_ms)


def _share(age_ms: int, half_life_ms: int) -> float:
    return float(2.0 ** (-age_ms / half_life_ms))


def _course_rows(course_id: str, tally: CourseTally) -> Iterator[Row]:
    best, parts = _parted(tally.partners, PARTNERS_PUBLISHED)
    yield CourseRow(
        course_id=course_id, events=tally.events, popularity=tally.popularity, at_ms=tally.at_ms, partners=best,
        good=tally.good, bad=tally.bad, outcome_ms=tally.outcome_ms,
    )  # fmt: skip
    for number, part in enumerate(parts):
        yield PartnersRow(course_id=course_id, part=number, partners=part)


def _topic_rows(topic: str, tally: TopicTally) -> Iterator[Row]:
    best, parts = _parted(tally.following, FOLLOWING_PUBLISHED)
    yield TopicRow(topic=topic, total=tally.total, following=best)
    for number, part in enumerate(parts):
        yield FollowingRow(topic=topic, part=number, following=part)


def _parted(counts: dict[str, N], most: int) -> tuple[dict[str, N], list[dict[str, N]]]:
    """The greatest counts, ties by id, and the rest in parts by id. A count never falls, so no part ever ends."""
    if len(counts) <= most:
        return counts, []
    least = sorted(counts.values(), reverse=True)[most - 1]
    best = {each: count for each, count in counts.items() if count > least}
    level = sorted(each for each, count in counts.items() if count == least)
    best |= {each: counts[each] for each in level[: most - len(best)]}
    rest = sorted(counts.keys() - best.keys())
    starts = range(0, len(rest), PART_ENTRIES)
    return best, [{each: counts[each] for each in rest[start : start + PART_ENTRIES]} for start in starts]
