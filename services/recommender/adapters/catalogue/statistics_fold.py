"""The fold of courses.signals into catalog.standing as the runtime runs it; one recommender of all owns it."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from schemas.standing import CourseSignal, Row, StandingRow
from services.recommender.core.statistics_fold import State, fold, restore, rows


class StatisticsFold:
    """The state in memory; a course's topics are those the catalogue gives it when the signal comes."""

    def __init__(self, courses_topics: Mapping[str, Sequence[str]]) -> None:
        self._topics = courses_topics
        self._state = State()

    def restore(self, rows: Iterable[StandingRow]) -> None:
        """Hold the state of these rows."""
        self._state = restore(rows)

    def fold(self, event: CourseSignal) -> Collection[str]:
        """Fold one signal; the keys it touched."""
        return fold(self._state, event, self._topics)

    def rows(self, keys: Collection[str]) -> Iterable[Row]:
        """The rows of these keys as they are now."""
        return rows(self._state, keys)
