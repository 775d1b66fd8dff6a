"""Courses: those taken, those completed, those that a mail recommended; each with a time."""

from typing import Any, ClassVar, Self

from schemas.recommendation import TakenCourse
from services.profile.core.caps import keep_newest, newest_first
from services.profile.core.facet import Arrival, Change, Facet, Look
from services.profile.core.feedback import STRENGTH, further, is_heard, named
from services.profile.core.text import clipped
from services.profile.core.times import at, keep_first, keep_last

MAX_TAKEN = 30
MAX_COMPLETED = 100
MAX_RECOMMENDED = 60
MAX_COURSE = 100  # characters
MOST_SHOWN = 60


class History(Facet):
    """When each course was first taken, first completed, last recommended, in milliseconds."""

    TIMES: ClassVar[frozenset[str]] = frozenset({"taken", "completed", "recommended"})

    taken: dict[str, int] = {}
    completed: dict[str, int] = {}
    recommended: dict[str, int] = {}

    def apply(self, change: Change) -> None:
        """Note a course that the person took, and those that a mail which went out recommended."""
        if change.course is not None and change.meaning is not None:
            keep_first(self.taken, change.course, change.time_ms)
            keep_newest(self.taken, MAX_TAKEN)
            if change.meaning.is_completed:
                keep_first(self.completed, change.course, change.time_ms)
                keep_newest(self.completed, MAX_COMPLETED)
        elif is_heard(event := change.event) and STRENGTH.get(event["feedback"]["word"], -1) >= STRENGTH["sent"]:
            for course in filter(None, (named(event), *further(event))):
                keep_last(self.recommended, clipped(course, MAX_COURSE), change.time_ms)
                keep_newest(self.recommended, MAX_RECOMMENDED)

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Keep the first time of what was done, the last of what was recommended."""
        del arrival
        for course, time_ms in other.taken.items():
            keep_first(self.taken, course, time_ms)
        for course, time_ms in other.completed.items():
            keep_first(self.completed, course, time_ms)
        for course, time_ms in other.recommended.items():
            keep_last(self.recommended, course, time_ms)
        self._keep(1)

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest."""
        del newest_ms, half_life_ms
        self._keep(share)

    def show(self, look: Look) -> dict[str, Any]:
        """The newest of each."""
        most = MOST_SHOWN // look.share
        return {
            "history": tuple(
                TakenCourse(course_id=course, taken_at=at(self.taken[course]))
                for course in newest_first(self.taken)[:most]
            ),
            "completed": tuple(newest_first(self.completed)[:most]),
            "recommended": tuple(newest_first(self.recommended)[:most]),
        }

    def _keep(self, share: int) -> None:
        keep_newest(self.taken, MAX_TAKEN // share)
        keep_newest(self.completed, MAX_COMPLETED // share)
        keep_newest(self.recommended, MAX_RECOMMENDED // share)
