"""What there is to recommend: all courses, which of them a person may get, and what everybody's behaviour says."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from schemas.course import Course, Level
from services.recommender.core.course_statistics import CourseStatistics
from services.recommender.core.retrieval.series import Series
from services.recommender.core.values import LEVELS, Filter
from services.recommender.core.weights import LEVEL_FIT, OTHER_LANGUAGE_FIT

Fit: TypeAlias = Callable[[str], float]
"""Course id → how its level and language suit a person, in (0, 1]; 0 where they may not get it."""
STEP: Mapping[Level, int] = {level: step for step, level in enumerate(LEVELS)}


@dataclass(frozen=True, slots=True)
class Market:
    """The courses before one person. `taken` are theirs: what a later part of a series may build on."""

    courses: Mapping[str, Course]
    where: Filter
    statistics: CourseStatistics
    series: Series = field(default_factory=Series)
    taken: Collection[str] = field(default=())

    def admits(self, course_id: str) -> bool:
        """True for a course that may be recommended here: the last word on it."""
        course = self.courses.get(course_id)
        return (
            course is not None
            and course.status == "open"
            and course.language in self.where.languages
            and course_id not in self.where.without
            and not self.series.is_too_early(course, self.taken)
        )

    def fit(self, level: Level | None, language: str) -> Fit:
        """How a course suits: by its level and language, in (0, 1]; 0 where it may not be recommended here.

        A level unknown suits all.
        """
        known: dict[str, float] = {}

        def suits(course_id: str) -> float:
            found = known.get(course_id)
            if found is None:
                found = known[course_id] = self._fit(course_id, level, language) if self.admits(course_id) else 0.0
            return found

        return suits

    def _fit(self, course_id: str, level: Level | None, language: str) -> float:
        course = self.courses[course_id]
        by_level = 1.0 if level is None else LEVEL_FIT[abs(STEP[course.level] - STEP[level])]
        return by_level if course.language == language else by_level * OTHER_LANGUAGE_FIT
