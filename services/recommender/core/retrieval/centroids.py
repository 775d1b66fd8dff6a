"""Mean vectors of the catalogue and of each topic, as running sums: one vector is held at a time, however many come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import add, sub

from services.recommender.core.values import Vector


@dataclass(slots=True)
class Sum:
    """The sum of some vectors of one length, and how many they are."""

    values: list[float] = field(default_factory=list)
    count: int = 0

    def add(self, vector: Vector) -> None:
        """Count one more."""
        self.values = list(map(add, self.values, vector)) if self.count else list(vector)
        self.count += 1

    def take(self, vector: Vector) -> None:
        """Count one less."""
        self.values = list(map(sub, self.values, vector))
        self.count -= 1

    @property
    def mean(self) -> Vector | None:
        """The mean, not of unit length; None where there are none."""
        return tuple(each / self.count for each in self.values) if self.count else None


@dataclass(slots=True)
class Means:
    """Which courses are counted, each under the topics it was counted under. Law: the order of steps is no matter."""

    whole: Sum = field(default_factory=Sum)
    _topics: dict[str, Sum] = field(default_factory=dict)
    _counted: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def count(self, course_id: str, vector: Vector, topics: tuple[str, ...]) -> None:
        """Count a course that is not counted yet."""
        self._counted[course_id] = topics
        self.whole.add(vector)
        for each in topics:
            self._topics.setdefault(each, Sum()).add(vector)

    def move(self, course_id: str, was: Vector | None, now: Vector | None, topics: tuple[str, ...]) -> set[str]:
        """Count a course by its vector of now instead of that of before; the topics whose means this touches.

        Args:
            course_id: the course.
            was: the vector it is counted by; None where it was not there.
            now: its vector; None where it is gone.
            topics: its topics now.
        """
        touched: set[str] = set()
        if was is not None and course_id in self._counted:
            former = self._counted.pop(course_id)
            self.whole.take(was)
            for each in former:
                self._topics[each].take(was)
            touched.update(former)
        if now is not None and course_id not in self._counted:
            self.count(course_id, now, topics)
            touched.update(topics)
        return touched

    def of_topics(self, topics: Iterable[str] | None = None) -> dict[str, Vector]:
        """The mean vector of each of these topics' courses, of all by default; one without courses has none."""
        wanted = self._topics if topics is None else topics
        means = ((each, self._topics[each].mean) for each in wanted if each in self._topics)
        return {topic: mean for topic, mean in means if mean is not None}

    def renewed(self, means: Mapping[str, Vector], touched: set[str]) -> dict[str, Vector]:
        """The means with those of the topics touched as they are now."""
        return {each: mean for each, mean in means.items() if each not in touched} | self.of_topics(sorted(touched))
