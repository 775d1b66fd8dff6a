"""Courses that courses.signals was told this person took: each once, in whatever order they come."""

from typing import ClassVar, Self

from schemas.standing import EARLIER_KEPT, Taken
from services.profile.core.caps import keep_newest, newest_first
from services.profile.core.facet import Arrival, Change, Effect, Facet
from services.profile.core.feedback import is_course
from services.profile.core.times import keep_first

MAX_TOOK = 200  # courses told of: beyond, the oldest may be told again


class Attribution(Facet):
    """When each course was first taken, in milliseconds."""

    TIMES: ClassVar[frozenset[str]] = frozenset({"took"})

    took: dict[str, int] = {}

    def apply(self, change: Change) -> Effect | None:
        """Tell of a course that is new. Law: repeats, links and late events tell nothing twice below the cap."""
        course, time_ms = change.course, change.time_ms
        if course is None or not is_course(course):
            return None
        effect = None if course in self.took else Effect(told=[_taken(self.took, course, time_ms)])
        keep_first(self.took, course, time_ms)
        keep_newest(self.took, MAX_TOOK)
        return effect

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Keep the first time of each. Law: idempotent too."""
        del arrival
        for course, time_ms in other.took.items():
            keep_first(self.took, course, time_ms)
        keep_newest(self.took, MAX_TOOK)

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest."""
        del newest_ms, half_life_ms
        keep_newest(self.took, MAX_TOOK // share)


def _taken(took: dict[str, int], course: str, time_ms: int) -> Taken:
    newest = newest_first(took)
    later = [each for each in newest if took[each] > time_ms]
    return Taken(
        course_id=course,
        earlier=tuple(each for each in newest if took[each] <= time_ms)[:EARLIER_KEPT],
        later=tuple(later[-EARLIER_KEPT:]),
        occurred_ms=time_ms,
    )
