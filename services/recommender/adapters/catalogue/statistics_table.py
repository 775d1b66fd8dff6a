"""catalog.standing whole in memory: fed row by row, asked per decision. What only the fold needs is left out."""

from schemas.topics import CATALOG_STANDING
from services.recommender.core.course_statistics import CourseStatistics, StatisticsView
from services.recommender.metrics import STANDING_COURSES
from services.runtime.outcome import Message

TOPICS = (CATALOG_STANDING,)


class StatisticsTable:
    """The latest row of each course and topic; empty is a table too."""

    def __init__(self) -> None:
        self._view = StatisticsView()

    @property
    def current(self) -> CourseStatistics:
        """What the rows so far say; they follow what is applied."""
        return self._view.statistics

    def apply(self, message: Message) -> None:
        """Take one record; a tombstone takes the row away."""
        if message.event is not None:
            self._view.put(message.event)
        else:
            kind, _, name = (message.key or b"").decode("utf-8", "replace").partition(":")
            if kind == "course":
                self._view.drop_course(name)
            elif kind == "topic":
                self._view.drop_topic(name)
        STANDING_COURSES.set(self._view.courses)
